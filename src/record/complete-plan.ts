import type { Dialect, TableRef } from '../warehouse/dialect.ts'
import { tableName } from '../warehouse/dialect.ts'
import { join, raw, type Sql, sql } from '../warehouse/sql.ts'
import { type Ledger, named, planOf, resolutionsOf, stateOf } from './ledger.ts'
import { departures } from './outcomes.ts'
import type { CompletedTexts } from './plan-rows.ts'

/** What a look-up said about one row of a plan. */
export interface Resolution {
  readonly sequence: number
  /** Records found; several only where the match property need not be unique. */
  readonly recordIds: readonly string[]
  /** Undefined when HubSpot refuses to look for the value. */
  readonly askedAt: string | undefined
  /** What is sent to the record after all; absent when it is as planned. Not where several may be found. */
  readonly texts?: CompletedTexts
}

/** What is sent after all of a row that has its record. */
export type Shortened = Required<Pick<Resolution, 'sequence' | 'texts'>>

const textColumns = [
  'new_values',
  'changed_properties',
  'doubtful_values',
  'audit_old',
  'audit_new',
] as const

/** How a search is read: it lags behind, so what this schema knows to have been written since then counts as well. */
export interface SearchFacts {
  readonly delaySeconds: number
  /** Syncs of the same object by the same match property, which may have made the record a moment ago. */
  readonly siblings: readonly string[]
}

interface CompleteSpec {
  readonly runId: string
  readonly plan: TableRef
  readonly state: TableRef
  readonly resolutions: TableRef
  readonly search?: { readonly delaySeconds: number; readonly siblings: readonly TableRef[] }
}

const name = (dialect: Dialect, table: TableRef) => raw(tableName(dialect, table))

/** One row per row of the plan and record that it may be: found, or written so recently that a search need not show it. */
function claims(dialect: Dialect, spec: CompleteSpec): Sql {
  const { runId, search } = spec
  const plan = name(dialect, spec.plan)
  const answers = name(dialect, spec.resolutions)
  const found = sql`select p.seq, p.row_id, p.match_value, x.record_id, x.asked_at
      from ${answers} as x join ${plan} as p on p.run_id = x.run_id and p.seq = x.seq
      where x.run_id = ${runId}`
  if (search === undefined) return found
  const written = (state: TableRef, others: Sql) => sql`
      union all
      select p.seq, p.row_id, p.match_value, s.record_id, cast(null as ${raw(dialect.type('timestamp'))}) as asked_at
      from (select distinct seq from ${answers} where run_id = ${runId}) as y
      join ${plan} as p on p.run_id = ${runId} and p.seq = y.seq
      join ${name(dialect, state)} as s on s.match_value = p.match_value${others}
      where s.record_id is not null and ${isRecent(dialect, 's', search.delaySeconds)}`
  const own = written(spec.state, raw(' and s.row_id <> p.row_id'))
  return search.siblings.reduce(
    (all, sibling) => sql`${all}${written(sibling, raw(''))}`,
    sql`${found}${own}`,
  )
}

const isRecent = (dialect: Dialect, alias: string, seconds: number): Sql =>
  sql`${dialect.addSeconds(raw(`${alias}.last_synced_at`), seconds)} >= ${dialect.now()}`

/**
 * Whose the record is: `free`; `moved`, when its row has, or gets in this run, another match value, so that the search only
 * shows what was; `held` by a row that HubSpot still has this value of; or `taken`.
 */
