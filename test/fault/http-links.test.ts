import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { openHubspot } from '../../src/destination/hubspot/open.ts'
import { silentLogger } from '../../src/log.ts'
import type { FaultRule } from '../../src/sandbox/faults.ts'
import { startSandbox } from '../../src/sandbox/sandbox.ts'
import { send } from '../../src/send/send.ts'
import type { LinkTypeRef, Operation, RecordResult } from '../../src/types.ts'
import { loadOpenApiValidator } from '../support/openapi.ts'

/** Records of each object; ids are the same for both, and those beyond are of nobody. */
const people = 4
const ids = Array.from({ length: people + 2 }, (_, at) => String(1001 + at))

const fault = fc.record({
  kind: fc.constantFrom<FaultRule['kind']>(
    'status',
    'status_after_commit',
    'reset_before',
    'reset_after',
    'drop_result',
    'empty_results',
  ),
  nth: fc.integer({ min: 1, max: 6 }),
})

const asked = fc.record({
  kind: fc.constantFrom('associate', 'dissociate'),
  from: fc.constantFrom(...ids),
  to: fc.constantFrom(...ids),
  types: fc.constantFrom('none', 'plain', 'primary', 'gone'),
})

const plain = { category: 'HUBSPOT_DEFINED', typeId: 279 }
const typesOf: Readonly<Record<string, readonly LinkTypeRef[]>> = {
  none: [],
  plain: [plain],
  primary: [{ category: 'HUBSPOT_DEFINED', typeId: 1 }],
  gone: [{ category: 'USER_DEFINED', typeId: 9999 }],
}

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

describe('whatever happens to requests that link', () => {
  it('every pair ends in one result, and the portal agrees with it', async () => {
    const property = fc.asyncProperty(
      // One operation a pair: the last word is then its own.
      fc.uniqueArray(asked, {
        minLength: 1,
        maxLength: 20,
        selector: ({ from, to }) => `${from} ${to}`,
      }),
      fc.array(fault, { maxLength: 4 }),
      fc.constantFrom('end', 'id', 'nobody', 'request'),
      fc.integer({ min: 1, max: 7 }),
      fc.integer({ min: 1, max: 3 }),
      async (made, faults, linkErrorsName, maxLinkBatchSize, concurrency) => {
        const validateRequest = loadOpenApiValidator()
        const sandbox = await startSandbox({
          tier: 'unlimited',
          quirks: { linkErrorsName },
          ...(validateRequest === undefined ? {} : { validateRequest }),
        })
        try {
          sandbox.seedRecords(
            'contacts',
            Array.from({ length: people }, () => ({ city: 'A' })),
          )
          sandbox.seedRecords(
            'companies',
            Array.from({ length: people }, () => ({ name: 'A' })),
          )
          for (const { kind, nth } of faults)
            sandbox.addFault({ kind, match: { path: 'batch', nth } })
          const time = hastyTime()
          const hubspot = openHubspot({
            token: sandbox.token,
            baseUrl: sandbox.url,
            requestTimeoutMs: 2000,
            ...time,
            log: silentLogger,
            keepBodies: false,
          })
          const operations = made.map(({ kind, from, to, types }, at): Operation => {
            const own = kind === 'dissociate' && types === 'gone' ? [] : (typesOf[types] ?? [])
            return {
              sequence: at + 1,
              rowId: `row-${at}`,
              kind: kind as Operation['kind'],
              recordId: from,
              properties: {},
              link: { toObject: 'companies', toId: to, types: own },
            }
          })
          const results: RecordResult[] = []
          await send(operations, {
            destination: { maxBatchSize: 1, maxLinkBatchSize, write: hubspot.write },
            objectType: 'contacts',
            concurrency,
            ...time,
            random: () => 0.5,
            log: silentLogger,
            onResults: (each) => {
              results.push(...each)
            },
          })
          expect(results.map(({ sequence }) => sequence).sort((a, b) => a - b)).toEqual(
            operations.map(({ sequence }) => sequence),
          )
          for (const { sequence, outcome, error } of results) {
            const operation = operations[sequence - 1]
            const { recordId: from = '', link, kind } = operation ?? {}
            const standing = sandbox
              .links('contacts', from, 'companies')
              .find(({ toId }) => toId === link?.toId)
            const isThere = Number(from) < 1001 + people && Number(link?.toId) < 1001 + people
            const isGone = link?.types.some(({ typeId }) => typeId === 9999) === true
            const told = `${kind} ${from} ${link?.toId} ${JSON.stringify(link?.types)}: ${outcome} ${error?.category}`
            switch (outcome) {
              case 'succeeded':
                expect(isGone, told).toBe(false)
                if (kind === 'associate') expect(standing, told).toBeDefined()
                else expect(standing, told).toBeUndefined()
                break
              case 'rejected':
                expect(isGone, told).toBe(true)
                break
              case 'missing':
                expect(Number(from), told).toBeGreaterThanOrEqual(1001 + people)
                break
              case 'pending':
                if (error?.category === 'TARGET_MISSING') expect(isThere, told).toBe(false)
                break
              default:
                expect(outcome, told).toBe('unknown')
                expect(faults.length, told).toBeGreaterThan(0)
            }
          }
          expect(sandbox.violations).toEqual([])
        } finally {
          await sandbox.close()
        }
      },
    )
    await fc.assert(property, { numRuns: 60 })
  })
})
