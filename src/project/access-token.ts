import { UserError } from '../errors.ts'
import type { Settings } from './settings.ts'

/** Runs a program without a shell and returns what it printed; rejects when it fails. */
export type RunCommand = (program: string, args: readonly string[]) => Promise<string>

/**
 * The HubSpot access token. Asked for only when HubSpot is needed; whoever asks keeps it out of logs.
 *
 * @throws UserError when there is none
 */
export async function accessToken(settings: Settings, runCommand: RunCommand): Promise<string> {
  const { token } = settings
  if (token.kind === 'token') return token.token
  if (token.kind === 'missing') throw new UserError(token.problem)
  const [program = '', ...args] = token.command
  const where = settings.file === undefined ? {} : { where: { file: settings.file } }
  let printed: string
  try {
    printed = await runCommand(program, args)
  } catch (cause) {
    // What the program wrote may hold anything: only that it failed is told.
    throw new UserError(
      {
        message: `\`token_command\` failed: ${program} could not be run, or did not end well`,
        ...where,
        hint: 'Run the command by hand to see why.',
      },
      { cause },
    )
  }
  const found = printed.trim()
  if (found !== '' && !/\s/.test(found)) return found
  throw new UserError({
    message: `\`token_command\` must print the token and nothing else; ${program} printed ${found === '' ? 'nothing' : 'several words'}`,
    ...where,
  })
}
