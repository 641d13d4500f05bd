import type { Dialect, TableRef } from '../../warehouse/dialect.ts'
import { tableName } from '../../warehouse/dialect.ts'
import { join, raw, type Sql, sql } from '../../warehouse/sql.ts'
import { type Ledger, linksOf, named, planOf, resultsOf, sharedTable, stateOf } from '../ledger.ts'
import { type OutcomeTables, takenRecords } from '../outcomes.ts'
import { type RecordSources, recordSources } from '../record-sources.ts'

/** A sync that links of an entry lead to, and its run that is not in its state yet. */
export interface TargetSync {
  readonly association: string
  readonly syncName: string
  readonly runId?: string
}

const name = (dialect: Dialect, table: TableRef): Sql => raw(tableName(dialect, table))

/** Links to be set, of a run. */
export const isOpen = (runId: string) => sql`run_id = ${runId} and operation = 'associate'`

/**
 * Gives planned links the records that this run has made or found, at both ends. A record that was made has no links yet: the moment says so.
 */
export function takeEndsStatement(
  dialect: Dialect,
  tables: OutcomeTables,
  runId: string,
  targets: readonly (RecordSources & { readonly association: string })[],
): Sql {
  const text = raw(dialect.type('text'))
  const found = targets.flatMap(({ association, state, open }) => [
    ...(state === undefined
      ? []
      : [
          sql`select ${association} as association, row_id, record_id as known_id, cast(null as ${text}) as new_id from ${name(dialect, state)} where record_id is not null`,
        ]),
    ...(open === undefined
      ? []
      : [
          sql`select ${association} as association, q.row_id, cast(null as ${text}) as known_id, x.record_id as new_id
    from ${name(dialect, open.plan)} as q join ${name(dialect, open.results)} as x on x.run_id = q.run_id and x.seq = q.seq
    where q.run_id = ${open.runId} and q.association is null and x.outcome = 'succeeded' and x.record_id is not null`,
        ]),
  ])
  const others =
    found.length === 0
      ? sql`select cast(null as ${text}) as association, cast(null as ${text}) as row_id, cast(null as ${text}) as known_id, cast(null as ${text}) as new_id from (select 1 as one) as nothing where 1 = 0`
      : join(found, '\n    union all\n    ')
  return sql`merge into ${name(dialect, tables.plan)} as t
using (
  select p.seq, max(coalesce(own.record_id, p.record_id)) as record_id, coalesce(max(other.new_id), max(other.known_id), max(p.target_record_id)) as target_record_id, max(own.is_new) as is_new
  from ${name(dialect, tables.plan)} as p
  left join (
    select q.row_id, x.record_id, case when x.is_created then 1 else 0 end as is_new
    from ${name(dialect, tables.plan)} as q join ${name(dialect, tables.results)} as x on x.run_id = q.run_id and x.seq = q.seq
    where q.run_id = ${runId} and q.association is null and x.outcome = 'succeeded' and x.record_id is not null
      and x.seq not in (select seq from ${takenRecords(dialect, tables, runId)} as taken)
  ) as own on own.row_id = p.row_id
  left join (
    ${others}
  ) as other on other.association = p.association and other.row_id = p.target_key
  where p.run_id = ${runId} and p.operation = 'associate'
  group by p.seq
) as n
on t.run_id = ${runId} and t.seq = n.seq
when matched then update set record_id = n.record_id, target_record_id = n.target_record_id,
  reason = case when n.target_record_id is null then t.reason end, reason_message = case when n.target_record_id is null then t.reason_message end,
  absent_at = case when n.is_new = 1 then ${dialect.now()} else t.absent_at end`
}

/**
 * Adds links to a plan whose records are others by now, and that it does nothing about: as they were asked for. Their ends are set right with
 * those of the other links.
 *
 * @param targets syncs whose rows links lead to, by entry
 */
