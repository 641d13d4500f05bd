import type { Dialect, TableRef } from '../warehouse/dialect.ts'
import { tableName } from '../warehouse/dialect.ts'
import { join, raw, type Sql, sql } from '../warehouse/sql.ts'
import type { Resolution } from './complete-plan.ts'
import { type Ledger, named, sharedTable } from './ledger.ts'
import { afterRematch } from './transitions.ts'

/** The tables that rows are matched anew in: of a run, or copies of a plan. */
export interface RematchTables {
  readonly runId: string
  readonly state: TableRef
  /** Holds which rows are looked up, until they are re-bound. */
  readonly plan: TableRef
  /** Holds the records found. */
  readonly resolutions: TableRef
}

/** A known row, and by what it is looked up. */
export interface KnownRow {
  readonly sequence: number
  readonly matchValue: string
}

const name = (dialect: Dialect, table: TableRef) => raw(tableName(dialect, table))

/**
 * Known rows that can be looked up: bound ones whose key and new match value occur once in the model.
 *
 * @param keys `row_id` and `match_value` of each row of the model
 */
export function knownRowsStatement(
  dialect: Dialect,
  { runId, state, plan }: RematchTables,
  keys: Sql,
): Sql {
  return sql`insert into ${name(dialect, plan)} (run_id, seq, row_id, operation, record_id, match_value)
select ${runId}, row_number() over (order by s.row_id), s.row_id, 'rematch', s.record_id, k.match_value
from ${name(dialect, state)} as s
join (
  select row_id, match_value, count(*) over (partition by row_id) as same_keys, count(*) over (partition by match_value) as same_values
  from (${keys}) as m where row_id is not null and match_value is not null
) as k on k.row_id = s.row_id
where s.record_id is not null and k.same_keys = 1 and k.same_values = 1`
}

export async function countKnownRows(
  ledger: Ledger,
  { runId, plan }: RematchTables,
): Promise<number> {
  const [row] = await ledger.warehouse.query(
    sql`select count(*) as total from ${named(ledger, plan)} where run_id = ${runId}`,
  )
  return Number(row?.['total'] ?? 0)
}

/** Rows to look up, window by window. */
export async function* readKnownRows(
  ledger: Ledger,
  { runId, plan }: RematchTables,
): AsyncGenerator<readonly KnownRow[]> {
  const { warehouse } = ledger
  const limit = raw(String(warehouse.dialect.capabilities.windowRows))
  let after = 0
  while (true) {
    const rows = await warehouse.query(
      sql`select seq, match_value from ${named(ledger, plan)} where run_id = ${runId} and seq > ${after} order by seq limit ${limit}`,
    )
    const last = rows.at(-1)
    if (last === undefined) return
    after = Number(last['seq'])
    yield rows.map((row) => ({
      sequence: Number(row['seq']),
      matchValue: String(row['match_value']),
    }))
  }
}

/** Keeps which records rows were found by. */
export async function storeFound(
  ledger: Ledger,
  { runId, resolutions }: RematchTables,
  found: readonly (Pick<Resolution, 'sequence'> & { readonly recordId: string })[],
): Promise<void> {
  if (found.length === 0) return
  await ledger.warehouse.upload(
    resolutions,
    ['run_id', 'seq', 'record_id'],
    found.map(({ sequence, recordId }) => [runId, sequence, recordId]),
  )
}

/** Rows that found a record, which one they had, and which one they found. */
const foundRows = (dialect: Dialect, { runId, plan, resolutions }: RematchTables): Sql =>
  sql`(select p.seq, p.row_id, p.match_value, p.record_id as old_record_id, r.record_id
    from ${name(dialect, resolutions)} as r
    join ${name(dialect, plan)} as p on p.run_id = r.run_id and p.seq = r.seq
    where r.run_id = ${runId})`

/**
 * Takes back what rows found where it is the record of a row that stays where it is, or of another one that goes there: one record, one
 * row. Who is taken back stays, too, so it is asked until nobody is.
 */
