import { join, raw, type Sql, sql } from '../warehouse/sql.ts'
import { cellText } from '../warehouse/warehouse.ts'
import {
  hasTable,
  type Ledger,
  linksOf,
  named,
  planOf,
  resolutionsOf,
  resultsOf,
  sharedTable,
  stateOf,
} from './ledger.ts'

/** One person, as the rows of one sync. */
export interface Person {
  /** By which the sync's tables go. */
  readonly stateName: string
  /** Every name that the sync had, as `changes` has them. */
  readonly syncNames: readonly string[]
  readonly rowIds: readonly string[]
  /** The sync has a table of links. */
  readonly hasLinks?: boolean
  /** Rows that this run met are known by `start: now`: their keys stay, because without them they would be sent. */
  readonly knownSince?: string
}

/** A row of a plan that holds the person. */
export interface PlanPlace {
  readonly runId: string
  readonly sequence: number
}

/** By what a person is recognised in texts, and where plans of interrupted runs hold them. */
export interface Traces {
  readonly recordIds: readonly string[]
  readonly matchValues: readonly string[]
  readonly plans: readonly PlanPlace[]
}

export interface Erased {
  /** The table, or the file. */
  readonly place: string
  readonly rows: number
  readonly what: string
}

/** Shorter values are part of too many texts to be looked for. */
const minValueLength = 3

/** Rows of a sync that have one of these match values, by its state and by plans that were not carried out. */
export async function findRowsByMatch(
  ledger: Ledger,
  syncName: string,
  matchValues: readonly string[],
): Promise<readonly string[]> {
  const found = new Set<string>()
  for (const table of [stateOf(ledger, syncName), planOf(ledger, syncName)]) {
    if (!(await hasTable(ledger, table))) continue
    const rows = await ledger.warehouse.query(
      sql`select distinct row_id from ${named(ledger, table)} where row_id is not null and ${isAmong('match_value', matchValues)}`,
    )
    for (const row of rows) found.add(String(row['row_id']))
  }
  return [...found].sort()
}

/** Which of the rows are in doubt: HubSpot may have records of them, and only the state keeps them from being sent again. */
export async function findUnknown(
  ledger: Ledger,
  { stateName, rowIds }: Pick<Person, 'stateName' | 'rowIds'>,
): Promise<readonly string[]> {
  const rows = await ledger.warehouse.query(
    sql`select row_id from ${named(ledger, stateOf(ledger, stateName))} where status = 'unknown' and ${isAmong('row_id', rowIds)} order by row_id`,
  )
  return rows.map((row) => String(row['row_id']))
}

/** What else is known of the rows. */
export async function readTraces(ledger: Ledger, { stateName, rowIds }: Person): Promise<Traces> {
  const recordIds = new Set<string>()
  const matchValues = new Set<string>()
  const plans: PlanPlace[] = []
  const note = (recordId: string | null, matchValue: string | null) => {
    if (recordId !== null) recordIds.add(recordId)
    if (matchValue !== null && matchValue.length >= minValueLength) matchValues.add(matchValue)
  }
  const state = stateOf(ledger, stateName)
  if (await hasTable(ledger, state)) {
    const rows = await ledger.warehouse.query(
      sql`select record_id, match_value from ${named(ledger, state)} where ${isAmong('row_id', rowIds)}`,
    )
    for (const row of rows) note(cellText(row['record_id']), cellText(row['match_value']))
  }
  const plan = planOf(ledger, stateName)
  if (await hasTable(ledger, plan)) {
    const rows = await ledger.warehouse.query(
      sql`select run_id, seq, record_id, match_value from ${named(ledger, plan)} where ${isAmong('row_id', rowIds)}`,
    )
    for (const row of rows) {
      note(cellText(row['record_id']), cellText(row['match_value']))
      plans.push({ runId: String(row['run_id']), sequence: Number(row['seq']) })
    }
  }
  return { recordIds: [...recordIds], matchValues: [...matchValues], plans }
}

const isAmong = (column: string, values: readonly string[]): Sql =>
  values.length === 0
    ? raw('1 = 0')
    : sql`${raw(column)} in (${join(values.map((value) => sql`${value}`))})`

