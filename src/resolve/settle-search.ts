import type { FoundRecord } from '../destination/destination.ts'
import type { Find } from './matches.ts'
import { packSearches, type Search, type SearchTarget, searchMatches } from './search.ts'
import { type Doubtful, holds, isMadeSince, notOurs, notWritten, type Settled } from './settle.ts'

export interface DoubtfulCreate extends Doubtful {
  /** Search shows what had been written when this was last looked at: what it does not find was not made. */
  readonly isIndexed?: boolean
}

/** Records per request when found ones are read. */
const readSize = 100

/**
 * Settles creates whose answer was lost where the match property need not be unique. A search that finds nothing proves
 * nothing for a while; what it finds is ours when it was made after it was absent, with our values, and is the only one.
 */
export async function settleBySearch(
  operations: readonly DoubtfulCreate[],
  target: SearchTarget,
  search: Search,
  find: Find,
): Promise<readonly Settled[]> {
  const found = new Map<string, readonly FoundRecord[]>()
  const values = [...new Set(operations.flatMap(({ matchValue }) => matchValue ?? []))]
  for await (const group of grouped(values, target)) {
    for (const [value, records] of await searchMatches(group, target, search)) {
      found.set(value, records)
    }
  }
  const names = [...new Set(operations.flatMap(({ properties }) => Object.keys(properties)))]
  const held = await read([...found.values()].flat(), names, target.objectType, find)
  return operations.map((operation) => {
    const later = (found.get(operation.matchValue ?? '') ?? []).filter((record) =>
      isMadeSince(operation.absentAt, record),
    )
    const ours = later.filter(({ recordId }) => {
      const properties = held.get(recordId)
      return properties !== undefined && holds(properties, operation.properties)
    })
    return judge(operation, later, ours)
  })
}

function judge(
  { sequence, isIndexed }: DoubtfulCreate,
  later: readonly FoundRecord[],
  ours: readonly FoundRecord[],
): Settled {
  const [only, second] = ours
  if (only !== undefined && second === undefined) {
    return { sequence, outcome: 'succeeded', recordId: only.recordId, isCreated: true }
  }
  if (later.length > 0) return { sequence, outcome: 'unknown', error: notOurs }
  if (isIndexed === true)
    return { sequence, outcome: 'pending', isDoubtful: false, error: notWritten }
  return { sequence, outcome: 'unknown', error: notShown }
}

const notShown = {
  category: 'NOT_SEARCHABLE_YET',
  message:
    'The answer was lost, and a search need not show the record yet; a later start looks again.',
}

async function* grouped(
  values: readonly string[],
  { room }: SearchTarget,
): AsyncGenerator<readonly string[]> {
  const rows = values.map((matchValue, sequence) => ({ sequence, matchValue }))
  for await (const group of packSearches(listed(rows), room)) yield group.values
}

async function* listed<T>(rows: T): AsyncGenerator<T> {
  yield rows
}

/** What found records hold; a search's answer has no room to ask for it. */
async function read(
  records: readonly FoundRecord[],
  properties: readonly string[],
  objectType: string,
  find: Find,
): Promise<ReadonlyMap<string, Readonly<Record<string, string | null>>>> {
  const ids = [...new Set(records.map(({ recordId }) => recordId))]
  const held = new Map<string, Readonly<Record<string, string | null>>>()
  for (let from = 0; from < ids.length; from += readSize) {
    const values = ids.slice(from, from + readSize)
    for (const record of await find({ objectType, property: 'hs_object_id', values, properties }))
      held.set(record.value, record.properties)
  }
  return held
}
