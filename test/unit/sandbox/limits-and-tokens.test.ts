import { describe, expect, test } from 'vitest'
import { converse } from './conversation.ts'

const LIST = '/crm/v3/objects/contacts'
const SEARCH = `${LIST}/search`
const DAY_MS = 86_400_000

describe('tokens', () => {
  test.each(['', 'wrong'])('"%s" is answered with 401', (token) => {
    const { status, body } = converse().send('GET', LIST, undefined, token)
    expect(status).toBe(401)
    expect(body).toMatchObject({ status: 'error', category: 'INVALID_AUTHENTICATION' })
  })

  test('without a scope get a 403 that names it', () => {
    const token = { token: 'reader', scopes: ['crm.objects.contacts.read'] }
    const sandbox = converse({ tokens: [token] })
    expect(sandbox.send('GET', LIST, undefined, 'reader').status).toBe(200)
    const { status, body } = sandbox.send('POST', LIST, { properties: {} }, 'reader')
    expect(status).toBe(403)
    expect(body).toMatchObject({
      category: 'MISSING_SCOPES',
      errors: [{ context: { requiredGranularScopes: ['crm.objects.contacts.write'] } }],
    })
    const schema = sandbox.send('POST', '/crm/v3/properties/contacts', {}, 'reader')
    expect(schema.body.errors[0].context.requiredGranularScopes).toEqual([
      'crm.schemas.contacts.write',
    ])
    expect(sandbox.send('GET', '/crm/v3/properties/contacts', undefined, 'reader').status).toBe(200)
  })
})

describe('rate limits', () => {
  test('refuse what exceeds ten seconds, per token', () => {
    const limits = { perTenSeconds: 2 }
    const sandbox = converse({ limits, tokens: ['sandbox-token', 'other'] })
    const first = sandbox.send('GET', LIST)
    expect(first.headers).toMatchObject({
      'X-HubSpot-RateLimit-Max': '2',
      'X-HubSpot-RateLimit-Remaining': '1',
      'X-HubSpot-RateLimit-Interval-Milliseconds': '10000',
      'X-HubSpot-RateLimit-Daily': '625000',
      'X-HubSpot-RateLimit-Daily-Remaining': '624999',
    })
    sandbox.wait(4000)
    sandbox.send('GET', LIST)
    const refused = sandbox.send('GET', LIST)
    expect(refused.status).toBe(429)
    expect(refused.body).toMatchObject({
      message: 'You have reached your ten_secondly_rolling limit.',
      errorType: 'RATE_LIMIT',
      policyName: 'TEN_SECONDLY_ROLLING',
    })
    expect(refused.body).not.toHaveProperty('category')
    expect(sandbox.send('GET', LIST, undefined, 'other').status).toBe(200)
    sandbox.wait(6000)
    expect(sandbox.send('GET', LIST).status).toBe(200)
    expect(sandbox.send('GET', LIST).status).toBe(429)
  })

  test('refuse what exceeds the day, until midnight of the account', () => {
    const sandbox = converse({ limits: { daily: 1 }, timeZone: 'America/New_York' })
    sandbox.send('GET', LIST)
    const { status, body } = sandbox.send('GET', LIST)
    expect({ status, policy: body.policyName }).toEqual({ status: 429, policy: 'DAILY' })
    sandbox.wait(17 * 3_600_000 - 1)
    expect(sandbox.send('GET', LIST).status).toBe(429)
    sandbox.wait(1)
    expect(sandbox.send('GET', LIST).status).toBe(200)
    sandbox.wait(DAY_MS)
    const usage = sandbox.send('GET', '/account-info/v3/api-usage/daily/private-apps')
    expect(usage.body.results[0]).toMatchObject({
      usageLimit: 1,
      currentUsage: 1,
      resetsAt: '2026-11-26T05:00:00.000Z',
    })
  })

  test('count searches on their own, by the second, without headers', () => {
    const sandbox = converse({ limits: { perTenSeconds: 1 } })
    const search = () => sandbox.send('POST', SEARCH, { filterGroups: [] })
    const replies = Array.from({ length: 6 }, search)
    expect(replies.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 429])
    expect(replies[0]?.headers).toEqual({})
    expect(replies[5]?.body.message).toBe('You have reached your secondly limit.')
    expect(replies[5]?.body).not.toHaveProperty('policyName')
    sandbox.wait(1000)
    expect(search().status).toBe(200)
  })

  test('can be switched off', () => {
    const sandbox = converse({ tier: 'unlimited' })
    const statuses = new Set(Array.from({ length: 300 }, () => sandbox.send('GET', LIST).status))
    expect([...statuses]).toEqual([200])
  })
})
