import { readFile } from 'node:fs/promises'
import type { AuthClient, JWTInput } from 'google-auth-library'
import { UserError } from '../../errors.ts'
import { fileOf, requiredSetting, textSetting, unreadable } from '../settings.ts'
import type { Connection } from '../warehouse.ts'

/** As dbt-bigquery asks for: Drive is for tables over Google Sheets. */
const defaultScopes = [
  'https://www.googleapis.com/auth/bigquery',
  'https://www.googleapis.com/auth/cloud-platform',
  'https://www.googleapis.com/auth/drive',
]

const methods = [
  'oauth',
  'oauth-secrets',
  'service-account',
  'service-account-json',
  'external-oauth-wif',
] as const
type Method = (typeof methods)[number]

type Settings = Connection['settings']
type Library = typeof import('google-auth-library')

/** Who jobs run as, and the project that this identity has by itself. */
export interface Credentials {
  readonly client: AuthClient
  readonly project: string | undefined
}

/** The identity that dbt-bigquery's keys describe: `method`, `keyfile`, `token`, …, and whom it acts for. */
export async function readCredentials(connection: Connection): Promise<Credentials> {
  const library = await import('google-auth-library')
  const { settings } = connection
  const listed = settings['scopes']
  const scopes = Array.isArray(listed) ? listed.map(String) : defaultScopes
  const own = await identity(library, connection, scopes)
  const principal = textSetting(settings, 'impersonate_service_account')
  const client =
    principal === undefined ? own.client : impersonated(library, own.client, principal, scopes)
  const quotaProject = textSetting(settings, 'quota_project')
  if (quotaProject !== undefined) client.quotaProjectId = quotaProject
  return { client, project: own.project }
}

/** https://cloud.google.com/iam/docs/reference/credentials/rest/v1/projects.serviceAccounts/generateAccessToken */
const tokensOfOthers = 'https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts'

/** A service account that another identity acts as. The library's own class prints a warning meant for developers. */
function impersonated(
  library: Library,
  source: AuthClient,
  principal: string,
  scope: readonly string[],
): AuthClient {
  const client = new library.OAuth2Client()
  client.refreshHandler = async () => {
    const { data } = await source.request<{ accessToken: string; expireTime: string }>({
      method: 'POST',
      url: `${tokensOfOthers}/${encodeURIComponent(principal)}:generateAccessToken`,
      data: { scope, lifetime: '3600s' },
    })
    return { access_token: data.accessToken, expiry_date: Date.parse(data.expireTime) }
  }
  return client
}

async function identity(
  library: Library,
  connection: Connection,
  scopes: string[],
): Promise<Credentials> {
  const { settings } = connection
  switch (methodOf(settings)) {
    case 'oauth': {
      const auth = new library.GoogleAuth({ scopes })
      return withoutLookupWarning(async () => {
        const client = await auth.getClient()
        return { client, project: await auth.getProjectId().catch(() => undefined) }
      })
    }
    case 'service-account':
      return serviceAccount(library, await readKeyFile(connection), scopes)
    case 'service-account-json':
      return serviceAccount(library, inlineKey(settings), scopes)
    case 'oauth-secrets':
      return { client: oauthSecrets(library, settings), project: undefined }
    case 'external-oauth-wif':
      return { client: workloadIdentity(library, settings, scopes), project: undefined }
  }
}

/**
 * The library also asks a metadata server, which is there on Google's machines only, and warns of most ways in which other
 * networks answer. Where there are no credentials at all, our error says so.
 */
async function withoutLookupWarning<T>(work: () => Promise<T>): Promise<T> {
  const { emitWarning } = process
  const others = (warning: string | Error, ...rest: readonly unknown[]): void => {
    if (rest[0] !== 'MetadataLookupWarning') Reflect.apply(emitWarning, process, [warning, ...rest])
  }
  process.emitWarning = others
  try {
    return await work()
  } finally {
    process.emitWarning = emitWarning
  }
}

function methodOf(settings: Settings): Method {
  const method = textSetting(settings, 'method') ?? 'oauth'
  const known = methods.find((name) => name === method)
  if (known !== undefined) return known
  throw new UserError({
    message: `method of the profile's output is none of ${methods.join(', ')}`,
  })
}

