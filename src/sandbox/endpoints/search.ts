import { answer, refuse, refuseInvalid } from '../answers.ts'
import type { ObjectType, StoredRecord, Values } from '../store/object-type.ts'
import { systemValue } from '../store/object-type.ts'
import type { Portal } from '../store/portal.ts'
import { renderRequested } from './render-record.ts'
import { isObject, onType, stringsOf } from './request.ts'
import { type Filter, matches, readFilterGroups } from './search-filters.ts'
import { sortRecords } from './search-sorts.ts'

/** Limits of HubSpot's search guide, "Search the CRM". */
const SEARCH_LIMITS = {
  bodyLength: 3000,
  results: 10_000,
  pageDefault: 10,
  pageMax: 200,
} as const

/** `POST …/search`: 200 with a page of matching records. */
export const searchRecords = onType((type, request, { portal }) => {
  if (request.bodyLength > SEARCH_LIMITS.bodyLength) {
    return refuseInvalid(
      `The request body is too long: at most ${SEARCH_LIMITS.bodyLength} characters are allowed.`,
    )
  }
  const body = isObject(request.body) ? request.body : {}
  const groups = readFilterGroups(type, body['filterGroups'])
  if ('refusal' in groups) return groups.refusal
  const limit = Number(body['limit'] || SEARCH_LIMITS.pageDefault)
  const after = Number(body['after'] || 0)
  if (!(limit <= SEARCH_LIMITS.pageMax)) {
    return refuseInvalid(`limit must be at most ${SEARCH_LIMITS.pageMax}`)
  }
  if (!Number.isInteger(after) || after < 0) return refuseInvalid('after must be an integer')
  if (after + limit > SEARCH_LIMITS.results) {
    return refuse(400, 'VALIDATION_ERROR', 'There was a problem with the request.', {
      errors: [{ message: `Search results are limited to ${SEARCH_LIMITS.results} records` }],
    })
  }
  const query = typeof body['query'] === 'string' ? body['query'].toLowerCase() : ''
  const found = findMatches(portal, type, groups.groups, query, request.now)
  const sorted = sortRecords(type, found, body['sorts'])
  const page = sorted.slice(after, after + limit)
  const names = stringsOf(body['properties'])
  const results = page.map((record) => renderRequested(portal, type, record, names))
  const end = after + page.length
  const paging = end < sorted.length ? { paging: { next: { after: String(end) } } } : {}
  return answer(200, { total: sorted.length, results, ...paging })
})

function findMatches(
  portal: Portal,
  type: ObjectType,
  groups: readonly (readonly Filter[])[],
  query: string,
  now: number,
): StoredRecord[] {
  const found: StoredRecord[] = []
  const { searchLagMs: lagMs } = portal.quirks
  const gone = lagMs > 0 ? [...type.archived.values()].filter(isShown(now, lagMs)) : []
  for (const record of [...type.records.values(), ...gone]) {
    const values = searchable(record, now, lagMs)
    if (values === undefined) continue
    const read = (name: string) => values[name] ?? systemValue(type, record, name)
    const isMatch = groups.length === 0 || groups.some((group) => matches(group, read))
    if (isMatch && (query === '' || mentions(type, values, query))) found.push(record)
  }
  return found
}

/** What the search index knows of a record; nothing of one that is newer than the lag. */
function searchable(record: StoredRecord, now: number, lagMs: number): Values | undefined {
  return lagMs > 0 && now - record.updatedAt < lagMs ? record.indexed : record.values
}

/** The index still has a record that was archived a moment ago. */
const isShown =
  (now: number, lagMs: number) =>
  ({ archivedAt = 0 }: StoredRecord): boolean =>
    now - archivedAt < lagMs

function mentions(type: ObjectType, values: Values, query: string): boolean {
  return type.searchableProperties.some((name) => values[name]?.toLowerCase().includes(query))
}
