import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { SearchRequest } from '../../../src/destination/destination.ts'
import { searchBody, searchRoom } from '../../../src/destination/hubspot/search-body.ts'
import { DestinationError } from '../../../src/errors.ts'
import { countSearches, packSearches, searchMatches } from '../../../src/resolve/search.ts'

const room = searchRoom('name')

async function* windows(values: readonly string[], size: number) {
  for (let from = 0; from < values.length; from += size) {
    yield values
      .slice(from, from + size)
      .map((matchValue, index) => ({ sequence: from + index, matchValue }))
  }
}

test('searches hold every row once and in order, and no body is longer than HubSpot takes, however the rows come', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.string({ unit: 'grapheme', maxLength: 3500 }), { maxLength: 400 }),
      fc.integer({ min: 1, max: 100 }),
      async (values, size) => {
        const rows: string[] = []
        for await (const group of packSearches(windows(values, size), room)) {
          rows.push(...group.rows.map(({ matchValue }) => matchValue))
          const body = JSON.stringify(searchBody('name', group.values, '10000'))
          expect(body.length).toBeLessThanOrEqual(3000)
          expect(group.values.length).toBeLessThanOrEqual(200)
        }
        expect(rows).toEqual(values)
        expect(await countSearches(windows(values, 7), room)).toBe(
          await countSearches(windows(values, size), room),
        )
      },
    ),
    { numRuns: 50 },
  )
})

const target = { objectType: 'companies', property: 'name', room }
const found = (recordId: string, value: string) => ({
  recordId,
  value,
  properties: {},
  createdAtMs: 0,
})

test('a search that is refused is halved until the value at fault is alone', async () => {
  const asked: number[] = []
  const matches = await searchMatches(['a', 'b', 'bad', 'c'], target, (request: SearchRequest) => {
    asked.push(request.values.length)
    if (request.values.includes('bad')) return Promise.reject(refused)
    return Promise.resolve({
      isCut: false,
      records: request.values.map((value) => found(value, value)),
    })
  })
  expect(asked).toEqual([4, 2, 2, 1, 1])
  expect([...matches.keys()].sort()).toEqual(['a', 'b', 'c'])
})

test('more records than HubSpot gives for a search are asked for in halves; further pages are read', async () => {
  const matches = await searchMatches(['a', 'b'], target, ({ values, after }: SearchRequest) => {
    if (values.length > 1) return Promise.resolve({ isCut: true, records: [] })
    const [value = ''] = values
    return Promise.resolve({
      isCut: true,
      records: [found(`${value}1`, value), found(`${value}2`, value)],
      ...(after === undefined ? { next: '200' } : {}),
    })
  })
  expect([...matches].map(([value, records]) => [value, records.length])).toEqual([
    ['a', 2],
    ['b', 2],
  ])
})

test('what HubSpot is in trouble with is no refusal', async () => {
  const trouble = new DestinationError({
    action: 'search',
    detail: 'trouble',
    category: 'SERVER_ERROR',
    disposition: 'transient',
  })
  await expect(searchMatches(['a', 'b'], target, () => Promise.reject(trouble))).rejects.toBe(
    trouble,
  )
})

const refused = new DestinationError({
  action: 'search',
  detail: 'refused',
  category: 'VALIDATION_ERROR',
  disposition: 'terminal',
  isContent: true,
})
