import { UserError } from '../errors.ts'
import type { Settings } from './settings.ts'
import type { TokenSource } from './token-source.ts'

/** Runs a program without a shell and returns what it printed; rejects when it fails. */
export type RunCommand = (program: string, args: readonly string[]) => Promise<string>

/** An OAuth app, with what gets access tokens for one portal. */
export type OauthSource = Extract<TokenSource, { kind: 'oauth' }>

/**
 * The HubSpot access token, or the OAuth app that gets them. Asked for only when HubSpot is needed; whoever asks keeps it
 * out of logs.
 *
 * @throws UserError when there is none
 */
export async function accessToken(
  settings: Settings,
  runCommand: RunCommand,
): Promise<string | OauthSource> {
  const { token } = settings
  if (token.kind === 'token') return bare(token.token)
  if (token.kind === 'oauth') return token
  if (token.kind === 'missing') throw new UserError(token.problem)
  const [program = '', ...args] = token.command
  const where = settings.file === undefined ? {} : { where: { file: settings.file } }
  let printed: string
  try {
    printed = await runCommand(program, args)
  } catch (cause) {
    // What the program is called and what it wrote may hold anything: only how it failed is told.
    throw new UserError(
      {
        message: `\`token_command\` ${howItFailed(cause)}`,
        ...where,
        hint: 'Run the command by hand to see why.',
      },
      { cause },
    )
  }
  const found = printed.trim()
  if (found !== '' && !/\s/.test(found)) return bare(found)
  throw new UserError({
    message: `\`token_command\` must print the token and nothing else; it printed ${found === '' ? 'nothing' : 'several words'}`,
    ...where,
  })
}

/** Quotation marks come along from files and forms that do not take them for marks; HubSpot would only say that it knows no such token. */
function bare(token: string): string {
  if (!/^["']|["']$/.test(token)) return token
  throw new UserError({
    message: 'the HubSpot access token stands in quotation marks',
    hint: 'Take them away where it comes from, such as the secret of the CI.',
  })
}

/** As Node tells it of a child process. */
function howItFailed(cause: unknown): string {
  const { code, killed, signal } = cause as { code?: unknown; killed?: boolean; signal?: unknown }
  if (code === 'ENOENT') return 'names a program that is not there'
  if (code === 'EACCES') return 'names a file that may not be run as a program'
  if (killed === true) return 'had printed nothing when its time was over'
  if (typeof code === 'number') return `failed: its program ended with exit code ${code}`
  if (typeof signal === 'string') return `failed: its program was ended by ${signal}`
  return 'failed: its program could not be run'
}
