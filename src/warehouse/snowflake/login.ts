import { UserError, WarehouseError } from '../../errors.ts'
import { requiredSetting, textSetting } from '../settings.ts'
import type { Connection } from '../warehouse.ts'
import { privateKeyOf } from './keys.ts'
import type { ConnectionOptions } from './sdk.ts'

/** The part of the SDK's options that says who we are. */
type Login = Pick<
  ConnectionOptions,
  | 'authenticator'
  | 'password'
  | 'passcode'
  | 'privateKey'
  | 'token'
  | 'clientRequestMFAToken'
  | 'clientStoreTemporaryCredential'
  | 'workloadIdentityProvider'
  | 'oauthClientId'
  | 'oauthClientSecret'
>

/** Reads how to log in from dbt-snowflake's keys. `accessUrl` is where an OAuth refresh token is exchanged. */
export async function loginOf(
  connection: Connection,
  accessUrl: string,
  signal: AbortSignal,
): Promise<Login> {
  const { settings } = connection
  const key = privateKeyOf(connection)
  const authenticator = textSetting(settings, 'authenticator')
  if (key !== undefined) return { authenticator: 'SNOWFLAKE_JWT', privateKey: key }
  const password = textSetting(settings, 'password', 'pass')
  switch (authenticator?.toLowerCase()) {
    case undefined:
    case 'snowflake':
      return { password: password ?? requiredSetting(settings, 'password') }
    case 'username_password_mfa':
      return {
        authenticator: 'USERNAME_PASSWORD_MFA',
        password: password ?? requiredSetting(settings, 'password'),
        // The token is kept between runs, so that not each asks for the second factor. The SDK needs both to find its store.
        clientRequestMFAToken: true,
        clientStoreTemporaryCredential: true,
      }
    case 'externalbrowser':
      return { authenticator: 'EXTERNALBROWSER', clientStoreTemporaryCredential: true }
    case 'oauth':
      return { authenticator: 'OAUTH', token: await accessToken(connection, accessUrl, signal) }
    case 'programmatic_access_token':
      return {
        authenticator: 'PROGRAMMATIC_ACCESS_TOKEN',
        token: password ?? requiredSetting(settings, 'token', 'password'),
      }
    case 'jwt':
      // A token that somebody else signed travels as an OAuth token does.
      return { authenticator: 'OAUTH', token: requiredSetting(settings, 'token') }
    case 'workload_identity':
      return workloadIdentity(connection)
    default:
      return otherLogin(authenticator ?? '', password)
  }
}

/** An identity provider's own address, e.g. Okta. */
function otherLogin(authenticator: string, password: string | undefined): Login {
  if (/^https:\/\//i.test(authenticator)) {
    return { authenticator, ...(password === undefined ? {} : { password }) }
  }
  throw new UserError({
    message: "authenticator of the profile's output is none that Backhaul knows",
    hint: 'Known are snowflake, username_password_mfa, externalbrowser, oauth, jwt, programmatic_access_token, workload_identity, the https address of Okta, and a private key.',
  })
}

const providers = ['AWS', 'AZURE', 'GCP', 'OIDC'] as const

function workloadIdentity({ settings }: Connection): Login {
  const name = requiredSetting(settings, 'workload_identity_provider').toUpperCase()
  const provider = providers.find((known) => known === name)
  if (provider === undefined) {
    throw new UserError({
      message: `workload_identity_provider of the profile's output is none of ${providers.join(', ')}`,
    })
  }
  const token = textSetting(settings, 'token')
  return {
    authenticator: 'WORKLOAD_IDENTITY',
    workloadIdentityProvider: provider,
    ...(token === undefined ? {} : { token }),
  }
}

/** With a client's id and secret, dbt's `token` is a refresh token: it is exchanged for a short-lived one. */
async function accessToken(
  { settings }: Connection,
  accessUrl: string,
  signal: AbortSignal,
): Promise<string> {
  const token = requiredSetting(settings, 'token')
  const client = textSetting(settings, 'oauth_client_id')
  const secret = textSetting(settings, 'oauth_client_secret')
  if (client === undefined || secret === undefined) return token
  const response = await exchange(accessUrl, `${client}:${secret}`, token, signal)
  const answer = (await response.json().catch(() => undefined)) as
    | { readonly access_token?: unknown }
    | undefined
  if (response.ok && typeof answer?.access_token === 'string') return answer.access_token
  throw new WarehouseError({
    action: 'Exchanging the OAuth refresh token',
    detail: `Snowflake answered with status ${response.status}`,
    disposition: response.status >= 500 ? 'transient' : 'terminal',
    hint: 'Check oauth_client_id, oauth_client_secret and token (a refresh token, which expires) in profiles.yml.',
  })
}

async function exchange(
  accessUrl: string,
  client: string,
  refreshToken: string,
  signal: AbortSignal,
): Promise<Response> {
  try {
    return await fetch(`${accessUrl}/oauth/token-request`, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from(client).toString('base64')}` },
      body: new URLSearchParams({ grant_type: 'refresh_token', refresh_token: refreshToken }),
      signal,
    })
  } catch (cause) {
    // biome-ignore lint/style/useErrorCause: WarehouseError takes its cause as a fact
    throw new WarehouseError({
      action: 'Exchanging the OAuth refresh token',
      detail: `${new URL(accessUrl).host} cannot be reached`,
      disposition: 'transient',
      cause,
    })
  }
}
