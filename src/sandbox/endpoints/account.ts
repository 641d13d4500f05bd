import { formatOffset, utcOffsetMs } from '../account-time.ts'
import { answer, refuseMissing } from '../answers.ts'
import { objectScopes, otherScopes, schemaScopes } from '../scopes.ts'
import type { Portal } from '../store/portal.ts'
import { type Endpoint, isObject } from './request.ts'

/** `GET /account-info/v3/details`. */
export const accountDetails: Endpoint = (request, { portal }) => {
  const offsetMs = utcOffsetMs(request.now, portal.timeZone)
  return answer(200, {
    portalId: portal.portalId,
    accountType: portal.accountType,
    timeZone: portal.timeZone,
    companyCurrency: 'USD',
    additionalCurrencies: [],
    utcOffset: formatOffset(offsetMs),
    utcOffsetMilliseconds: offsetMs,
    uiDomain: 'app.hubspot.com',
    dataHostingLocation: 'na1',
  })
}

/** `GET /account-info/v3/api-usage/daily/private-apps`. An unlimited sandbox says so with the largest int32. */
export const dailyUsage: Endpoint = (request, { rateLimits }) => {
  const { used, limit, resetsAt } = rateLimits.daily(request.now)
  return answer(200, {
    results: [
      {
        name: 'private-apps-api-calls-daily',
        usageLimit: Number.isFinite(limit) ? limit : 2 ** 31 - 1,
        currentUsage: used,
        collectedAt: new Date(request.now).toISOString(),
        fetchStatus: 'SUCCESS',
        resetsAt: new Date(resetsAt).toISOString(),
      },
    ],
  })
}

/**
 * `POST /oauth/v2/private-apps/get/access-token-info`: what a private app's token may do.
 *
 * @see https://developers.hubspot.com/docs/apps/legacy-apps/private-apps/overview
 */
export const tokenInfo: Endpoint = ({ body }, { portal, tokens }) => {
  const key = isObject(body) ? String(body['tokenKey']) : ''
  const token = tokens.get(key)
  if (token === undefined) return refuseMissing('The token could not be found')
  const scopes = token.scopes ?? everyScope(portal)
  return answer(200, { userId: 9586501, hubId: portal.portalId, appId: token.appId ?? 1, scopes })
}

function everyScope({ objectTypes }: Portal): readonly string[] {
  const access = ['read', 'write'] as const
  const ofTypes = objectTypes.flatMap((type) =>
    access.flatMap((kind) => [...objectScopes(type, kind), ...schemaScopes(type, kind)]),
  )
  return [...new Set(['oauth', ...Object.values(otherScopes), ...ofTypes])]
}