function serviceAccount(library: Library, key: JWTInput, scopes: string[]): Credentials {
  if (key.client_email === undefined || key.private_key === undefined) {
    throw new UserError({
      message: "The key of the profile's output has no client_email or no private_key",
      hint: 'It must be the key of a service account; other kinds of login need another `method:`.',
    })
  }
  const client = new library.JWT({
    email: key.client_email,
    key: key.private_key,
    scopes,
    ...(key.private_key_id === undefined ? {} : { keyId: key.private_key_id }),
    ...(key.universe_domain === undefined ? {} : { universeDomain: key.universe_domain }),
  })
  return { client, project: key.project_id }
}

async function readKeyFile(connection: Connection): Promise<JWTInput> {
  const named = requiredSetting(connection.settings, 'keyfile')
  const path = fileOf(connection, named)
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw unreadable('keyfile', error, connection.projectDir)
  })
  return parseKey(text, 'keyfile')
}

/** `keyfile_json` as a block, as JSON text, or that in base64. */
function inlineKey(settings: Settings): JWTInput {
  const given = settings['keyfile_json']
  if (typeof given === 'object' && given !== null) return withLineBreaks(given as JWTInput)
  const text = requiredSetting(settings, 'keyfile_json').trim()
  return parseKey(
    text.startsWith('{') ? text : Buffer.from(text, 'base64').toString('utf8'),
    'keyfile_json',
  )
}

/** The parser's own words are left out: they quote what they could not read. */
function parseKey(text: string, setting: string): JWTInput {
  const key = parsed(text)
  if (key !== undefined) return withLineBreaks(key)
  throw new UserError({
    message: `${setting} of the profile's output is no JSON`,
    hint: 'It is the key of a service account as Google Cloud downloads it.',
  })
}

function parsed(text: string): JWTInput | undefined {
  try {
    return JSON.parse(text) as JWTInput
  } catch {
    return undefined
  }
}

/** Keys that went through an environment variable have `\n` in two characters. */
const withLineBreaks = (key: JWTInput): JWTInput =>
  key.private_key === undefined
    ? key
    : { ...key, private_key: key.private_key.replaceAll('\\n', '\n') }

/** No token of ours says when it ends: Google does, when it has. */
const farFuture = 8_640_000_000_000_000

function oauthSecrets(library: Library, settings: Settings): AuthClient {
  const token = textSetting(settings, 'token')
  const refreshToken = textSetting(settings, 'refresh_token')
  if (refreshToken !== undefined) {
    const tokenUri = textSetting(settings, 'token_uri')
    return new library.UserRefreshClient({
      clientId: requiredSetting(settings, 'client_id'),
      clientSecret: requiredSetting(settings, 'client_secret'),
      refreshToken,
      ...(tokenUri === undefined ? {} : { endpoints: { oauth2TokenUrl: tokenUri } }),
    })
  }
  if (token === undefined) {
    throw new UserError({
      message: "The profile's output has neither token nor refresh_token",
      hint: 'Method oauth-secrets needs `token:`, or `refresh_token:`, `client_id:` and `client_secret:`.',
    })
  }
  const client = new library.OAuth2Client()
  client.setCredentials({ access_token: token, expiry_date: farFuture })
  return client
}

/** A token of another identity provider (Microsoft Entra) is traded for one of Google's. */
function workloadIdentity(library: Library, settings: Settings, scopes: string[]): AuthClient {
  const endpoint = (settings['token_endpoint'] ?? {}) as Settings
  const url = requiredSetting(endpoint, 'request_url')
  const body = requiredSetting(endpoint, 'request_data')
  const impersonation = textSetting(settings, 'service_account_impersonation_url')
  return new library.IdentityPoolClient({
    type: 'external_account',
    audience: requiredSetting(settings, 'workload_pool_provider_path', 'audience'),
    subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
    token_url: 'https://sts.googleapis.com/v1/token',
    subject_token_supplier: { getSubjectToken: () => subjectToken(url, body) },
    ...(impersonation === undefined ? {} : { service_account_impersonation_url: impersonation }),
    scopes,
  })
}

async function subjectToken(url: string, body: string): Promise<string> {
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  const answer = await fetch(url, { method: 'POST', headers, body })
  const { access_token: token } = (await answer.json().catch(() => ({}))) as {
    access_token?: unknown
  }
  if (typeof token === 'string') return token
  throw new UserError({
    message: `The token_endpoint of the profile's output answered ${answer.status} without a token`,
  })
}
