import { join, raw, type Sql, sql } from '../../warehouse/sql.ts'
import {
  type Ledger,
  linksOf,
  named,
  planOf,
  resolutionsOf,
  resultsOf,
  sharedTable,
  stateOf,
} from '../ledger.ts'
import { any, isAmong } from './forget-conditions.ts'
import { leadsToPerson, ledToPerson, orLeadsTo } from './forget-links.ts'
import { hasBody, mentions } from './forget-mentions.ts'
import type { Person, Traces } from './forget-person.ts'

export interface Erased {
  /** The table, or the file. */
  readonly place: string
  readonly rows: number
  readonly what: string
}

/** One place to erase from: which rows, and how. */
interface Erasure {
  readonly place: string
  readonly what: string
  readonly table: Sql
  readonly where: Sql
  /** Columns to empty; absent: the rows are deleted. */
  readonly empties?: readonly string[]
}

/**
 * The places that hold a person, in the order in which they are erased: what is found through another place comes before it. The
 * audit keeps that something was done, and when; not to whom, nor with which values.
 */
function erasures(ledger: Ledger, person: Person, traces: Traces): readonly Erasure[] {
  const { syncNames, rowIds, recordIds, entries } = person
  const changes = named(ledger, sharedTable(ledger, 'changes'))
  const isOurs = isAmong('sync_name', syncNames)
  const isRow = any([isAmong('row_id', rowIds), isAmong('record_id', recordIds)])
  const isPlace = any(
    traces.plans.map(({ runId, sequence }) => sql`(run_id = ${runId} and seq = ${sequence})`),
  )
  const { dialect } = ledger.warehouse
  const isMentioned = mentions(dialect, person, traces)
  const leads = entries.length > 0
  const others = sql`(row_id is null or not (${isAmong('row_id', rowIds)}))`
  return [
    {
      place: 'requests',
      what: 'bodies emptied, of everybody in the same request',
      table: named(ledger, sharedTable(ledger, 'requests')),
      where: sql`(request_body is not null or response_body is not null) and ${hasBody(changes, sql`${isOurs} and ${isRow}`, traces)}`,
      empties: ['request_body', 'response_body'],
    },
    {
      place: 'changes',
      what: 'keys, record ids, values and messages emptied',
      table: changes,
      where: sql`${isOurs} and ${isRow}`,
      empties: [
        'row_id',
        'record_id',
        'old_values',
        'new_values',
        'error_message',
        'target_key',
        'target_record_id',
      ],
    },
    ...(leads
      ? [
          {
            place: 'changes, links of other rows',
            what: 'keys and record ids of the other end emptied',
            table: changes,
            where: sql`${isOurs} and ${others} and ${ledToPerson(ledger, entries)}`,
            empties: ['target_key', 'target_record_id', 'error_message'],
          },
        ]
      : []),
    {
      place: 'changes of other rows',
      what: 'messages that name the row emptied',
      table: changes,
      where: sql`${isOurs} and ${others} and ${isMentioned}`,
      empties: ['error_message'],
    },
    ...(person.isOnlyAudited ? [] : ownErasures(ledger, person, isPlace, isMentioned)),
  ]
}

/** The same of the sync's own tables. */
function ownErasures(
  ledger: Ledger,
  { stateName, rowIds, knownSince, hasLinks, entries }: Person,
  isPlace: Sql,
  isMentioned: Sql,
): readonly Erasure[] {
  const isRow = isAmong('row_id', rowIds)
  const leads = entries.length > 0
  const name = (kind: string) => `${kind}__${stateName}`
  return [
    {
      place: name('resolutions'),
      what: 'deleted',
      table: named(ledger, resolutionsOf(ledger, stateName)),
      where: isPlace,
    },
    {
      place: name('results'),
      what: 'deleted',
      table: named(ledger, resultsOf(ledger, stateName)),
      where: isPlace,
    },
    {
      place: name('plan'),
      what: 'deleted',
      table: named(ledger, planOf(ledger, stateName)),
      where: sql`(${isRow}${orLeadsTo(entries)})`,
    },
    ...(hasLinks
      ? [
          {
            place: name('links'),
            what: 'deleted',
            table: named(ledger, linksOf(ledger, stateName)),
            where: isRow,
          },
          ...(leads
            ? [
                {
                  place: linksOfOthers(stateName),
                  what: 'deleted',
                  table: named(ledger, linksOf(ledger, stateName)),
                  where: sql`not (${isRow}) and ${leadsToPerson(entries)}`,
                },
              ]
            : []),
          {
            place: `${name('links')}, messages`,
            what: 'messages that name the row or its record emptied',
            table: named(ledger, linksOf(ledger, stateName)),
            where: sql`not (${isRow}) and ${isMentioned}`,
            empties: ['error_message'],
          },
        ]
      : []),
    {
      place: `${name('state')}, other rows`,
      what: 'messages that name the row emptied',
      table: named(ledger, stateOf(ledger, stateName)),
      where: sql`not (${isRow}) and ${isMentioned}`,
      empties: ['error_message'],
    },
    ...(knownSince === undefined
      ? []
      : [
          {
            place: `${name('state')}, known by start: now`,
            what: 'emptied; the key keeps the row out of HubSpot',
            table: named(ledger, stateOf(ledger, stateName)),
            where: sql`${isRow} and ${isKnown(knownSince)}`,
            empties: ['match_value', 'fingerprint', 'tried_fingerprint', 'sent_values'],
          },
        ]),
    {
      place: name('state'),
      what: 'deleted',
      table: named(ledger, stateOf(ledger, stateName)),
      where: knownSince === undefined ? isRow : sql`${isRow} and not (${isKnown(knownSince)})`,
    },
  ]
}

/** Links of other rows that lead to a person. */
export const linksOfOthers = (stateName: string): string => `links__${stateName}, other rows`

/** A row that the first run met, and that never had a record. */
const isKnown = (firstRunId: string): Sql =>
  sql`record_id is null and coalesce(first_run_id, '') = ${firstRunId}`

/** Counts what there is of a person in each place, with one statement. */
export async function countTraces(
  ledger: Ledger,
  person: Person,
  traces: Traces,
): Promise<readonly Erased[]> {
  const places = erasures(ledger, person, traces)
  const counts = places.map(({ table, where, empties }, index) => {
    const isFull = empties === undefined ? raw('1 = 1') : any(empties.map(isNotNull))
    return sql`(select count(*) from ${table} where ${where} and ${isFull}) as ${raw(`place_${index}`)}`
  })
  const [row] = await ledger.warehouse.query(sql`select ${join(counts, ',\n  ')}`)
  return places.map(({ place, what }, index) => ({
    place,
    what,
    rows: Number(row?.[`place_${index}`] ?? 0),
  }))
}

const isNotNull = (column: string): Sql => raw(`${column} is not null`)

/** Erases a person from the tables of one sync, in one transaction. Called under the lease. */
export async function erase(ledger: Ledger, person: Person, traces: Traces): Promise<void> {
  await ledger.warehouse.transaction(
    erasures(ledger, person, traces).map(({ table, where, empties }) =>
      empties === undefined
        ? sql`delete from ${table} where ${where}`
        : sql`update ${table} set ${raw(empties.map((column) => `${column} = null`).join(', '))} where ${where}`,
    ),
  )
}