export function movedLinksStatement(
  dialect: Dialect,
  tables: OutcomeTables & { readonly links: TableRef },
  runId: string,
  associations: readonly string[],
  targets: readonly (RecordSources & { readonly association: string })[],
): Sql {
  const plan = name(dialect, tables.plan)
  const links = name(dialect, tables.links)
  const results = name(dialect, tables.results)
  const done = raw("x.outcome = 'succeeded' and x.record_id is not null")
  const moved = [
    sql`select l.row_id, l.association, l.target_key from ${links} as l
    join ${plan} as q on q.run_id = ${runId} and q.row_id = l.row_id and q.association is null
    join ${results} as x on x.run_id = q.run_id and x.seq = q.seq
    where ${done} and x.record_id <> l.record_id and x.seq not in (select seq from ${takenRecords(dialect, tables, runId)} as taken)`,
    ...targets.flatMap(({ association, state, open }) => [
      ...(state === undefined
        ? []
        : [
            sql`select l.row_id, l.association, l.target_key from ${links} as l
    join ${name(dialect, state)} as s on s.row_id = l.target_key
    where l.association = ${association} and s.record_id <> l.target_record_id`,
          ]),
      ...(open === undefined
        ? []
        : [
            sql`select l.row_id, l.association, l.target_key from ${links} as l
    join ${name(dialect, open.plan)} as q on q.run_id = ${open.runId} and q.row_id = l.target_key and q.association is null
    join ${name(dialect, open.results)} as x on x.run_id = q.run_id and x.seq = q.seq
    where l.association = ${association} and ${done} and x.record_id <> l.target_record_id`,
          ]),
    ]),
  ]
  return sql`insert into ${plan} (run_id, seq, row_id, operation, is_return, record_id, known_status, audit_old, association, target_object, target_key, target_record_id, labels)
select ${runId}, n.last_seq + row_number() over (order by l.association, l.row_id, l.target_key), l.row_id, 'associate', 1 = 0,
  l.record_id, l.status, '{"labels":' || l.labels || '}', l.association, l.target_object, l.target_key, l.target_record_id, l.labels
from ${links} as l
join (
  select row_id, association, target_key from (
    ${join(moved, '\n    union all\n    ')}
  ) as ends group by row_id, association, target_key
) as m on m.row_id = l.row_id and m.association = l.association and m.target_key = l.target_key
left join ${plan} as d on d.run_id = ${runId} and d.row_id = l.row_id and d.association = l.association and d.target_key = l.target_key
cross join (select coalesce(max(seq), 0) as last_seq from ${plan} where run_id = ${runId}) as n
where l.status = 'succeeded' and d.seq is null and l.association in (${join(associations.map((association) => sql`${association}`))})`
}

/** @returns how many links were added */
export async function addMovedLinks(
  ledger: Ledger,
  syncName: string,
  runId: string,
  associations: readonly string[],
  targets: readonly TargetSync[],
): Promise<number> {
  const tables = { ...tablesOf(ledger, syncName), links: linksOf(ledger, syncName) }
  const sources = await sourcesOf(ledger, targets)
  return ledger.warehouse.execute(
    movedLinksStatement(ledger.warehouse.dialect, tables, runId, associations, sources),
  )
}

async function sourcesOf(
  ledger: Ledger,
  targets: readonly TargetSync[],
): Promise<readonly (RecordSources & { readonly association: string })[]> {
  const sources = []
  for (const { association, syncName, runId } of targets)
    sources.push({ association, ...(await recordSources(ledger, syncName, runId)) })
  return sources
}

const tablesOf = (ledger: Ledger, syncName: string): OutcomeTables => ({
  state: stateOf(ledger, syncName),
  intents: sharedTable(ledger, 'intents'),
  plan: planOf(ledger, syncName),
  results: resultsOf(ledger, syncName),
})

/** Links of rows that have no record after all wait for the next run. */
export async function takeEnds(
  ledger: Ledger,
  syncName: string,
  runId: string,
  targets: readonly TargetSync[],
): Promise<void> {
  const { warehouse } = ledger
  const tables = await sourcesOf(ledger, targets)
  await warehouse.execute(
    takeEndsStatement(warehouse.dialect, tablesOf(ledger, syncName), runId, tables),
  )
  await letLinksWait(ledger, syncName, runId, raw('record_id is null'), {
    category: 'NO_RECORD_YET',
    message: sql`'The row has no record in HubSpot yet.'`,
  })
}

/** Settles links that cannot be made yet. */
export async function letLinksWait(
  ledger: Ledger,
  syncName: string,
  runId: string,
  condition: Sql,
  { category, message }: { readonly category: string; readonly message: Sql },
): Promise<void> {
  const results = named(ledger, resultsOf(ledger, syncName))
  await ledger.warehouse.execute(sql`insert into ${results} (run_id, seq, outcome, is_doubtful, error_category, error_message)
select run_id, seq, 'pending', 1 = 0, ${category}, ${message}
from ${named(ledger, planOf(ledger, syncName))} where ${isOpen(runId)} and ${condition}
  and seq not in (select seq from ${results} where run_id = ${runId})`)
}

/** Links that lead to rows of a sync which have no record yet. */
export const waitForRows = (
  ledger: Ledger,
  syncName: string,
  runId: string,
  association: string,
  targetSync: string,
): Promise<void> =>
  letLinksWait(
    ledger,
    syncName,
    runId,
    sql`association = ${association} and target_record_id is null`,
    {
      category: 'NO_TARGET_YET',
      message: sql`'Row ' || target_key || ${` of sync ${targetSync} has no record in HubSpot yet.`}`,
    },
  )

/** True where a plan has links, whatever its sync says by now. */
export async function hasPlannedLinks(
  ledger: Ledger,
  syncName: string,
  runId: string,
): Promise<boolean> {
  const [row] = await ledger.warehouse.query(
    sql`select count(*) as total from ${named(ledger, planOf(ledger, syncName))} where run_id = ${runId} and association is not null`,
  )
  return Number(row?.['total'] ?? 0) > 0
}
