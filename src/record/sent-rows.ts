import type { Dialect, TableRef } from '../warehouse/dialect.ts'
import { tableName } from '../warehouse/dialect.ts'
import { join, raw, type Sql, sql } from '../warehouse/sql.ts'
import { cellText } from '../warehouse/warehouse.ts'
import { hasTable, type Ledger, linksOf, named, stateOf } from './ledger.ts'
import { acceptedLink } from './transitions.ts'

/** Which rows of a state are compared; all of them where nothing is said. */
export interface DriftSelection {
  readonly rowIds?: readonly string[]
  /** As many rows, chosen by chance: the seed says which. */
  readonly sample?: { readonly rows: number; readonly seed: string }
}

/** A row that HubSpot is to hold as it was sent. */
export interface SentRow {
  readonly rowId: string
  readonly recordId: string
  readonly sentValues: Readonly<Record<string, string>>
  readonly matchValue: string | null
  /** The next run compares it anyway: it was adopted, or marked. */
  readonly isOpen: boolean
}

/** A link that HubSpot is to have. */
export interface SentLink {
  readonly rowId: string
  readonly association: string
  readonly targetKey: string
  readonly recordId: string
  readonly targetRecordId: string
  /** Types as `category:id`; none of the unlabelled link. */
  readonly labels: readonly string[]
}

const table = (dialect: Dialect, ref: TableRef): Sql => raw(tableName(dialect, ref))

/** Rows that are settled: what is on its way says nothing yet about what HubSpot holds. */
const isSettled = raw("status = 'succeeded' and record_id is not null")

const among = (rowIds: readonly string[] | undefined): Sql =>
  rowIds === undefined
    ? raw('')
    : sql` and row_id in (${join(rowIds.map((rowId) => sql`${rowId}`))})`

/** Condition on rows of the state. */
function isCompared(dialect: Dialect, state: TableRef, { rowIds, sample }: DriftSelection): Sql {
  const chosen =
    sample === undefined
      ? raw('')
      : sql` and row_id in (
  select row_id from ${table(dialect, state)} where ${isSettled}${among(rowIds)}
  order by ${dialect.digest(sql`row_id || ${sample.seed}`)}, row_id limit ${raw(String(sample.rows))}
)`
  return sql`${isSettled}${among(rowIds)}${chosen}`
}

/** One page of rows, in the order of their keys. */
export const sentRowsStatement = (
  dialect: Dialect,
  state: TableRef,
  selection: DriftSelection,
  page: { readonly after: string | undefined; readonly limit: number },
): Sql => sql`select row_id, record_id, sent_values, match_value, case when fingerprint is null then 1 else 0 end as is_open
from ${table(dialect, state)}
where ${isCompared(dialect, state, selection)}${page.after === undefined ? raw('') : sql` and row_id > ${page.after}`}
order by row_id limit ${raw(String(page.limit))}`

/** Rows that are compared, those of them that the next run compares anyway, and rows of the selection that are on their way to HubSpot instead. */
export async function countSentRows(
  ledger: Ledger,
  syncName: string,
  selection: DriftSelection,
): Promise<{ readonly rows: number; readonly open: number; readonly underWay: number }> {
  const state = stateOf(ledger, syncName)
  if (!(await hasTable(ledger, state))) return { rows: 0, open: 0, underWay: 0 }
  const { warehouse } = ledger
  const [row] = await warehouse.query(sql`select
  (select count(*) from ${named(ledger, state)} where ${isCompared(warehouse.dialect, state, selection)}) as compared,
  (select count(*) from ${named(ledger, state)} where fingerprint is null and ${isCompared(warehouse.dialect, state, selection)}) as opened,
  (select count(*) from ${named(ledger, state)} where status not in ('succeeded', 'left', 'skipped')${among(selection.rowIds)}) as under_way`)
  return {
    rows: Number(row?.['compared'] ?? 0),
    open: Number(row?.['opened'] ?? 0),
    underWay: Number(row?.['under_way'] ?? 0),
  }
}