function judged(dialect: Dialect, spec: CompleteSpec): Sql {
  const { runId, search } = spec
  const plan = name(dialect, spec.plan)
  const bySearch =
    search === undefined
      ? sql`
        when o.match_value = c.match_value then 'held'`
      : sql`
        when q.operation = 'update' and q.match_value <> c.match_value then 'moved'
        when o.match_value <> c.match_value and ${isRecent(dialect, 'o', search.delaySeconds)} then 'moved'
        when o.match_value = c.match_value then 'held'`
  // Creates of earlier runs of which nobody knows yet whether they came through.
  const unsettled =
    search === undefined
      ? raw('')
      : sql`
    left join ${plan} as u on u.run_id <> ${runId} and u.operation = 'create' and u.match_value = c.match_value and u.row_id <> c.row_id`
  const isLeaving = raw(`q.operation in (${departures})`)
  return sql`select c.seq, c.row_id, c.record_id, c.asked_at, coalesce(o.row_id, z.row_id) as owner_row_id,
      case when c.record_id is null then 'free'
        when z.row_id is not null and (o.row_id is null or ${isLeaving}) then 'taken'
        when o.row_id is null or ${isLeaving} then 'free'${bySearch}
        else 'taken' end as claim,
      ${raw(search === undefined ? `cast(null as ${dialect.type('text')})` : 'u.row_id')} as unsettled_row_id
    from (
      ${claims(dialect, spec)}
    ) as c
    left join ${name(dialect, spec.state)} as o on o.record_id = c.record_id and o.status <> 'left' and o.row_id <> c.row_id
    left join ${plan} as q on q.run_id = ${runId} and q.row_id = o.row_id and q.operation in ('update', ${raw(departures)})
    left join ${plan} as z on z.run_id = ${runId} and z.operation in ('update', 'adopt') and z.record_id = c.record_id
      and z.row_id <> c.row_id and (o.row_id is null or z.row_id <> o.row_id)${unsettled}`
}

/**
 * Completes a plan with what HubSpot said: updates of the records found, creates that are absent, skips where the mode
 * leaves the row alone, and rejects where more than one record, or the record of another row, was found. One statement.
 *
 * An upsert whose match value HubSpot still has on the record of another row stays one: without a search it waits for what becomes of
 * that row (`holdBlocked`), after one for the next run.
 */
export function completeStatement(dialect: Dialect, spec: CompleteSpec): Sql {
  const text = raw(dialect.type('text'))
  const isSkipped = sql`(p.operation = 'create' and r.verdict not in ('absent', 'unsettled', 'refused') or p.operation = 'update' and r.verdict = 'absent')`
  const isHeld = sql`(p.operation = 'upsert' and r.verdict in ('held', 'unsettled'))`
  const [heldReason, heldDetail] = spec.search
    ? [raw("'match_value_held'"), raw('r.owner_row_id')]
    : [raw('null'), raw('null')]
  const isRejected = sql`r.verdict in ('several', 'taken', 'held', 'unsettled', 'refused')`
  return sql`merge into ${name(dialect, spec.plan)} as p
using (
  select seq, record_id, asked_at, matches, all_ids, unsettled_row_id, coalesce(owner_row_id, case when first_row_id <> row_id then first_row_id end) as owner_row_id,
    case when asked_at is null then 'refused' when unsettled_row_id is not null then 'unsettled' when matches = 0 then 'absent' when matches > 1 then 'several'
      when claim is not null then claim when first_row_id <> row_id then 'taken' else 'found' end as verdict
  from (
    select summed.*, first_value(row_id) over (partition by record_id order by seq) as first_row_id
    from (
      select seq, row_id, max(asked_at) as asked_at,
        count(distinct case when claim <> 'moved' then record_id end) as matches,
        min(case when claim <> 'moved' then record_id end) as record_id,
        min(record_id) || ', ' || max(record_id) || case when count(distinct record_id) > 2
          then ' and ' || cast(count(distinct record_id) - 2 as ${text}) || ' more' else '' end as all_ids,
        min(case when claim in ('held', 'taken') then claim end) as claim,
        min(case when claim in ('held', 'taken') then owner_row_id end) as owner_row_id, min(unsettled_row_id) as unsettled_row_id
      from (
    ${judged(dialect, spec)}
      ) as judged
      group by seq, row_id
    ) as summed
  ) as ranked
) as r
on p.run_id = ${spec.runId} and p.seq = r.seq
when matched then update set
  record_id = case when r.verdict = 'found' or (p.operation = 'create' and r.matches = 1) then r.record_id end,
  absent_at = case when r.verdict = 'absent' then r.asked_at end,
  reason = case when ${isSkipped} then case p.operation when 'create' then 'record_exists' else 'no_record' end
    when ${isHeld} then ${heldReason}
    when r.verdict = 'unsettled' then 'match_value_held'
    when r.verdict = 'several' then 'ambiguous_match'
    when r.verdict = 'refused' then 'unsearchable'
    when r.verdict in ('taken', 'held') then 'record_taken' end,
  reason_detail = case when r.verdict = 'several' then r.all_ids when r.verdict = 'unsettled' then r.unsettled_row_id
    when ${isHeld} then ${heldDetail} when r.verdict in ('taken', 'held') then r.owner_row_id end,
  operation = case when ${isSkipped} then 'skip'
    when ${isHeld} then p.operation
    when ${isRejected} then 'reject'
    when p.operation = 'upsert' and r.verdict = 'found' then 'update'
    when p.operation = 'upsert' and r.verdict = 'absent' then 'create'
    else p.operation end`
}

