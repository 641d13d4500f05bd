import type { Dialect } from '../../warehouse/dialect.ts'
import { raw, type Sql, sql } from '../../warehouse/sql.ts'

/** Why a link waits for a record: no fault of the run. */
export const waitingCategories =
  "'NO_TARGET_YET', 'NO_RECORD_YET', 'TARGET_NOT_FOUND', 'TARGET_MISSING', 'RECORD_GONE'"

/** What a look-up, or HubSpot, said of either end is asked again after a day. */
const askedAgain = "'TARGET_NOT_FOUND', 'TARGET_MISSING', 'AMBIGUOUS_TARGET', 'RECORD_GONE'"
const askAgainAfterSeconds = 24 * 60 * 60

/**
 * Columns of `links__<sync>` after a run, as expressions over `o` (the outcome), `l` (the link before, or NULLs) and `m` (a link of the
 * same two records that this sync made, under whatever key, or NULLs). The statuses are told in docs/tables.md.
 *
 * What was set (`record_id`, `labels`) moves when HubSpot took the link, or may have: then both the old labels and the new ones count as
 * ours, so that a later run takes off whichever is not wanted: those of them that we added (`labels_added`), and nobody else's. A link that was absent before it was sent is ours, whatever became of the
 * answer. Once it is off, nothing says any more that it is: whoever links the two then makes a link of their own.
 */
export function nextLink(
  dialect: Dialect,
  facts: { readonly maxAttempts: number; readonly runId: string },
): readonly { readonly column: string; readonly value: Sql }[] {
  const isAssociate = raw("o.operation = 'associate'")
  const isSet = sql`(${isAssociate} and (o.outcome = 'succeeded' or o.is_doubtful))`
  const isOff = raw("(o.operation = 'dissociate' and o.outcome = 'succeeded')")
  const isRefused = raw("(o.outcome = 'rejected' and o.error_category <> 'AMBIGUOUS_TARGET')")
  const attempts = sql`case when ${isRefused} then case when l.status = 'rejected' then coalesce(l.attempts, 0) + 1 else 1 end else 0 end`
  const now = dialect.now()
  const nothing = (kind: 'text' | 'timestamp' | 'boolean') =>
    sql`cast(null as ${raw(dialect.type(kind))})`
  return [
    { column: 'row_id', value: raw('o.row_id') },
    { column: 'association', value: raw('o.association') },
    { column: 'target_object', value: raw('coalesce(o.target_object, l.target_object)') },
    { column: 'target_key', value: raw('o.target_key') },
    { column: 'record_id', value: sql`case when ${isSet} then o.record_id else l.record_id end` },
    {
      column: 'target_record_id',
      value: sql`case when ${isAssociate} then coalesce(o.target_record_id, l.target_record_id) else l.target_record_id end`,
    },
    {
      column: 'labels',
      value: sql`case when ${isOff} then ${nothing('text')} when ${isSet} and o.outcome = 'succeeded' then o.labels
      when ${isSet} then case when coalesce(l.labels, '[]') = '[]' then o.labels when o.labels = '[]' then l.labels else replace(l.labels || o.labels, '][', ',') end
      else l.labels end`,
    },
    {
      column: 'labels_added',
      value: sql`case when ${isOff} then ${nothing('text')} when ${isSet} and o.outcome = 'succeeded' then coalesce(o.labels_added, '[]')
      when ${isSet} then case when coalesce(l.labels_added, '[]') = '[]' then coalesce(o.labels_added, '[]') when coalesce(o.labels_added, '[]') = '[]' then l.labels_added
        else replace(l.labels_added || o.labels_added, '][', ',') end
      else l.labels_added end`,
    },
    {
      column: 'added_here',
      value: sql`case when ${isSet} and (o.absent_at is not null or o.added_here or m.record_id is not null) then 1 = 1
      when ${isSet} and (l.labels is null or l.record_id <> o.record_id or l.target_record_id <> o.target_record_id) then ${nothing('boolean')} else l.added_here end`,
    },
    {
      column: 'status',
      value: sql`case when ${isOff} or o.operation = 'release' then 'left'
      when ${isRefused} and ${attempts} >= ${facts.maxAttempts} then 'parked' else o.outcome end`,
    },
    { column: 'attempts', value: attempts },
    {
      column: 'next_attempt_at',
      value: sql`case when o.error_category in (${raw(askedAgain)}) then ${dialect.addSeconds(now, askAgainAfterSeconds)} else ${nothing('timestamp')} end`,
    },
    { column: 'error_category', value: raw('o.error_category') },
    { column: 'error_message', value: raw('o.error_message') },
    { column: 'first_run_id', value: sql`coalesce(l.first_run_id, ${facts.runId})` },
    { column: 'last_run_id', value: sql`${facts.runId}` },
    {
      column: 'last_synced_at',
      value: sql`case when ${isAssociate} and o.outcome = 'succeeded' then ${now} else l.last_synced_at end`,
    },
    { column: 'updated_at', value: now },
  ]
}