/** Those of the rows that the sync has never met: their keys are wrong, or they were not in the model at any run. */
export async function unmetRows(
  ledger: Ledger,
  syncName: string,
  rowIds: readonly string[],
): Promise<readonly string[]> {
  const state = stateOf(ledger, syncName)
  if (rowIds.length === 0 || !(await hasTable(ledger, state))) return rowIds
  const rows = await ledger.warehouse.query(
    sql`select row_id from ${named(ledger, state)} where 1 = 1${among(rowIds)}`,
  )
  const met = new Set(rows.map((row) => String(row['row_id'])))
  return rowIds.filter((rowId) => !met.has(rowId))
}

/** Rows page by page; memory does not grow with the state. */
export async function* readSentRows(
  ledger: Ledger,
  syncName: string,
  selection: DriftSelection,
  limit: number,
): AsyncGenerator<readonly SentRow[]> {
  const { warehouse } = ledger
  const state = stateOf(ledger, syncName)
  let after: string | undefined
  while (true) {
    const page = { after, limit }
    const rows = await warehouse.query(sentRowsStatement(warehouse.dialect, state, selection, page))
    const last = rows.at(-1)
    if (last === undefined) return
    yield rows.map((row) => ({
      rowId: String(row['row_id']),
      recordId: String(row['record_id']),
      sentValues: JSON.parse(cellText(row['sent_values']) ?? '{}') as Record<string, string>,
      matchValue: cellText(row['match_value']),
      isOpen: Number(row['is_open']) === 1,
    }))
    if (rows.length < limit) return
    after = String(last['row_id'])
  }
}

/** Links of a sync to one object. */
export interface LinkScope {
  readonly objectTypeId: string
  readonly associations: readonly string[]
}

/** Condition on rows of the table of links. What was accepted as it is stays out until it is sent again. */
function isComparedLink(
  dialect: Dialect,
  state: TableRef,
  { objectTypeId, associations }: LinkScope,
  selection: DriftSelection,
): Sql {
  const names = join(associations.map((association) => sql`${association}`))
  return sql`status = 'succeeded' and labels is not null and record_id is not null and target_record_id is not null
  and coalesce(error_category, '') <> ${acceptedLink} and target_object = ${objectTypeId} and association in (${names})
  and row_id in (select row_id from ${table(dialect, state)} where ${isCompared(dialect, state, selection)})`
}

export async function countSentLinks(
  ledger: Ledger,
  syncName: string,
  scope: LinkScope,
  selection: DriftSelection,
): Promise<{ readonly links: number; readonly records: number }> {
  const links = linksOf(ledger, syncName)
  if (!(await hasTable(ledger, links))) return { links: 0, records: 0 }
  const condition = isComparedLink(
    ledger.warehouse.dialect,
    stateOf(ledger, syncName),
    scope,
    selection,
  )
  const [row] = await ledger.warehouse.query(
    sql`select count(*) as total, count(distinct record_id) as records from ${named(ledger, links)} where ${condition}`,
  )
  return { links: Number(row?.['total'] ?? 0), records: Number(row?.['records'] ?? 0) }
}

/** Links page by page: all of as many records. */
export async function* readSentLinks(
  ledger: Ledger,
  syncName: string,
  scope: LinkScope,
  selection: DriftSelection,
  records: number,
): AsyncGenerator<readonly SentLink[]> {
  const { warehouse } = ledger
  const links = named(ledger, linksOf(ledger, syncName))
  const condition = isComparedLink(warehouse.dialect, stateOf(ledger, syncName), scope, selection)
  let after: string | undefined
  while (true) {
    const behind = after === undefined ? raw('') : sql` and record_id > ${after}`
    const [page] = await warehouse.query(
      sql`select count(*) as total, max(record_id) as up_to from (
  select record_id from ${links} where ${condition}${behind} group by record_id order by record_id limit ${raw(String(records))}
) as page`,
    )
    const upTo = cellText(page?.['up_to'])
    if (upTo === null) return
    const rows = await warehouse.query(
      sql`select row_id, association, target_key, record_id, target_record_id, labels from ${links}
where ${condition}${behind} and record_id <= ${upTo} order by record_id, row_id, association, target_key`,
    )
    yield rows.map((row) => ({
      rowId: String(row['row_id']),
      association: String(row['association']),
      targetKey: String(row['target_key']),
      recordId: String(row['record_id']),
      targetRecordId: String(row['target_record_id']),
      labels: JSON.parse(cellText(row['labels']) ?? '[]') as string[],
    }))
    if (Number(page?.['total']) < records) return
    after = upTo
  }
}
