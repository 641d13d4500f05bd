import { type Dialect, tableName } from '../../warehouse/dialect.ts'
import { join, raw, type Sql, sql } from '../../warehouse/sql.ts'
import { lostKeyMark } from '../diff/departed.ts'
import { plannedRows } from '../diff/diff.ts'
import { modelRows, qualified, rowId } from '../diff/model-keys.ts'
import { otherRows } from '../diff/other-rows.ts'
import type { DiffLink, DiffSpec, StoredDiffSpec } from '../diff-spec.ts'
import { askedLinkSteps } from './link-rows.ts'

const literalList = (texts: readonly string[]): Sql => join(texts.map((text) => sql`${text}`))

const isOneOf = (links: readonly DiffLink[]): Sql =>
  links.length === 0
    ? raw('1 = 0')
    : sql`j.association in (${literalList(links.map(({ association }) => association))})`

/** What the plan does about each row: links of rows that are refused, or left alone, stay as they are. */
const rowsStep = (dialect: Dialect, spec: DiffSpec): Sql => sql`plan_rows as (
  select row_id, max(case when operation in ('reject', 'skip') then 1 else 0 end) as is_held,
    max(case when operation in ('create', 'upsert', 'update', 'refresh') then 1 else 0 end) as is_touched,
    max(case when operation in ('create', 'upsert', 'update') then 1 else 0 end) as is_coming,
    max(case when operation = 'archive' then 1 else 0 end) as is_archived
  from ${plannedRows(dialect, spec)} where row_id is not null group by row_id
)`

/** Rows of other syncs that have a record, or may have one by the time that links are made. */
function targetsStep(dialect: Dialect, spec: DiffSpec, links: readonly DiffLink[]): Sql {
  const text = raw(dialect.type('text'))
  const parts = links.flatMap(({ association, target }) => {
    const other = (spec.linkTargets ?? []).find(
      ({ syncName }) => target.kind === 'sync' && syncName === target.sync,
    )
    const rows = other === undefined ? undefined : otherRows(dialect, other)
    return rows === undefined
      ? []
      : [
          sql`select ${association} as association, row_id as target_key, record_id, is_coming, is_expected
  from (${rows}) as rows_by_key where record_id is not null or is_coming = 1`,
        ]
  })
  const nothing = sql`select cast(null as ${text}) as association, cast(null as ${text}) as target_key, cast(null as ${text}) as record_id, 0 as is_coming, 0 as is_expected from (select 1 as one) as nothing where 1 = 0`
  return sql`targets as (
  ${parts.length === 0 ? nothing : join(parts, '\n  union all\n  ')}
)`
}

/** The links that are known, of the entries that the sync still has. */
function knownLinks(
  dialect: Dialect,
  { linksTable, renamedLinks = [] }: DiffSpec,
  links: readonly DiffLink[],
): Sql {
  const names = [
    ...links.map(({ association }) => association),
    ...renamedLinks.map(({ from }) => from),
  ]
  if (linksTable !== undefined) {
    const table = raw(tableName(dialect, linksTable))
    const columns =
      renamedLinks.length === 0
        ? raw('*')
        : sql`row_id, target_key, record_id, target_record_id, labels, added_here, status, next_attempt_at, case association${join(
            renamedLinks.map(({ from, to }) => sql` when ${from} then ${to}`),
            '',
          )} else association end as association`
    return sql`(select ${columns} from ${table} where association in (${literalList(names)}))`
  }
  const nothing = (kind: 'text' | 'boolean' | 'timestamp', name: string) =>
    sql`cast(null as ${raw(dialect.type(kind))}) as ${raw(name)}`
  const texts = ['row_id', 'association', 'target_key', 'record_id', 'target_record_id', 'labels']
  return sql`(select * from (select ${join([
    ...[...texts, 'status'].map((name) => nothing('text', name)),
    nothing('boolean', 'added_here'),
    nothing('timestamp', 'next_attempt_at'),
  ])}) as nothing where 1 = 0)`
}

