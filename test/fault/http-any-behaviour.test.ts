import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { openHubspot } from '../../src/destination/hubspot/open.ts'
import { silentLogger } from '../../src/log.ts'
import { send } from '../../src/send/send.ts'
import type { Operation, RecordResult } from '../../src/types.ts'
import { type Behaviour, startScriptedServer } from './http-scripted-server.ts'

const kind = fc.constantFrom('upsert', 'create', 'update')

const behaviour = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom<Behaviour>(
      'well',
      'shuffled',
      'echoing trace ids',
      'errors in a 200',
      'whole batch refused',
    ),
  },
  {
    weight: 4,
    arbitrary: fc.constantFrom<Behaviour>(
      'one result dropped',
      'no results',
      '500 before',
      '500 after',
      '502 after, as HTML',
      '503',
      '429',
      '429 with Retry-After',
      'reset before',
      'reset after',
      'cut off after',
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Behaviour>(
      '429 daily',
      '401',
      'a log-in page',
      'silent before',
      'silent after',
    ),
  },
)

/** A clock that runs ahead by what is slept, so that no waiting takes real time. */
function hastyTime() {
  let aheadMs = 0
  return {
    clock: () => Date.now() + aheadMs,
    sleep: async (ms: number, signal?: AbortSignal) => {
      signal?.throwIfAborted()
      aheadMs += ms
      await new Promise((resolve) => setImmediate(resolve))
      signal?.throwIfAborted()
    },
  }
}

const address = (made: { isBad: boolean }, at: number) => `${made.isBad ? 'Bad' : 'User'}${at}@x.io`

describe('whatever the server does', () => {
  it('every operation ends in one result, and the server agrees with it', async () => {
    const property = fc.asyncProperty(
      fc.array(behaviour, { maxLength: 14 }),
      fc.array(
        fc.record({
          kind,
          isBad: fc.integer({ min: 0, max: 4 }).map((n) => n === 0),
          isSeeded: fc.boolean(),
        }),
        { minLength: 1, maxLength: 25 },
      ),
      fc.integer({ min: 1, max: 8 }),
      fc.integer({ min: 1, max: 3 }),
      async (script, made, maxBatchSize, concurrency) => {
        const seeded = made.flatMap((each, at) =>
          each.isSeeded && !each.isBad ? [address(each, at).toLowerCase()] : [],
        )
        const server = await startScriptedServer(script, seeded)
        try {
          const time = hastyTime()
          const hubspot = openHubspot({
            token: 't',
            baseUrl: server.url,
            requestTimeoutMs: 60,
            ...time,
            log: silentLogger,
            keepBodies: false,
          })
          const operations = made.map((each, at): Operation => {
            const email = address(each, at)
            const recordId = server.contacts.get(email.toLowerCase())?.id ?? `none-${at}`
            return {
              sequence: at + 1,
              rowId: `row-${at}`,
              kind: each.kind as Operation['kind'],
              properties: { email },
              ...(each.kind === 'update' ? { recordId } : { matchValue: email }),
            }
          })
          const results: RecordResult[] = []
          const summary = await send(operations, {
            destination: { maxBatchSize, write: hubspot.write },
            objectType: 'contacts',
            matchProperty: 'email',
            concurrency,
            ...time,
            random: () => 0.5,
            log: silentLogger,
            onResults: (each) => {
              results.push(...each)
            },
          })
          expect(results.map((each) => each.sequence).sort((a, b) => a - b)).toEqual(
            operations.map((each) => each.sequence),
          )
          expect(summary.operations).toBe(operations.length)
          for (const result of results) {
            const operation = operations[result.sequence - 1]
            if (operation === undefined) throw new TypeError('a result of nothing')
            const email = operation.properties['email']?.toLowerCase() ?? ''
            const stored = server.contacts.get(email)
            const commits = server.commits.get(String(result.sequence)) ?? 0
            if (operation.kind === 'create') expect(commits).toBeLessThanOrEqual(1)
            switch (result.outcome) {
              case 'succeeded':
                expect(commits).toBeGreaterThanOrEqual(1)
                expect(result.recordId).toBe(stored?.id)
                break
              case 'rejected':
                expect(email).toContain('bad')
                expect(commits).toBe(0)
                break
              case 'conflict':
                expect(result.existingId).toBe(stored?.id)
                expect(commits).toBe(0)
                break
              case 'missing':
                expect(commits).toBe(0)
                break
              case 'pending':
                if (result.isDoubtful !== true) expect(commits).toBe(0)
                break
              default:
                expect(result.outcome).toBe('unknown')
            }
            if (result.isCreated !== undefined && operation.kind === 'upsert') {
              expect(result.isCreated).toBe(!seeded.includes(email))
            }
          }
        } finally {
          await server.close()
        }
      },
    )
    await fc.assert(property, { numRuns: 150 })
  })
})
