import { DestinationError } from '../../errors.ts'
import type { Clock } from '../../types.ts'
import { asRecord, asText } from './json.ts'
import { type Answer, type HttpRequest, LostAnswer, type Transport } from './transport.ts'

/** Where requests take their token from. */
export interface AccessTokens {
  /** The token to send with now. */
  current(signal: AbortSignal): Promise<string>
  /** HubSpot has refused this token. True when there is another one to try. */
  replace(refused: string, signal: AbortSignal): Promise<boolean>
}

/** A token that does not change: of a private app, or a service key. */
export const fixedToken = (token: string): AccessTokens => ({
  current: () => Promise.resolve(token),
  replace: () => Promise.resolve(false),
})

/**
 * Puts the token of the moment into each request. A refused one is replaced once where that can be: the request that was
 * refused was not carried out.
 */
export function withTokens(transport: Transport, tokens: AccessTokens): Transport {
  const sendWith = (token: string, request: HttpRequest, signal: AbortSignal) =>
    transport(
      { ...request, headers: { ...request.headers, Authorization: `Bearer ${token}` } },
      signal,
    )
  return async (request, signal) => {
    const token = await tokens.current(signal)
    const answer = await sendWith(token, request, signal)
    if (answer.status !== 401 || !(await tokens.replace(token, signal))) return answer
    return sendWith(await tokens.current(signal), request, signal)
  }
}

/** An OAuth app that a portal has been connected to. */
export interface OauthApp {
  readonly clientId: string
  readonly clientSecret: string
  readonly refreshToken: string
}

/** Client 14 of HubSpot's SDK knows only v1, which ends on 2027-02-16 (HubSpot's changelog). */
const tokenPath = '/oauth/v3/token'

/** A token is asked for anew this long before it ends, so that none ends on its way. */
const marginMs = 60_000

/**
 * Tokens of an OAuth app: they live half an hour, and are asked for with the refresh token. Requests that need one at the same
 * time share one answer.
 *
 * @param facts `post` makes a request; `onToken` is told of every secret that HubSpot hands out
 */
export function refreshedTokens(
  app: OauthApp,
  baseUrl: string,
  facts: {
    readonly post: Transport
    readonly clock: Clock
    readonly onToken: (secret: string) => void
  },
): AccessTokens {
  let refreshToken = app.refreshToken
  let known: { readonly token: string; readonly endsAtMs: number } | undefined
  let underWay: Promise<string> | undefined

  const ask = async (signal: AbortSignal): Promise<string> => {
    const answer = await grantTokens(
      baseUrl,
      {
        grant_type: 'refresh_token',
        client_id: app.clientId,
        client_secret: app.clientSecret,
        refresh_token: refreshToken,
      },
      facts.post,
      signal,
    )
    facts.onToken(answer.accessToken)
    facts.onToken(answer.refreshToken)
    refreshToken = answer.refreshToken
    known = {
      token: answer.accessToken,
      endsAtMs: facts.clock() + answer.expiresInMs - marginMs,
    }
    return answer.accessToken
  }
  const refresh = (signal: AbortSignal): Promise<string> => {
    underWay ??= ask(signal).finally(() => {
      underWay = undefined
    })
    return underWay
  }
  return {
    current: (signal) =>
      known !== undefined && facts.clock() < known.endsAtMs
        ? Promise.resolve(known.token)
        : refresh(signal),
    async replace(refused, signal) {
      if (known === undefined || known.token === refused) await refresh(signal)
      return known?.token !== refused
    },
  }
}

interface GrantedTokens {
  readonly accessToken: string
  readonly refreshToken: string
  readonly expiresInMs: number
  readonly portalId: string | undefined
  readonly scopes: readonly string[]
}

/**
 * Asks for tokens, by a refresh token or by the code of a login.
 *
 * @throws DestinationError when HubSpot refuses; LostAnswer (`unsent`: nothing of the API was asked) when it cannot be asked
 */
async function grantTokens(
  baseUrl: string,
  form: Readonly<Record<string, string>>,
  post: Transport,
  signal: AbortSignal,
): Promise<GrantedTokens> {
  const request = {
    method: 'POST',
    url: `${baseUrl}${tokenPath}`,
    headers: {
      'Content-Type': 'application/x-www-form-urlencoded',
      Accept: 'application/json',
    },
    body: new URLSearchParams(form).toString(),
  }
  const answer = await post(request, signal).catch((error: unknown) => {
    if (!(error instanceof LostAnswer) || error.kind === 'aborted') throw error
    throw new LostAnswer({ kind: 'unsent', code: error.code, cause: error })
  })
  if (answer.status === 429 || answer.status >= 500) {
    throw new LostAnswer({ kind: 'unsent', code: `OAUTH_${answer.status}`, cause: undefined })
  }
  const body = asRecord(answer.json)
  const accessToken = asText(body['access_token'])
  if (answer.status !== 200 || accessToken === undefined) throw refused(answer)
  return {
    accessToken,
    refreshToken: asText(body['refresh_token']) ?? form['refresh_token'] ?? '',
    expiresInMs: Number(asText(body['expires_in']) ?? 0) * 1000,
    portalId: asText(body['hub_id']),
    scopes: Array.isArray(body['scopes']) ? body['scopes'].map(String) : [],
  }
}

function refused(answer: Answer): DestinationError {
  const body = asRecord(answer.json)
  return new DestinationError({
    action: 'get an access token',
    detail: `HubSpot refuses the OAuth app or its refresh token (HTTP ${answer.status})`,
    category: 'OAUTH_REFUSED',
    disposition: 'terminal',
    status: answer.status,
    endsRun: true,
    correlationId: asText(body['correlationId']),
    hint: 'Check client_id, client_secret and refresh_token of `hubspot.oauth` in backhaul.yml; `backhaul auth login` gets a new refresh token. They end when somebody disconnects the app in HubSpot.',
  })
}
