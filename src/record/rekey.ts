import { type Dialect, type TableRef, tableName } from '../warehouse/dialect.ts'
import { raw, type Sql, sql } from '../warehouse/sql.ts'
import { readIdentities } from './identity.ts'
import { hasTable, type Ledger, linksOf, named, sharedTable, stateOf } from './ledger.ts'

/** Begins new keys until all old ones are out of the way: they may be the same texts. */
const newMark = '\u0002'

/**
 * Old and new key of each row of the state that the model still has, by the match value that was sent. A match value
 * that occurs more than once in the model says nothing.
 *
 * @param keys `row_id` and `match_value` of each row of the model
 */
function pairs(state: Sql, keys: Sql): Sql {
  return sql`(
  select s.row_id as old_row_id, s.record_id, k.row_id as new_row_id
  from (
    select row_id, record_id, match_value, row_number() over (partition by match_value order by case when status = 'left' then 1 else 0 end, row_id) as choice
    from ${state} where match_value is not null
  ) as s
  join (
    select match_value, min(row_id) as row_id from (${keys}) as m
    where match_value is not null and row_id is not null group by match_value having count(*) = 1
  ) as k on k.match_value = s.match_value
  where s.choice = 1
)`
}

/** How the new keys are found. */
export interface NewKeys {
  /** `row_id` and `match_value` of each row of the model. */
  readonly keys: Sql
  /** Begins the key of a row that finds none: no key of a model looks like it. */
  readonly lostMark: string
}

/** Gives each row of a state the key that the model now has for it. */
export function rekeyStatements(
  ledger: Ledger,
  table: TableRef,
  { keys, lostMark }: NewKeys,
): readonly Sql[] {
  const state = named(ledger, table)
  return [
    sql`merge into ${state} as t
using (select old_row_id, ${newMark} || new_row_id as new_row_id from ${pairs(state, keys)} as p) as n
on t.row_id = n.old_row_id
when matched then update set row_id = n.new_row_id`,
    sql`update ${state} set row_id = ${lostMark} || row_id where substr(row_id, 1, 1) <> ${newMark}`,
    sql`update ${state} set row_id = substr(row_id, 2) where substr(row_id, 1, 1) = ${newMark}`,
  ]
}

/** Gives links the keys that their rows get. Before those of the state are changed. */
export function rekeyLinks(
  ledger: Ledger,
  tables: { readonly links: TableRef; readonly state: TableRef },
  { keys, lostMark }: NewKeys,
): readonly Sql[] {
  const links = named(ledger, tables.links)
  const state = named(ledger, tables.state)
  return [
    sql`merge into ${links} as t
using (select old_row_id, ${newMark} || new_row_id as new_row_id from ${pairs(state, keys)} as p) as n
on t.row_id = n.old_row_id
when matched then update set row_id = n.new_row_id`,
    sql`update ${links} set row_id = ${lostMark} || row_id where substr(row_id, 1, 1) <> ${newMark}`,
    sql`update ${links} set row_id = substr(row_id, 2) where substr(row_id, 1, 1) = ${newMark}`,
  ]
}

/**
 * Gives links that lead to rows of a sync the keys that those rows get, before those of the state are changed: they lead to the same records. What
 * already waited for a new key is that very link.
 *
 * @param objectTypeId of the rows' records
 */
export function rekeyTargets(
  dialect: Dialect,
  tables: { readonly links: TableRef; readonly state: TableRef },
  objectTypeId: string,
  keys: NewKeys['keys'],
): readonly Sql[] {
  const links = raw(tableName(dialect, tables.links))
  const state = raw(tableName(dialect, tables.state))
  const isMarked = sql`substr(target_key, 1, 1) = ${newMark}`
  const keyOf = (target: Sql) => sql`row_id || ${newMark} || association || ${newMark} || ${target}`
  return [
    sql`merge into ${links} as t
using (select old_row_id, record_id, ${newMark} || new_row_id as new_row_id from ${pairs(state, keys)} as p) as n
on t.target_key = n.old_row_id and t.target_record_id = n.record_id and t.target_object = ${objectTypeId} and t.association like '%/sync:%'
when matched then update set target_key = n.new_row_id`,
    sql`delete from ${links} where not (${isMarked}) and ${keyOf(raw('target_key'))} in (
  select ${keyOf(raw('substr(target_key, 2)'))} from ${links} where ${isMarked})`,
    sql`update ${links} set target_key = substr(target_key, 2) where ${isMarked}`,
  ]
}

/** How many rows of a state are in doubt: their operations are kept by the old key. */
export async function countUnknown(ledger: Ledger, syncName: string): Promise<number> {
  const [row] = await ledger.warehouse.query(
    sql`select count(*) as total from ${named(ledger, stateOf(ledger, syncName))} where status = 'unknown'`,
  )
  return Number(row?.['total'] ?? 0)
}

/** What became of the keys of a state. */
export interface Rekeyed {
  readonly found: number
  /** Rows whose match value the model does not have, or has more than once. */
  readonly lost: number
}

/** Re-maps the keys of a sync and pins the new key columns, in one transaction. The audit tells old and new key of each row. */
export async function rekey(
  ledger: Ledger,
  request: NewKeys & {
    readonly syncName: string
    readonly runId: string
    readonly primaryKey: readonly string[]
  },
): Promise<Rekeyed> {
  const { warehouse } = ledger
  const { dialect } = warehouse
  const { syncName, runId, primaryKey, keys, lostMark } = request
  const table = stateOf(ledger, syncName)
  const state = named(ledger, table)
  const links = linksOf(ledger, syncName)
  const hasLinks = await hasTable(ledger, links)
  const identities = await readIdentities(ledger)
  const own = identities.find((identity) => identity.syncName === syncName)
  const leading: TableRef[] = []
  for (const other of identities) {
    const table = linksOf(ledger, other.syncName)
    const isHere = other.portalId === own?.portalId
    if (isHere && (await hasTable(ledger, table))) leading.push(table)
  }
  await warehouse.transaction([
    sql`insert into ${named(ledger, sharedTable(ledger, 'changes'))} (run_id, sync_name, seq, row_id, record_id, operation, outcome, old_values, recorded_at)
select ${runId}, ${syncName}, 0, p.new_row_id, p.record_id, 'rekey', 'succeeded', ${dialect.jsonObject([{ name: 'primary_key', value: raw('p.old_row_id') }])}, ${dialect.now()}
from ${pairs(state, keys)} as p`,
    ...leading.flatMap((from) =>
      rekeyTargets(dialect, { links: from, state: table }, own?.objectType ?? '', keys),
    ),
    ...(hasLinks ? rekeyLinks(ledger, { links, state: table }, { keys, lostMark }) : []),
    ...rekeyStatements(ledger, table, { keys, lostMark }),
    sql`update ${named(ledger, sharedTable(ledger, 'syncs'))} set primary_key = ${JSON.stringify(primaryKey)}, updated_at = ${dialect.now()} where sync_name = ${syncName}`,
  ])
  const [row] = await warehouse.query(sql`select count(*) as total,
  sum(case when substr(row_id, 1, ${lostMark.length}) = ${lostMark} then 1 else 0 end) as lost from ${state} where status <> 'left'`)
  const lost = Number(row?.['lost'] ?? 0)
  return { found: Number(row?.['total'] ?? 0) - lost, lost }
}
