import { accountDetails, dailyUsage, tokenInfo } from '../endpoints/account.ts'
import { getOwner, listOwners } from '../endpoints/owners.ts'
import { otherScopes } from '../scopes.ts'
import { area, DATED_VERSION, type Route } from './route.ts'

/** Not dated: HubSpot has it in one place. */
const TOKEN_INFO = '/oauth/v2/private-apps/get/access-token-info'

const owners = area('/crm/v3/owners', `/crm/owners/${DATED_VERSION}`, {
  read: [otherScopes.owners],
  write: [],
})
/** The scope `oauth` that these need comes with every token. */
const account = area('/account-info/v3', `/account-info/${DATED_VERSION}`, { read: [], write: [] })

const token = area(TOKEN_INFO, TOKEN_INFO, { read: [], write: [] })

/** Owners and the account itself. */
export const ACCOUNT_ROUTES: readonly Route[] = [
  owners('read', 'owners.list', 'GET', listOwners),
  owners('read', 'owners.get', 'GET /{ownerId}', getOwner),
  account('account', 'account.details', 'GET /details', accountDetails),
  account('account', 'account.usage', 'GET /api-usage/daily/private-apps', dailyUsage),
  token('account', 'account.token', 'POST', tokenInfo),
]
