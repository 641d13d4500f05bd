import { valueAt } from '../config/check.ts'
import type { SettingsInput } from '../config/settings-schema.ts'
import type { Problem } from '../errors.ts'
import type { Environment } from './environment.ts'
import { TOKEN_KEYS } from './render-settings.ts'
import type { YamlDocument } from './yaml-document.ts'

/** Where the token comes from. It is asked for only when HubSpot is. */
export type TokenSource =
  | { readonly kind: 'token'; readonly token: string }
  | { readonly kind: 'command'; readonly command: readonly string[] }
  | {
      readonly kind: 'oauth'
      readonly clientId: string
      readonly clientSecret: string
      readonly refreshToken: string
    }
  | { readonly kind: 'missing'; readonly problem: Problem }

type Keys = Partial<Pick<NonNullable<SettingsInput['hubspot']>, (typeof TOKEN_KEYS)[number]>>

export interface TokenRequest {
  readonly document: YamlDocument
  readonly targetName: string
  readonly general: Keys
  readonly ofTarget: Keys
  readonly tokenProblems: readonly Problem[]
  readonly env: Environment
  readonly secrets: Set<string>
}

/** The target's own way to the token if it names one, else the general way, else `HUBSPOT_ACCESS_TOKEN`. */
export function tokenSource(request: TokenRequest, problems: Problem[]): TokenSource {
  const { document, targetName, tokenProblems } = request
  for (const [path, keys] of [
    [['targets', targetName], request.ofTarget],
    [['hubspot'], request.general],
  ] as const) {
    const given = TOKEN_KEYS.filter((key) => valueAt(document.value, [...path, key]) !== undefined)
    const [key, other] = given
    if (key === undefined) continue
    if (other !== undefined) {
      problems.push({
        message: `\`${key}\` and \`${other}\` are both given; only one of them can be the way to the token`,
        where: document.at([...path, other]),
      })
    }
    const place = [...path, key]
    const failed = tokenProblems.find((problem) => problem.key?.startsWith(place.join('.')))
    if (failed !== undefined) return { kind: 'missing', problem: failed }
    if (key === 'access_token') return toToken(keys.access_token, request)
    if (key === 'token_command')
      return toCommand(keys.token_command ?? [], place, request, problems)
    const { oauth } = keys
    if (oauth !== undefined) return toOauth(oauth, request)
  }
  return toToken(request.env['HUBSPOT_ACCESS_TOKEN'], request)
}

function toToken(token: string | undefined, { secrets }: TokenRequest): TokenSource {
  if (token) {
    secrets.add(token)
    return { kind: 'token', token }
  }
  return {
    kind: 'missing',
    problem: {
      message:
        'there is no HubSpot access token: the environment variable HUBSPOT_ACCESS_TOKEN is not set',
      hint: 'Set it (a .env file is read, too), or set `hubspot.access_token` in backhaul.yml.',
    },
  }
}

function toOauth(oauth: NonNullable<Keys['oauth']>, { secrets }: TokenRequest): TokenSource {
  const { client_id, client_secret, refresh_token } = oauth
  secrets.add(client_secret)
  secrets.add(refresh_token)
  return {
    kind: 'oauth',
    clientId: client_id,
    clientSecret: client_secret,
    refreshToken: refresh_token,
  }
}

function toCommand(
  command: string | readonly string[],
  place: readonly string[],
  { document }: TokenRequest,
  problems: Problem[],
): TokenSource {
  if (typeof command !== 'string') return { kind: 'command', command }
  if (/["'\\$`|;&<>]/.test(command)) {
    problems.push({
      message: 'is run without a shell: quotes and other signs mean nothing',
      where: document.at(place),
      key: place.join('.'),
      hint: 'Write it as a list: `token_command: [op, read, "op://team/hubspot/token"]`.',
    })
  }
  return { kind: 'command', command: command.trim().split(/\s+/) }
}
