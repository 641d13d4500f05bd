import type { Dialect, TableRef } from '../warehouse/dialect.ts'
import { tableName } from '../warehouse/dialect.ts'
import { join, raw, type Sql, sql } from '../warehouse/sql.ts'
import {
  type Ledger,
  named,
  planOf,
  type RecordSources,
  recordSources,
  resolutionsOf,
  resultsOf,
  sharedTable,
  stateOf,
} from './ledger.ts'
import { type OutcomeTables, takenRecords } from './outcomes.ts'

/** A sync that links of an entry lead to, and its run that is not in its state yet. */
export interface TargetSync {
  readonly association: string
  readonly syncName: string
  readonly runId?: string
}

const name = (dialect: Dialect, table: TableRef): Sql => raw(tableName(dialect, table))

const isOpen = (runId: string) => sql`run_id = ${runId} and operation = 'associate'`

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
  absent_at = case when n.is_new = 1 then ${dialect.now()} else t.absent_at end`
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
  const tables = []
  for (const { association, syncName: target, runId: openRun } of targets) {
    tables.push({ association, ...(await recordSources(ledger, target, openRun)) })
  }
  await warehouse.execute(
    takeEndsStatement(warehouse.dialect, tablesOf(ledger, syncName), runId, tables),
  )
  await wait(ledger, syncName, runId, raw('record_id is null'), {
    category: 'NO_RECORD_YET',
    message: sql`'The row has no record in HubSpot yet.'`,
  })
}

/** Settles links that cannot be made yet. */
async function wait(
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
  wait(ledger, syncName, runId, sql`association = ${association} and target_record_id is null`, {
    category: 'NO_TARGET_YET',
    message: sql`'Row ' || target_key || ${` of sync ${targetSync} has no record in HubSpot yet.`}`,
  })

/** Keys of an entry whose records are looked up, each once, in order. */
export async function readSoughtTargets(
  ledger: Ledger,
  syncName: string,
  runId: string,
  association: string,
  after: string,
  limit: number,
): Promise<readonly { readonly value: string; readonly sequence: number }[]> {
  const rows = await ledger.warehouse.query(
    sql`select target_key, min(seq) as seq from ${named(ledger, planOf(ledger, syncName))}
where ${isOpen(runId)} and association = ${association} and target_record_id is null and record_id is not null and target_key > ${after}
group by target_key order by target_key limit ${raw(String(limit))}`,
  )
  return rows.map((row) => ({ value: String(row['target_key']), sequence: Number(row['seq']) }))
}

/** What a look-up found; the position stands for all links to the same. Several records are none. */
export interface FoundTarget {
  readonly sequence: number
  readonly recordIds: readonly string[]
}

/** Keeps what was found until all of an entry has been asked for. */
export async function keepTargets(
  ledger: Ledger,
  syncName: string,
  runId: string,
  found: readonly FoundTarget[],
  askedAt: string,
): Promise<void> {
  if (found.length === 0) return
  await ledger.warehouse.upload(
    resolutionsOf(ledger, syncName),
    ['run_id', 'seq', 'record_id', 'new_values', 'asked_at'],
    found.map(({ sequence, recordIds }) => [
      runId,
      sequence,
      recordIds.length === 1 ? (recordIds[0] ?? null) : null,
      recordIds.length > 1 ? recordIds.join(', ') : null,
      askedAt,
    ]),
  )
}

/** Gives links of one entry the records that were found, and settles the others. @param words what the target is, without its value */
export async function completeTargets(
  ledger: Ledger,
  syncName: string,
  runId: string,
  association: string,
  words: { readonly missing: Sql; readonly several: string },
): Promise<void> {
  const { warehouse } = ledger
  const plan = named(ledger, planOf(ledger, syncName))
  const resolutions = named(ledger, resolutionsOf(ledger, syncName))
  const results = named(ledger, resultsOf(ledger, syncName))
  const found = sql`select q.target_key, max(r.record_id) as record_id, max(r.new_values) as several
    from ${resolutions} as r join ${plan} as q on q.run_id = r.run_id and q.seq = r.seq
    where r.run_id = ${runId} and q.association = ${association} group by q.target_key`
  await warehouse.transaction([
    sql`insert into ${results} (run_id, seq, outcome, is_doubtful, error_category, error_message)