/** The links asked for, joined with those that are known. */
const pairsStep = (
  dialect: Dialect,
  spec: DiffSpec,
  links: readonly DiffLink[],
): Sql => sql`pairs as (
  select coalesce(w.row_id, l.row_id) as row_id, coalesce(w.association, l.association) as association, coalesce(w.target_key, l.target_key) as target_key,
    w.labels, case when w.row_id is null then 0 else 1 end as is_wanted, case when l.row_id is null then 0 else 1 end as is_known,
    l.record_id as linked_record_id, l.target_record_id as linked_target_id, l.labels as known_labels, l.added_here, l.status as known_status, l.next_attempt_at
  from wanted as w
  full join ${knownLinks(dialect, spec, links)} as l on l.row_id = w.row_id and l.association = w.association and l.target_key = w.target_key
)`

/** Whether a link that is asked for is not as it should be, or has to be tried again. */
function isDue(dialect: Dialect, spec: DiffSpec, bySync: Sql): Sql {
  const differs = (known: string, now: string) => raw(`coalesce(${known} <> ${now}, 1 = 0)`)
  const hasMoved = sql`${differs('j.linked_record_id', 's.record_id')} or ${differs('j.linked_target_id', 't.record_id')}`
  // With the record of its target a link has gone, too.
  const isGone = sql`(${bySync} and t.record_id is null)`
  return sql`(j.is_known = 0 or j.known_status = 'left'
      or (j.known_status = 'succeeded' and (${raw(spec.isFullRefresh ? '1 = 1' : '1 = 0')} or ${differs('j.known_labels', 'j.labels')} or ${hasMoved} or ${isGone}))
      or (j.known_status <> 'succeeded' and (coalesce(p.is_touched, 0) = 1 or ${hasMoved} or coalesce(j.next_attempt_at <= ${dialect.now()}, 1 = 0)
        or (j.known_status in ('pending', 'rejected') and j.next_attempt_at is null))))`
}

/** What is done about a link; NULL for nothing. */
function operationOf(dialect: Dialect, spec: DiffSpec, links: readonly DiffLink[]): Sql {
  const bySync = isOneOf(links.filter(({ target }) => target.kind === 'sync'))
  const removed = isOneOf(links.filter(({ onRemoved }) => onRemoved === 'remove'))
  const isInsert = spec.mode === 'insert'
  // Insert sends a row once, its links with it.
  const sentBefore = isInsert
    ? raw(`
    when not ((j.is_known = 0 and coalesce(p.is_coming, 0) = 1) or coalesce(j.known_status in ('pending', 'rejected', 'parked'), 1 = 0)) then null`)
    : raw('')
  // A few chosen rows remove nothing.
  const isPart =
    spec.isExplained !== true && (spec.limit !== undefined || spec.onlyRows !== undefined)
  // With the record of a row its links have gone, too.
  const stale =
    isInsert || isPart || spec.isFullRefresh
      ? raw('null')
      : sql`case when substr(j.row_id, 1, ${raw(String(lostKeyMark.length))}) = ${raw(`'${lostKeyMark}'`)} then null
      when j.known_labels is not null and j.added_here and ${removed} and coalesce(p.is_archived, 0) = 0 and s.record_id is not null then 'dissociate'
      when j.known_status <> 'left' then 'release' end`
  return sql`case when j.is_wanted = 0 then ${stale}
    when s.record_id is null and coalesce(p.is_coming, 0) = 0 then null${sentBefore}
    when not ${isDue(dialect, spec, bySync)} then null
    when ${bySync} and t.target_key is null then case when coalesce(j.known_status, '') <> 'pending' then 'wait' end
    else 'associate' end`
}