const any = (conditions: readonly Sql[]): Sql =>
  conditions.length === 0 ? raw('1 = 0') : sql`(${join(conditions, ' or ')})`

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
  const { stateName, syncNames, rowIds, knownSince, hasLinks } = person
  const changes = named(ledger, sharedTable(ledger, 'changes'))
  const isOurs = isAmong('sync_name', syncNames)
  const isRow = isAmong('row_id', rowIds)
  const isPlace = any(
    traces.plans.map(({ runId, sequence }) => sql`(run_id = ${runId} and seq = ${sequence})`),
  )
  const isMentioned = mentions(person, traces)
  const others = sql`(row_id is null or not (${isRow}))`
  const name = (kind: string) => `${kind}__${stateName}`
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
    {
      place: 'changes of other rows',
      what: 'messages that name the row emptied',
      table: changes,
      where: sql`${isOurs} and ${others} and ${isMentioned}`,
      empties: ['error_message'],
    },
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
      where: isRow,
    },
    ...(hasLinks
      ? [
          {
            place: name('links'),
            what: 'deleted',
            table: named(ledger, linksOf(ledger, stateName)),
            where: isRow,
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

/** A row that the first run met, and that never had a record. */
const isKnown = (firstRunId: string): Sql =>
  sql`record_id is null and coalesce(first_run_id, '') = ${firstRunId}`

/** Request bodies that hold the person: of the calls that decided, and wherever record or match value stand. */
function hasBody(changes: Sql, isRow: Sql, { recordIds, matchValues, plans }: Traces): Sql {
  const holding = [
    ...matchValues.map((value) => JSON.stringify(value).slice(1, -1)),
    ...recordIds.map((recordId) => `"${recordId}"`),
  ].flatMap((text) => [holds('request_body', text), holds('response_body', text)])
  const decided = sql`request_id in (select request_id from ${changes} where ${isRow} and request_id is not null)`
  // Without either, the runs that met the row are all that is known.
  const unnamed =
    holding.length > 0
      ? []
      : [
          sql`run_id in (select run_id from ${changes} where ${isRow})`,
          isAmong('run_id', [...new Set(plans.map(({ runId }) => runId))]),
        ]
  return any([decided, ...holding, ...unnamed])
}

/** The text occurs in the column: in the words of every engine. */
const holds = (column: string, text: string): Sql =>
  sql`replace(coalesce(${raw(column)}, ''), ${text}, '') <> coalesce(${raw(column)}, '')`

/** Messages of ours that name a row, as `record/outcomes.ts` and the run write them; and any with its match value. */
function mentions({ rowIds }: Person, { matchValues }: Traces): Sql {
  const whole = rowIds.flatMap((rowId) => [
    `Row ${rowId} of the model has the same match value.`,
    `The record of this match value belongs to row ${rowId}: one record, one row.`,
    `HubSpot still has this match value on the record of row ${rowId}.`,
    `HubSpot still has this match value on the record of row ${rowId}, or may have it.`,
    `The record stays for row ${rowId}, which has its match value now.`,
    `The record stays for row ${rowId}, which is bound to it.`,
  ])
  const parts = rowIds.flatMap((rowId) => [
    ` already belongs to row ${rowId}: one record, one row.`,
    ` It is the record of row ${rowId} of this sync.`,
    ` must be unique, and row ${rowId} of the model has it, too`,
  ])
  return any([
    isAmong('error_message', whole),
    ...[...parts, ...matchValues].map((text) => holds('error_message', text)),
  ])
}

/** Counts what there is of a person in each place. */
export async function countTraces(
  ledger: Ledger,
  person: Person,
  traces: Traces,
): Promise<readonly Erased[]> {
  const counted: Erased[] = []
  for (const { place, what, table, where, empties } of erasures(ledger, person, traces)) {
    const isFull = empties === undefined ? raw('1 = 1') : any(empties.map(isNotNull))
    const [row] = await ledger.warehouse.query(
      sql`select count(*) as total from ${table} where ${where} and ${isFull}`,
    )
    counted.push({ place, what, rows: Number(row?.['total'] ?? 0) })
  }
  return counted
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
