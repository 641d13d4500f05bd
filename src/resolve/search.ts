import type {
  FoundRecord,
  SearchPage,
  SearchRequest,
  SearchRoom,
} from '../destination/destination.ts'
import { DestinationError } from '../errors.ts'
import type { Sought } from './matches.ts'

/** One search request, repeated as the retry table says. */
export type Search = (request: SearchRequest) => Promise<SearchPage>

/** Where and by what records are searched. */
export interface SearchTarget {
  readonly objectType: string
  readonly property: string
  readonly room: SearchRoom
}

/** Rows whose values are asked for in one search. */
export interface SearchGroup<Row extends Sought = Sought> {
  readonly rows: readonly Row[]
  /** Empty when none of the rows has a value that fits into a search. */
  readonly values: readonly string[]
}

/**
 * Cuts rows into searches, in order: each takes as many values as fit into its body. Of values that are all L characters
 * long, `min(values, floor(characters / (L + 3)))` do: two quotes and a comma come to each. The plan counts with this what
 * the run then asks.
 */
export async function* packSearches<Row extends Sought>(
  rows: AsyncIterable<readonly Row[]>,
  room: SearchRoom,
): AsyncGenerator<SearchGroup<Row>> {
  let group: Row[] = []
  let values: string[] = []
  let characters = 0
  for await (const some of rows) {
    for (const row of some) {
      const value = row.matchValue ?? ''
      const size = sizeOf(value)
      const isTooLong = size > room.characters
      if (!isTooLong && (values.length >= room.values || characters + size > room.characters)) {
        yield { rows: group, values }
        group = []
        values = []
        characters = 0
      }
      group.push(row)
      if (isTooLong) continue
      values.push(value)
      characters += size
    }
  }
  if (group.length > 0) yield { rows: group, values }
}

/** Characters of a value in a JSON list. HubSpot does not say whether it counts characters or bytes: the larger is taken. */
const sizeOf = (value: string): number => Buffer.byteLength(JSON.stringify(value)) + 1

/** How many searches the rows take. */
export async function countSearches(
  rows: AsyncIterable<readonly Sought[]>,
  room: SearchRoom,
): Promise<number> {
  let count = 0
  for await (const { values } of packSearches(rows, room)) count += values.length > 0 ? 1 : 0
  return count
}

/** Records by the value that they have; of a value with more of them than a page holds, those of the first page. */
export type Matches = ReadonlyMap<string, readonly FoundRecord[]>

/**
 * Every record that has one of the values.
 *
 * @returns no entry for a value that HubSpot refuses to look for, an empty one where it has no record
 * @throws DestinationError when a search cannot be answered
 */
export async function searchMatches(
  values: readonly string[],
  target: SearchTarget,
  search: Search,
): Promise<Matches> {
  const distinct = [...new Set(values)]
  const { records, refused } = await searchAll(distinct, target, search)
  const found = new Map<string, FoundRecord[]>(
    distinct.filter((value) => !refused.includes(value)).map((value) => [value, []]),
  )
  for (const record of records) {
    const known = found.get(record.value)
    if (known?.every(({ recordId }) => recordId !== record.recordId)) known.push(record)
  }
  return found
}

interface Answered {
  readonly records: readonly FoundRecord[]
  readonly refused: readonly string[]
}

async function searchAll(
  values: readonly string[],
  target: SearchTarget,
  search: Search,
): Promise<Answered> {
  if (values.length === 0) return { records: [], refused: [] }
  const { objectType, property } = target
  const ask = (after?: string) =>
    search({ objectType, property, values, ...(after === undefined ? {} : { after }) })
  const first = await ask().catch((error: unknown) => {
    // More values than HubSpot takes (how many is not published), or one that is not to its liking.
    if (error instanceof DestinationError && error.isContent) return undefined
    throw error
  })
  const isAlone = values.length === 1
  if (isAlone && first === undefined) return { records: [], refused: values }
  if (!isAlone && (first === undefined || first.isCut)) {
    const middle = Math.ceil(values.length / 2)
    const one = await searchAll(values.slice(0, middle), target, search)
    const other = await searchAll(values.slice(middle), target, search)
    return {
      records: [...one.records, ...other.records],
      refused: [...one.refused, ...other.refused],
    }
  }
  const records = [...(first?.records ?? [])]
  let next = isAlone ? undefined : first?.next
  while (next !== undefined) {
    const page = await ask(next)
    records.push(...page.records)
    next = page.next
  }
  return { records, refused: [] }
}
