import { formatOffset, utcOffsetMs } from '../account-time.ts'
import { answer } from '../answers.ts'
import type { Endpoint } from './request.ts'

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
