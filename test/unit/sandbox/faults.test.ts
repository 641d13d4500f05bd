import { describe, expect, test } from 'vitest'
import type { FaultRule } from '../../../src/sandbox/faults.ts'
import { converse, traced } from './conversation.ts'

const CREATE = '/crm/v3/objects/contacts/batch/create'
const one = { inputs: [{ properties: { city: 'Bonn' }, associations: [] }] }

function afterFault(rule: FaultRule) {
  const sandbox = converse({ faults: [{ match: { times: 1 }, ...rule }] })
  const outcome = sandbox.outcome('POST', CREATE, one)
  return { outcome, sandbox, isWritten: sandbox.countRecords('contacts') > 0 }
}

describe('faults', () => {
  test.each<[FaultRule, unknown, boolean]>([
    [{ kind: 'status', status: 500 }, { kind: 'answer', answer: { status: 500 } }, false],
    [{ kind: 'status', status: 423 }, { kind: 'answer', answer: { status: 423 } }, false],
    [
      { kind: 'status', status: 429, retryAfterSeconds: 3 },
      { answer: { status: 429, headers: { 'Retry-After': '3' } } },
      false,
    ],
    [
      { kind: 'status', status: 429, policy: 'DAILY' },
      { answer: { body: { policyName: 'DAILY' } } },
      false,
    ],
    [
      { kind: 'status', status: 477 },
      { answer: { status: 477, headers: { 'Retry-After': '86400' } } },
      false,
    ],
    [
      { kind: 'status_after_commit', status: 502 },
      {
        answer: {
          status: 502,
          headers: { 'content-type': 'text/html' },
          body: expect.stringContaining('<html>'),
        },
      },
      true,
    ],
    [{ kind: 'reset_before' }, { kind: 'reset' }, false],
    [{ kind: 'reset_after' }, { kind: 'reset' }, true],
    [{ kind: 'hang' }, { kind: 'hang' }, false],
    [{ kind: 'slow', delayMs: 50 }, { answer: { status: 201 }, delayMs: 50 }, true],
    [{ kind: 'empty_results' }, { answer: { status: 201, body: { results: [] } } }, true],
    [{ kind: 'drop_result' }, { answer: { status: 201, body: { results: [] } } }, true],
  ])('%j', (rule, expected, isWritten) => {
    const after = afterFault(rule)
    expect(after.outcome).toMatchObject(expected as object)
    expect(after.isWritten).toBe(isWritten)
    expect(after.sandbox.requests()[0]?.fault).toBe(rule.kind)
  })

  test('a dropped result is in neither list', () => {
    const sandbox = converse({ faults: [{ kind: 'drop_result' }] })
    const inputs = Array.from({ length: 5 }, (_, n) => ({ properties: { zip: String(n) } }))
    const { status, body } = sandbox.send('POST', CREATE, traced(inputs))
    expect({ status, left: body.results.length }).toEqual({ status: 201, left: 4 })
    expect(sandbox.countRecords('contacts')).toBe(5)
  })

  test.each<[FaultRule['match'], number[]]>([
    [{ nth: 2 }, [201, 503, 201, 201]],
    [{ every: 2 }, [201, 503, 201, 503]],
    [{ every: 2, times: 1 }, [201, 503, 201, 201]],
    [{ path: 'contacts/batch/create$' }, [503, 503, 503, 503]],
    [{ path: /companies/ }, [201, 201, 201, 201]],
    [{ method: 'get' }, [201, 201, 201, 201]],
  ])('befall the requests that match %j', (match, expected) => {
    const sandbox = converse({ faults: [{ match: match ?? {}, kind: 'status' }] })
    expect(expected.map(() => sandbox.send('POST', CREATE, one).status)).toEqual(expected)
  })

  test('by chance are the same for the same seed', () => {
    const run = (seed: number) => {
      const sandbox = converse({ seed, tier: 'unlimited' })
      sandbox.addFault({ match: { probability: 0.3 }, kind: 'status' })
      return Array.from({ length: 200 }, () => sandbox.send('POST', CREATE, one).status)
    }
    const first = run(7)
    expect(run(7)).toEqual(first)
    expect(run(8)).not.toEqual(first)
    const share = first.filter((status) => status === 503).length / first.length
    expect(share).toBeGreaterThan(0.2)
    expect(share).toBeLessThan(0.4)
  })

  test('are over when cleared', () => {
    const sandbox = converse({ faults: [{ kind: 'status' }] })
    sandbox.clearFaults()
    expect(sandbox.send('POST', CREATE, one).status).toBe(201)
  })
})