select p.run_id, p.seq, 'rejected', 1 = 0, 'AMBIGUOUS_TARGET', ${words.several} || f.several || '.'
from ${plan} as p join (${found}) as f on f.target_key = p.target_key
where p.run_id = ${runId} and p.operation = 'associate' and p.association = ${association} and f.several is not null and p.target_record_id is null
  and p.seq not in (select seq from ${results} where run_id = ${runId})`,
    sql`merge into ${plan} as t
using (
  select p.seq, f.record_id from ${plan} as p join (${found}) as f on f.target_key = p.target_key
  where p.run_id = ${runId} and p.operation = 'associate' and p.association = ${association} and p.target_record_id is null and f.record_id is not null
) as n
on t.run_id = ${runId} and t.seq = n.seq
when matched then update set target_record_id = n.record_id`,
    sql`delete from ${resolutions} where run_id = ${runId}`,
  ])
  await wait(
    ledger,
    syncName,
    runId,
    sql`association = ${association} and target_record_id is null`,
    { category: 'TARGET_NOT_FOUND', message: words.missing },
  )
}

/** Says of links that they were not there, right before they are made. */
export async function markAbsent(
  ledger: Ledger,
  syncName: string,
  runId: string,
  sequences: readonly number[],
): Promise<void> {
  const plan = named(ledger, planOf(ledger, syncName))
  const { dialect } = ledger.warehouse
  const statements: Sql[] = []
  for (let from = 0; from < sequences.length; from += sequencesPerStatement) {
    const some = raw(sequences.slice(from, from + sequencesPerStatement).join(', '))
    statements.push(
      sql`update ${plan} set absent_at = ${dialect.now()} where run_id = ${runId} and seq in (${some})`,
    )
  }
  if (statements.length > 0) await ledger.warehouse.transaction(statements)
}

const sequencesPerStatement = 5000

/** Links that are to be taken off and are still asked for under another key: by the labels that they keep. */
export async function readRivals(
  ledger: Ledger,
  syncName: string,
  runId: string,
  links: TableRef,
): Promise<ReadonlyMap<number, readonly string[]>> {
  const plan = named(ledger, planOf(ledger, syncName))
  const isSame =
    'r.record_id = p.record_id and r.target_record_id = p.target_record_id and r.target_object = p.target_object'
  const rows = await ledger.warehouse.query(sql`select p.seq, r.labels from ${plan} as p
join (
  select l.record_id, l.target_record_id, l.target_object, l.labels from ${named(ledger, links)} as l
  left join ${plan} as d on d.run_id = ${runId} and d.operation in ('dissociate', 'release')
    and d.row_id = l.row_id and d.association = l.association and d.target_key = l.target_key
  where l.status = 'succeeded' and d.seq is null
  union all
  select q.record_id, q.target_record_id, q.target_object, q.labels from ${plan} as q
  join ${named(ledger, resultsOf(ledger, syncName))} as x on x.run_id = q.run_id and x.seq = q.seq
  where q.run_id = ${runId} and q.operation = 'associate' and x.outcome = 'succeeded'
) as r on ${raw(isSame)}
where p.run_id = ${runId} and p.operation = 'dissociate'`)
  const rivals = new Map<number, readonly string[]>()
  for (const row of rows) {
    const sequence = Number(row['seq'])
    const labels = JSON.parse(String(row['labels'] ?? '[]')) as string[]
    rivals.set(sequence, [...(rivals.get(sequence) ?? []), ...labels])
  }
  return rivals
}

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
