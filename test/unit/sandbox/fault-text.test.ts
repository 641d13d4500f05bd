import { describe, expect, test } from 'vitest'
import { administer } from '../../../src/sandbox/admin.ts'
import { parseFault } from '../../../src/sandbox/fault-text.ts'
import { converse } from './conversation.ts'

describe('a fault in words', () => {
  test('becomes a rule', () => {
    expect(parseFault('status:429:every=2:path=batch:retry-after=1')).toEqual({
      kind: 'status',
      status: 429,
      retryAfterSeconds: 1,
      match: { every: 2, path: 'batch' },
    })
    expect(parseFault('slow:delay=50')).toEqual({ kind: 'slow', delayMs: 50 })
  })

  test.each([
    ['statsu:503', /kinds are status, /],
    ['status:700', /status must be a whole number from 400 to 599/],
    ['status:200', /status must be/],
    ['status:often', /status must be/],
    ['reset_before:503', /only status and status_after_commit have a status/],
    ['status:every=0', /every must be a whole number, 1 or more/],
    ['status:probability=2', /probability must be a number from 0 to 1/],
    ['status:path=[', /no regular expression/],
    ['status:now=1', /now=1 is not understood/],
  ])('%s is refused', (text, why) => {
    expect(() => parseFault(text)).toThrow(why)
  })
})

describe('POST /_sandbox/faults', () => {
  const post = (body: string) => {
    const sandbox = converse()
    const raw = { method: 'POST', path: '/_sandbox/faults', query: '', authorization: undefined }
    const answer = administer({ ...raw, body }, sandbox)
    return { status: answer.status, next: sandbox.send('GET', '/crm/v3/objects/contacts').status }
  }

  test.each([
    '{"kind": "status", "status": 502}',
    '[{"kind": "status", "status": 502}]',
    '"status:502"',
    '["status:502"]',
    'status:502',
  ])('takes %s', (body) => {
    expect(post(body)).toEqual({ status: 204, next: 502 })
  })

  test.each([
    '{"kind": "status", "status": 700}',
    'status:700',
    '{"kind": "oops"}',
    '{',
    '',
    '[1]',
  ])('refuses %s', (body) => {
    expect(post(body)).toEqual({ status: 400, next: 200 })
  })
})
