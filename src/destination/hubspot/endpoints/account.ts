import { type CallContext, type Calls, pageAfter } from '../calls.ts'
import type { Reply } from '../exchange.ts'
import type { AccessTokens } from '../tokens.ts'

/** The portal, its users, and what the token may do and has used. */
export interface AccountEndpoints {
  accountDetails(context: CallContext): Promise<Reply>
  /** @param after where the page begins */
  listOwners(after: string | undefined, isArchived: boolean, context: CallContext): Promise<Reply>
  dailyUsage(context: CallContext): Promise<Reply>
  /** What the token is and may do. The token stands in the body, which is kept nowhere. */
  tokenInfo(context: CallContext): Promise<Reply>
}

export const accountEndpoints = (
  { read, get, post }: Calls,
  tokens: AccessTokens,
): AccountEndpoints => ({
  accountDetails: (context) =>
    read({ action: 'read the account' }, context, get('/account-info/v3/details')),
  listOwners: (after, isArchived, context) =>
    read(
      { action: 'list the owners' },
      context,
      get(`/crm/v3/owners?limit=100&archived=${isArchived}${pageAfter(after)}`),
    ),
  dailyUsage: (context) =>
    read(
      { action: "read the day's usage" },
      context,
      get('/account-info/v3/api-usage/daily/private-apps'),
    ),
  tokenInfo: (context) =>
    read({ action: 'read the scopes of the token', holdsSecret: true }, context, async (send) => {
      const tokenKey = await tokens.current(context.signal)
      return post('/oauth/v2/private-apps/get/access-token-info', { tokenKey })(send)
    }),
})
