import type { SearchRoom } from '../destination.ts'

/** "Search the CRM" on developers.hubspot.com, checked 2026-11-23. How many values IN takes is not published. */
export const SEARCH_LIMITS = {
  bodyCharacters: 3000,
  pageSize: 200,
  results: 10_000,
  perSecond: 5,
} as const

/** The body of one search for records that have one of some values. */
export interface SearchBody {
  readonly filterGroups: readonly {
    readonly filters: readonly {
      readonly propertyName: string
      readonly operator: 'IN'
      readonly values: readonly string[]
    }[]
  }[]
  readonly properties: readonly string[]
  readonly sorts: readonly string[]
  readonly limit: number
  readonly after: string
}

export function searchBody(property: string, values: readonly string[], after: string): SearchBody {
  return {
    filterGroups: [{ filters: [{ propertyName: property, operator: 'IN', values }] }],
    properties: [property],
    sorts: [],
    limit: SEARCH_LIMITS.pageSize,
    after,
  }
}

/**
 * What the limit on a body leaves for values. No more values than a page holds: while each is on one record, one
 * request answers them all.
 */
export function searchRoom(property: string): SearchRoom {
  const rest = JSON.stringify(searchBody(property, [], String(SEARCH_LIMITS.results))).length
  return {
    characters: SEARCH_LIMITS.bodyCharacters - rest,
    values: SEARCH_LIMITS.pageSize,
    perSecond: SEARCH_LIMITS.perSecond,
  }
}