export function takeBackStatement(dialect: Dialect, tables: RematchTables): Sql {
  const found = foundRows(dialect, tables)
  return sql`delete from ${name(dialect, tables.resolutions)} where run_id = ${tables.runId} and seq in (
  select f.seq from ${found} as f
  join ${name(dialect, tables.state)} as o on o.record_id = f.record_id and o.row_id <> f.row_id and o.status <> 'left'
  left join ${found} as g on g.row_id = o.row_id and g.record_id <> g.old_record_id
  where f.record_id <> f.old_record_id and g.row_id is null
  union all
  select c.seq from (
    select f.seq, f.record_id, f.old_record_id, row_number() over (partition by f.record_id order by case when f.record_id = f.old_record_id then 0 else 1 end, f.seq) as choice
    from ${found} as f
  ) as c where c.choice > 1
)`
}

/** Re-binds the rows that found a record. What is known by the old match property is forgotten, of every row. */
export function rematchStatements(dialect: Dialect, tables: RematchTables): readonly Sql[] {
  const state = name(dialect, tables.state)
  const found = foundRows(dialect, tables)
  const nothing = (kind: 'text' | 'timestamp' | 'boolean') =>
    sql`cast(null as ${raw(dialect.type(kind))})`
  const isMoved = raw('n.record_id <> n.old_record_id')
  const forgotten = afterRematch().map(({ column, value }) => sql`${raw(column)} = ${value}`)
  const released = sql`status = 'left' and record_id in (select record_id from ${found} as f where f.record_id <> f.old_record_id)
  and row_id not in (select row_id from ${found} as f)`
  return [
    sql`update ${state} set ${join(forgotten)} where row_id is not null`,
    // Who made a record is known by whichever row had it.
    sql`merge into ${state} as t
using (
  select f.row_id, f.record_id, f.old_record_id, f.match_value, coalesce(h.is_ours, 0) as is_ours
  from ${found} as f
  left join (
    select record_id, max(case when created_here then 1 else 0 end) as is_ours from ${state} where record_id is not null group by record_id
  ) as h on h.record_id = f.record_id
) as n
on t.row_id = n.row_id
when matched then update set record_id = n.record_id, match_value = n.match_value,
  sent_values = case when ${isMoved} then ${nothing('text')} else t.sent_values end,
  created_here = case when ${isMoved} then n.is_ours = 1 else t.created_here end,
  first_synced_at = case when ${isMoved} then ${nothing('timestamp')} else t.first_synced_at end`,
    sql`update ${state} set record_id = ${nothing('text')}, sent_values = ${nothing('text')}, created_here = ${nothing('boolean')}
where ${released}`,
  ]
}

/** What became of the known rows of a sync. */
export interface Rematched {
  readonly found: number
  /** Those of them that go to another record than before. */
  readonly moved: number
}

/** Takes back what cannot be, and counts what is left. */
export async function settleFound(ledger: Ledger, tables: RematchTables): Promise<Rematched> {
  const { warehouse } = ledger
  const { dialect } = warehouse
  while ((await warehouse.execute(takeBackStatement(dialect, tables))) > 0);
  const [row] = await warehouse.query(
    sql`select count(*) as total, sum(case when record_id <> old_record_id then 1 else 0 end) as moved from ${foundRows(dialect, tables)} as f`,
  )
  return { found: Number(row?.['total'] ?? 0), moved: Number(row?.['moved'] ?? 0) }
}

/** Re-binds rows and pins the new match property, in one transaction. The audit tells old and new record of each row that moved. */
export async function recordRematch(
  ledger: Ledger,
  tables: RematchTables,
  { syncName, matchProperty }: { readonly syncName: string; readonly matchProperty: string | null },
): Promise<void> {
  const { warehouse } = ledger
  const { dialect } = warehouse
  const { runId, plan, resolutions } = tables
  const old = dialect.jsonObject([{ name: 'record_id', value: raw('f.old_record_id') }])
  await warehouse.transaction([
    sql`insert into ${named(ledger, sharedTable(ledger, 'changes'))} (run_id, sync_name, seq, row_id, record_id, operation, outcome, old_values, recorded_at)
select ${runId}, ${syncName}, 0, f.row_id, f.record_id, 'rematch', 'succeeded', ${old}, ${dialect.now()}
from ${foundRows(dialect, tables)} as f where f.record_id <> f.old_record_id`,
    ...rematchStatements(dialect, tables),
    sql`update ${named(ledger, sharedTable(ledger, 'syncs'))} set match_property = ${matchProperty}, updated_at = ${dialect.now()} where sync_name = ${syncName}`,
    ...[plan, resolutions].map(
      (table) => sql`delete from ${named(ledger, table)} where run_id = ${runId}`,
    ),
  ])
}
