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

const variable = 'HUBSPOT_ACCESS_TOKEN'

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
  return toToken(request.env[variable], request)
}

/** The keys of backhaul.yml that lead to the token; undefined where it is taken from the environment. */
function givenPlace({ document, targetName }: Pick<TokenRequest, 'document' | 'targetName'>) {
  const places = [['targets', targetName], ['hubspot']].flatMap((path) =>
    TOKEN_KEYS.map((key) => [...path, key]),
  )
  return places.find((place) => valueAt(document.value, place) !== undefined)
}

/** Where the token comes from, to go on from "check that": a variable, or keys of backhaul.yml. Never the token. */
export function tokenPlace(request: Pick<TokenRequest, 'document' | 'targetName'>): string {
  const place = givenPlace(request)
  if (place === undefined) return variable
  const keys = `\`${place.join('.')}\` in backhaul.yml`
  if (place.at(-1) === 'token_command') return `what ${keys} prints`
  const text = JSON.stringify(valueAt(request.document.value, place))
  const names = [...text.matchAll(/env_var\(\s*\\?['"](\w+)/g)].map(([, name]) => name)
  return names.length === 0 ? keys : `${names.join(', ')} (${keys})`
}

/** Secrets that are written into backhaul.yml themselves. */
export function literalSecrets(
  request: Pick<TokenRequest, 'document' | 'targetName'>,
): readonly Problem[] {
  const place = givenPlace(request)
  if (place === undefined || place.at(-1) === 'token_command') return []
  const { document } = request
  const paths =
    place.at(-1) === 'oauth'
      ? ['client_secret', 'refresh_token'].map((key) => [...place, key])
      : [place]
  return paths
    .filter((path) => {
      const text = valueAt(document.value, path)
      return typeof text === 'string' && text !== '' && !text.includes('{{')
    })
    .map((path) => ({
      message: 'holds the secret itself: whoever reads the file can use it',
      where: document.at(path),
      key: path.join('.'),
      hint: `Put it into a variable, and write "{{ env_var('${variables[String(path.at(-1))]}') }}" here; if the file was ever shared, make a new one in HubSpot.`,
    }))
}

/** Usual names of the variables that hold what a key wants. */
const variables: Readonly<Record<string, string>> = {
  access_token: variable,
  client_secret: 'HUBSPOT_CLIENT_SECRET',
  refresh_token: 'HUBSPOT_REFRESH_TOKEN',
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