/**
 * Takes out of rows what their record must not get: properties that are not always written. A row that has nothing left to send is
 * brought up to date.
 */
export function shortenStatement(
  dialect: Dialect,
  { runId, plan, resolutions }: Pick<CompleteSpec, 'runId' | 'plan' | 'resolutions'>,
): Sql {
  const columns = textColumns.map((column) => raw(column))
  return sql`merge into ${name(dialect, plan)} as p
using (
  select seq, ${join(columns)} from ${name(dialect, resolutions)} where run_id = ${runId} and changed_properties is not null
) as r
on p.run_id = ${runId} and p.seq = r.seq and p.operation = 'update' and p.record_id is not null
when matched then update set ${join(columns.map((column) => sql`${column} = r.${column}`))},
  operation = case when r.changed_properties = '[]' then 'refresh' else p.operation end`
}

const cellsOf = (texts: CompletedTexts | undefined): readonly (string | null)[] =>
  texts === undefined
    ? textColumns.map(() => null)
    : [
        texts.newValues,
        texts.changedProperties,
        texts.doubtfulValues,
        texts.auditOld,
        texts.auditNew,
      ]

/** Sends less of rows that have their record. */
export async function shortenPlan(
  ledger: Ledger,
  syncName: string,
  runId: string,
  shortened: readonly Shortened[],
): Promise<void> {
  const resolutions = resolutionsOf(ledger, syncName)
  await ledger.warehouse.upload(
    resolutions,
    ['run_id', 'seq', ...textColumns],
    shortened.map(({ sequence, texts }) => [runId, sequence, ...cellsOf(texts)]),
  )
  const plan = planOf(ledger, syncName)
  await ledger.warehouse.transaction([
    shortenStatement(ledger.warehouse.dialect, { runId, plan, resolutions }),
    sql`delete from ${named(ledger, resolutions)} where run_id = ${runId}`,
  ])
}

/** Completes the plan with answers about some of its rows. */
export async function completePlan(
  ledger: Ledger,
  syncName: string,
  runId: string,
  resolutions: readonly Resolution[],
  search?: SearchFacts,
): Promise<void> {
  const table = resolutionsOf(ledger, syncName)
  const hasTexts = resolutions.some(({ texts }) => texts !== undefined)
  await ledger.warehouse.upload(
    table,
    ['run_id', 'seq', 'record_id', 'asked_at', ...(hasTexts ? textColumns : [])],
    resolutions.flatMap(({ sequence, recordIds, askedAt, texts }) =>
      (recordIds.length === 0 ? [null] : recordIds).map((recordId) => [
        runId,
        sequence,
        recordId,
        askedAt ?? null,
        ...(hasTexts ? cellsOf(texts) : []),
      ]),
    ),
  )
  const spec = {
    runId,
    plan: planOf(ledger, syncName),
    state: stateOf(ledger, syncName),
    resolutions: table,
    ...(search === undefined
      ? {}
      : {
          search: {
            delaySeconds: search.delaySeconds,
            siblings: search.siblings.map((sibling) => stateOf(ledger, sibling)),
          },
        }),
  }
  await ledger.warehouse.transaction([
    completeStatement(ledger.warehouse.dialect, spec),
    ...(hasTexts ? [shortenStatement(ledger.warehouse.dialect, spec)] : []),
    sql`delete from ${named(ledger, table)} where run_id = ${runId}`,
  ])
}
