import type { OperationKind } from '../types.ts'
import type { Dialect, TableRef } from '../warehouse/dialect.ts'
import { tableName } from '../warehouse/dialect.ts'
import { raw, type Sql, sql } from '../warehouse/sql.ts'
import { type Ledger, named, planOf, resolutionsOf, resultsOf } from './ledger.ts'
import { type RecordSources, recordSources } from './record-sources.ts'

/** The sync whose rows events are about, and its run that is not in its state yet. */
export interface ContactSync {
  readonly syncName: string
  readonly runId?: string
}

/** Planned operations whose records are found out. */
type About = Extract<OperationKind, 'send' | 'add' | 'remove'>

interface Tables {
  readonly plan: TableRef
  readonly runId: string
  readonly operation: About
}

/** Operations of rows that left the model name their record already. */
const isOpen = (alias: string, operation: About): Sql =>
  sql`${raw(alias)}operation = ${operation} and ${raw(alias)}fingerprint is not null`

const name = (dialect: Dialect, table: TableRef): Sql => raw(tableName(dialect, table))

/**
 * Gives planned events, or members of a list, the record of the row that they name: from the results of a run that is still under way, else from the state. Of
 * several that one run had for a row any is right: it is the same record.
 */
export function takeRecordsStatement(
  dialect: Dialect,
  { plan, runId, operation }: Tables,
  other: RecordSources,
): Sql {
  const { state, open } = other
  const text = raw(dialect.type('text'))
  const ofState =
    state === undefined
      ? { join: raw(''), value: sql`cast(null as ${text})` }
      : {
          join: sql`\n  left join ${name(dialect, state)} as s on s.row_id = p.match_value`,
          value: raw('max(s.record_id)'),
        }
  const ofRun =
    open === undefined
      ? { join: raw(''), value: sql`cast(null as ${text})` }
      : {
          join: sql`\n  left join (
    select q.row_id, x.record_id from ${name(dialect, open.plan)} as q
    join ${name(dialect, open.results)} as x on x.run_id = q.run_id and x.seq = q.seq
    where q.run_id = ${open.runId} and x.outcome = 'succeeded' and x.record_id is not null
  ) as r on r.row_id = p.match_value`,
          value: raw('max(r.record_id)'),
        }
  return sql`merge into ${name(dialect, plan)} as t
using (
  select p.seq, coalesce(${ofRun.value}, ${ofState.value}) as record_id
  from ${name(dialect, plan)} as p${ofState.join}${ofRun.join}
  where p.run_id = ${runId} and ${isOpen('p.', operation)}
  group by p.seq
) as n
on t.run_id = ${runId} and t.seq = n.seq
when matched then update set record_id = n.record_id, reason = case when n.record_id is null then t.reason end,
  reason_detail = case when n.record_id is null then t.reason_detail end`
}

/** Events of rows that have no record yet wait for the next run. */
export async function takeRecords(
  ledger: Ledger,
  syncName: string,
  runId: string,
  operation: About,
  { syncName: other, runId: openRun }: ContactSync,
): Promise<void> {
  const { warehouse } = ledger
  const plan = planOf(ledger, syncName)
  const sources = await recordSources(ledger, other, openRun)
  await warehouse.execute(
    takeRecordsStatement(warehouse.dialect, { plan, runId, operation }, sources),
  )
  await warehouse.execute(sql`insert into ${named(ledger, resultsOf(ledger, syncName))} (run_id, seq, outcome, is_doubtful, error_category, error_message)
select run_id, seq, 'pending', 1 = 0, 'NO_CONTACT_YET', 'Row ' || match_value || ${` of sync ${other} has no record in HubSpot yet.`}
from ${named(ledger, plan)} where run_id = ${runId} and ${isOpen('', operation)} and record_id is null`)
}

/** Whom planned events are about, each once, in order. */
export async function readContacts(
  ledger: Ledger,
  syncName: string,
  runId: string,
  operation: About,
  after: string,
  limit: number,
): Promise<readonly { readonly value: string; readonly sequence: number }[]> {
  const rows = await ledger.warehouse.query(
    sql`select match_value, min(seq) as seq from ${named(ledger, planOf(ledger, syncName))}
where run_id = ${runId} and ${isOpen('', operation)} and match_value > ${after}
group by match_value order by match_value limit ${raw(String(limit))}`,
  )
  return rows.map((row) => ({
    value: String(row['match_value']),
    sequence: Number(row['seq']),
  }))
}

/** The record of whom an event is about; the position stands for all events about the same. */
export interface FoundContact {
  readonly sequence: number
  readonly recordId: string
}

/** Gives planned events the records that were found, and rejects those about nobody. */
export function contactsStatement(
  dialect: Dialect,
  { plan, runId, operation }: Tables,
  resolutions: TableRef,
  sought: string,
): Sql {
  const reason = operation === 'send' ? 'unknown_contact' : 'unknown_member'
  // Of a member the reason says by what it was looked for.
  const detail =
    operation === 'send'
      ? raw('')
      : sql`,
  reason_detail = case when n.record_id is null then ${sought} end`
  return sql`merge into ${name(dialect, plan)} as t
using (
  select p.seq, max(f.record_id) as record_id
  from ${name(dialect, plan)} as p
  left join (
    select q.match_value, r.record_id from ${name(dialect, resolutions)} as r
    join ${name(dialect, plan)} as q on q.run_id = r.run_id and q.seq = r.seq
    where r.run_id = ${runId}
  ) as f on f.match_value = p.match_value
  where p.run_id = ${runId} and ${isOpen('p.', operation)}
  group by p.seq
) as n
on t.run_id = ${runId} and t.seq = n.seq
when matched then update set record_id = n.record_id,
  operation = case when n.record_id is null then 'reject' else t.operation end,
  reason = case when n.record_id is null then ${reason} end${detail}`
}

/** Keeps what was found until all has been asked for. */
export async function keepContacts(
  ledger: Ledger,
  syncName: string,
  runId: string,
  found: readonly FoundContact[],
  askedAt: string,
): Promise<void> {
  await ledger.warehouse.upload(
    resolutionsOf(ledger, syncName),
    ['run_id', 'seq', 'record_id', 'asked_at'],
    found.map(({ sequence, recordId }) => [runId, sequence, recordId, askedAt]),
  )
}

export async function completeContacts(
  ledger: Ledger,
  syncName: string,
  runId: string,
  operation: About,
  sought: string,
): Promise<void> {
  const resolutions = resolutionsOf(ledger, syncName)
  await ledger.warehouse.transaction([
    contactsStatement(
      ledger.warehouse.dialect,
      { plan: planOf(ledger, syncName), runId, operation },
      resolutions,
      sought,
    ),
    sql`delete from ${named(ledger, resolutions)} where run_id = ${runId}`,
  ])
}

/** Operations that are still to be sent, by kind, and rows that need no sending. */
export async function countOpen(
  ledger: Ledger,
  syncName: string,
  runId: string,
): Promise<Readonly<Record<string, number>>> {
  const rows = await ledger.warehouse.query(
    sql`select operation, count(*) as total from ${named(ledger, planOf(ledger, syncName))}
where run_id = ${runId} and seq not in (select seq from ${named(ledger, resultsOf(ledger, syncName))} where run_id = ${runId})
group by operation`,
  )
  return Object.fromEntries(rows.map((row) => [String(row['operation']), Number(row['total'])]))
}
