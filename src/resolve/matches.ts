import type { FindRequest, FoundRecord } from '../destination/destination.ts'

/** One look-up request, repeated as the retry table says. */
export type Find = (request: FindRequest) => Promise<readonly FoundRecord[]>

/** A row that has to be found by its match value. */
export interface Sought {
  readonly sequence: number
  readonly matchValue?: string
}

export interface Match {
  readonly sequence: number
  /** Undefined when HubSpot has no such record. */
  readonly found: FoundRecord | undefined
}

/** Where and by what records are looked for. */
export interface MatchTarget {
  readonly objectType: string
  readonly property: string
  readonly batchSize: number
}

/**
 * Looks rows up by match value, in bulk.
 *
 * @returns one entry per row, in order; a row without a match value has no record
 * @throws DestinationError when a look-up cannot be answered
 */
export async function findMatches(
  rows: readonly Sought[],
  target: MatchTarget,
  properties: readonly string[],
  find: Find,
): Promise<readonly Match[]> {
  const values = [...new Set(rows.flatMap((row) => row.matchValue ?? []))]
  const found = new Map<string, FoundRecord>()
  for (let from = 0; from < values.length; from += target.batchSize) {
    const records = await find({
      objectType: target.objectType,
      property: target.property,
      values: values.slice(from, from + target.batchSize),
      properties,
    })
    for (const record of records) found.set(record.value, record)
  }
  return rows.map((row) => ({
    sequence: row.sequence,
    found: row.matchValue === undefined ? undefined : found.get(row.matchValue),
  }))
}
