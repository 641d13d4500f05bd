import { type Answer, refuse } from './answers.ts'

/** The token a sandbox accepts unless it is given others. */
export const SANDBOX_TOKEN = 'sandbox-token'

/** A token and what it may do; without scopes it may do everything. */
export interface Token {
  readonly token: string
  readonly scopes?: readonly string[]
  /** The app that it belongs to; default: one of its own. */
  readonly appId?: number
}

/** The token of a request, or HubSpot's 401 where it is missing or unknown. */
export function authenticate(
  authorization: string | undefined,
  find: (token: string) => Token | Answer | undefined,
): Token | Answer {
  const [scheme, value] = (authorization ?? '').split(' ')
  const known = scheme?.toLowerCase() === 'bearer' ? find(value ?? '') : undefined
  return known ?? UNAUTHENTICATED
}

/**
 * Refuses a token that has none of the scopes an operation accepts.
 *
 * @see https://developers.hubspot.com/docs/api-reference/error-handling
 */
export function refuseScopes(token: Token, accepted: readonly string[]): Answer | undefined {
  if (token.scopes === undefined || accepted.length === 0) return undefined
  if (accepted.some((scope) => token.scopes?.includes(scope))) return undefined
  return refuse(
    403,
    'MISSING_SCOPES',
    "This app hasn't been granted all required scopes to make this call. Read more about required scopes here: https://developers.hubspot.com/scopes.",
    {
      errors: [
        {
          message: 'One or more of the following scopes are required.',
          context: { requiredGranularScopes: accepted },
        },
      ],
      links: { scopes: 'https://developers.hubspot.com/scopes' },
    },
  )
}

/** Tokens by their text. */
export function tokenTable(tokens: readonly (string | Token)[]): ReadonlyMap<string, Token> {
  return new Map(
    tokens.map((entry, index) => {
      const token = typeof entry === 'string' ? { token: entry } : entry
      return [token.token, { appId: index + 1, ...token }]
    }),
  )
}

const UNAUTHENTICATED = refuse(
  401,
  'INVALID_AUTHENTICATION',
  'Authentication credentials not found. This API supports OAuth 2.0 authentication and you can find more details at https://developers.hubspot.com/docs/methods/auth/oauth-overview',
)