/** The links that have to be changed, in the columns of a plan table that they use. */
function linkChanges(dialect: Dialect, spec: DiffSpec): Sql {
  const { links = [], onlyRows, limit, state } = spec
  const text = raw(dialect.type('text'))
  const columnSql = (column: string) => qualified(dialect, 'm', column)
  const source = { from: modelRows(spec), rowId: rowId(dialect, spec), columnSql }
  const own =
    state === undefined
      ? sql`(select cast(null as ${text}) as row_id, cast(null as ${text}) as record_id from (select 1 as one) as nothing where 1 = 0)`
      : raw(tableName(dialect, state))
  const byObject = links.map(
    ({ association, objectTypeId }) => sql` when ${association} then ${objectTypeId}`,
  )
  const targets = links.map(({ association, target }) => {
    const record = {
      sync: raw('t.record_id'),
      id: raw('j.target_key'),
      match: raw("case when j.known_status = 'succeeded' then j.linked_target_id end"),
    }[target.kind]
    return sql` when ${association} then ${record}`
  })
  const words = links.flatMap(({ association, target }) =>
    target.kind === 'sync'
      ? [
          sql` when ${association} then 'Row ' || j.target_key || ${` of sync ${target.sync} has no record in HubSpot yet.`}`,
        ]
      : [],
  )
  const bySync = links.filter(({ target }) => target.kind === 'sync')
  // A run tries such a link all the same: somebody may have mended the row.
  const waits = sql`(operation = 'wait' or (operation = 'associate' and is_expected = 0 and ${isOneOf(bySync)}))`
  // Without its record a link that is let go is not there any more; one that is ours was to be kept.
  const isGone = raw(
    "(operation = 'release' and (coalesce(added_here, 1 = 0) or is_archived = 1 or own_record_id is null))",
  )
  const waiting =
    words.length === 0
      ? sql`cast(null as ${text})`
      : sql`case when ${waits} then case j.association${join(words, '')} end end`
  return sql`with ${join(
    [
      ...askedLinkSteps(dialect, spec, links, source),
      sql`wanted as (
  select row_id, association, target_key, ${dialect.textSet(raw('link_type'))} as labels
  from asked_links where target_key is not null group by row_id, association, target_key
)`,
      rowsStep(dialect, spec),
      targetsStep(dialect, spec, links),
      pairsStep(dialect, spec, links),
      sql`chosen as (
  select j.*, s.record_id as own_record_id, coalesce(t.is_expected, 0) as is_expected, coalesce(p.is_archived, 0) as is_archived, ${operationOf(dialect, spec, links)} as operation,
    case j.association${join(byObject, '')} end as target_object, case j.association${join(targets, '')} end as target_record_id
  from pairs as j
  left join ${own} as s on s.row_id = j.row_id
  left join plan_rows as p on p.row_id = j.row_id
  left join targets as t on t.association = j.association and t.target_key = j.target_key
  where coalesce(p.is_held, 0) = 0${onlyRows === undefined ? raw('') : sql` and j.row_id in (${literalList(onlyRows)})`}${raw(limit === undefined ? '' : ' and p.row_id is not null')}
)`,
    ],
    ',\n',
  )}
select ${spec.runId} as run_id, ${firstSeq(dialect, spec)} + row_number() over (order by operation, association, row_id, target_key) as seq, row_id, operation, 1 = 0 as is_return,
  case when operation in ('associate', 'wait') then own_record_id else linked_record_id end as record_id, known_status,
  case when ${waits} then 'no_target_yet' end as reason, ${waiting} as reason_message,
  case when known_labels is not null then '{"labels":' || known_labels || '}' end as audit_old,
  association, target_object, target_key, case when operation in ('associate', 'wait') then target_record_id else linked_target_id end as target_record_id,
  case when operation in ('associate', 'wait') then labels when ${isGone} then null else known_labels end as labels
from chosen as j where operation is not null`
}

/** Links have positions of their own after all records. */
const firstSeq = (dialect: Dialect, { plan, runId }: DiffSpec): Sql =>
  plan === undefined
    ? raw('0')
    : sql`(select coalesce(max(seq), 0) from ${raw(tableName(dialect, plan))} where run_id = ${runId})`

/** Adds the links of one sync to its change set. The rows of the change set are there by then. */
export const linksStatement = (dialect: Dialect, spec: StoredDiffSpec): Sql =>
  sql`insert into ${raw(tableName(dialect, spec.plan))} (run_id, seq, row_id, operation, is_return, record_id, known_status, reason, reason_message, audit_old,
  association, target_object, target_key, target_record_id, labels)
${linkChanges(dialect, spec)}`

/** The links of the change set, to select from: as they were written, or where they could not be, computed. */
export const plannedLinks = (dialect: Dialect, spec: DiffSpec): Sql =>
  spec.plan === undefined
    ? sql`(${linkChanges(dialect, spec)}) as planned`
    : sql`(select * from ${raw(tableName(dialect, spec.plan))} where run_id = ${spec.runId} and association is not null) as planned`
