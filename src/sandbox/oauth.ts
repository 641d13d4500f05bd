import { type Answer, answer, refuse } from './answers.ts'
import type { Token } from './tokens.ts'

/** An OAuth app that a sandbox knows, connected to its portal. */
export interface SandboxApp {
  readonly clientId: string
  readonly clientSecret: string
  readonly refreshToken: string
}

/** The app a sandbox accepts unless it is given others. */
export const SANDBOX_APP: SandboxApp = {
  clientId: 'sandbox-client-id',
  clientSecret: 'sandbox-client-secret',
  refreshToken: 'sandbox-refresh-token',
}

/** How long an access token lives, in seconds. https://developers.hubspot.com/docs/apps/developer-platform/build-apps/authentication/oauth */
const LIFE_SECONDS = 1800

/** A request as far as logins look at it. */
interface LoginRequest {
  readonly method: string
  readonly path: string
  readonly query: string
  readonly body: string
}

/** Logins of OAuth apps: the page that asks for consent, codes and tokens. */
export interface Oauth {
  /** The answer to a request of a login; undefined for any other. */
  readonly answer: (request: LoginRequest, now: number) => Answer | undefined
  /** A token that was handed out, or HubSpot's 401 where its time is over. */
  readonly find: (token: string, now: number) => Token | Answer | undefined
}

/** Hands out tokens for a portal. */
export function createOauth(apps: readonly SandboxApp[], portalId: number): Oauth {
  const issued = new Map<string, number>()
  const codes = new Map<string, { readonly app: SandboxApp; readonly redirectUri: string }>()

  const consent = (query: URLSearchParams): Answer => {
    const app = apps.find((each) => each.clientId === query.get('client_id'))
    const redirectUri = query.get('redirect_uri') ?? ''
    if (app === undefined || !URL.canParse(redirectUri)) {
      return refuse(400, 'VALIDATION_ERROR', 'The client id or the redirect URL is not valid.')
    }
    const code = `sandbox-code-${codes.size + 1}`
    codes.set(code, { app, redirectUri })
    const location = new URL(redirectUri)
    location.searchParams.set('code', code)
    const state = query.get('state')
    if (state !== null) location.searchParams.set('state', state)
    return { status: 302, headers: { location: location.href } }
  }

  const isGranted = (app: SandboxApp, form: URLSearchParams): boolean => {
    if (form.get('grant_type') === 'refresh_token') {
      return form.get('refresh_token') === app.refreshToken
    }
    const code = form.get('code') ?? ''
    const given = codes.get(code)
    codes.delete(code)
    return given?.app === app && given.redirectUri === form.get('redirect_uri')
  }

  const grant = (form: URLSearchParams, now: number): Answer => {
    const app = apps.find((each) => each.clientId === form.get('client_id'))
    if (app === undefined || app.clientSecret !== form.get('client_secret')) {
      return refuse(400, 'VALIDATION_ERROR', 'missing or invalid client id or client secret')
    }
    if (!isGranted(app, form)) {
      return refuse(400, 'VALIDATION_ERROR', 'missing or invalid refresh token or code')
    }
    const token = `sandbox-access-token-${issued.size + 1}`
    issued.set(token, now + LIFE_SECONDS * 1000)
    return answer(200, {
      access_token: token,
      refresh_token: app.refreshToken,
      expires_in: LIFE_SECONDS,
      token_type: 'bearer',
      token_use: 'access_token',
      hub_id: portalId,
      scopes: ['oauth'],
    })
  }

  return {
    answer({ method, path, query, body }, now) {
      if (method === 'GET' && path === '/oauth/authorize') {
        return consent(new URLSearchParams(query))
      }
      if (method === 'POST' && /^\/oauth\/(v3|2026-03)\/token$/.test(path)) {
        return grant(new URLSearchParams(body), now)
      }
      return undefined
    },
    find(token, now) {
      const endsAt = issued.get(token)
      if (endsAt === undefined) return undefined
      return now < endsAt
        ? { token }
        : refuse(401, 'EXPIRED_AUTHENTICATION', 'The OAuth token used to make this call expired.')
    },
  }
}
