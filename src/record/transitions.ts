import type { Dialect } from '../warehouse/dialect.ts'
import { raw, type Sql, sql } from '../warehouse/sql.ts'

/**
 * The statuses of a row in `state__<sync>`. This file alone moves a row from one to another.
 *
 * - `succeeded`: HubSpot holds `sent_values`. Left when the row changes or leaves the model.
 * - `rejected`: a check of ours or HubSpot refused the row for its content. Tried again by every run.
 * - `parked`: HubSpot refused the same values `max_attempts` times, or the row led to a record that belongs to another row, or
 *   to several. Left alone until the row changes, or `backhaul retry` makes it `pending`; what a look-up led to is looked up
 *   again after a day.
 * - `skipped`: the mode says to leave the row alone (no record to update, or one that already exists), or `start` does.
 *   In update mode it is looked up again after a day; otherwise when the row changes.
 * - `pending`: not written, for a reason outside the row (limits, an interrupt, a fault). The next run does.
 * - `sending`: inside a window that was opened and not closed. Seen only after a kill, until the next start.
 * - `unknown`: may have been written and cannot be repeated safely; looking did not settle it.
 * - `left`: the row is gone from the model, and what `on_delete` asks for is done. Left when it comes back.
 *
 * `sent_values`, `fingerprint` and `created_here` are the baseline of the next diff: they move on success. A write
 * that may have happened leaves its properties in doubt in `sent_values`, so that the next run settles them. A row that
 * is skipped because of somebody else's record is not bound to it: nothing may be written there later.
 *
 * An event is sent once: a row that was is not compared again. `sent_values` also has the parts that it is identified by, from
 * the first time that it may have left.
 *
 * An adopted row is `succeeded`, too: HubSpot holds `sent_values`, which nobody of us sent. Until the first success `first_synced_at` is
 * NULL, so that the diff takes nothing of it for ours to clear; the fingerprint is, so that the next run compares it by its values.
 *
 * A member of a list is the record of a row that was added, or of mode `remove`, taken off; the row has the record from the moment that it may
 * have been. What is only meant to be added changes nothing in the state.
 *
 * What HubSpot holds otherwise than it was sent may be said to be right (`drift --accept`): `sent_values` takes it, and the fingerprint stays, so that the row is left
 * alone until it changes; one whose record is gone is `skipped` as long. Or it is marked (`drift --fix`): without its fingerprint the next run compares the row by what HubSpot
 * holds, and one whose record is gone is `pending` as a new row.
 *
 * A removal (`clear`, `archive`, `remove`) that is rejected or pending keeps its row out of `left`, so that the next run tries it again. A row
 * whose record was archived, or taken off the list, is bound to nothing: when it comes back, its record is made again in full.
 */
export const recordedOutcomes = [
  'succeeded',
  'rejected',
  'skipped',
  'pending',
  'unknown',
  'left',
] as const

export type RecordedOutcome = (typeof recordedOutcomes)[number]

/** Operations on records whose row has left the model, as SQL; of a list `isMemberLeaving` says it. */
export const removalOperations = "'clear', 'archive'"

/** The member of a row that left the model is taken off the list: such a row has no fingerprint. */
export const isMemberLeaving = (alias: string): Sql =>
  raw(`(${alias}.operation = 'remove' and ${alias}.fingerprint is null)`)

/** Why events were not sent whose window was never opened. */
const withoutIntent = "'NOT_SENT', 'NO_CONTACT_YET', 'UNKNOWN_CONTACT'"

/** Seconds until a row is looked up again that found no record to update, or one it cannot have. */
const lookAgainAfterSeconds = 24 * 60 * 60

/** Columns of the state after the transition, as expressions over `o` (the outcome) and `s` (the state before, or NULLs). */
export function nextState(
  dialect: Dialect,
  facts: {
    readonly maxAttempts: number
    readonly looksAgain: boolean
    readonly runId: string
    readonly isList?: boolean
  },
): readonly { readonly column: string; readonly value: Sql }[] {
  const on = (outcome: RecordedOutcome) => sql`o.outcome = ${raw(`'${outcome}'`)}`
  const succeeded = on('succeeded')
  const isSynced = sql`${succeeded} and o.operation <> 'adopt'`
  const isRefusedByHubSpot = sql`(${on('rejected')} and o.reason is null)`
  const isLedAstray = sql`(${on('rejected')} and o.reason in ('ambiguous_match', 'record_taken'))`
  const isRemoval = sql`(o.operation in (${raw(removalOperations)}) or ${isMemberLeaving('o')})`
  const isMember = raw("o.operation in ('add', 'remove')")
  // Nothing reached HubSpot: the member that the row has stays.
  const isUntouched = sql`(${isMember} and not (${succeeded} or o.is_doubtful))`
  // Its member was merged into the record that the row is now: who added it is who added this one.
  const followed = raw(
    facts.isList ? "\n      when o.operation = 'refresh' then s.created_here" : '',
  )
  // A row that left has no fingerprint; refused for the second time in a row, so that it is parked in the end.
  const isSameAttempt = sql`((s.tried_fingerprint is not null and s.tried_fingerprint = o.fingerprint)
      or (${isRemoval} and s.status = 'rejected' and s.tried_fingerprint is null))`
  const attempts = sql`case when ${isRefusedByHubSpot} then case when ${isSameAttempt} then coalesce(s.attempts, 0) + 1 else 1 end
      when ${on('pending')} then coalesce(s.attempts, 0) else 0 end`
  // An event that may have left keeps the uuid and the moment that it left with, whatever became of it.
  const hadIntent = sql`o.operation = 'send' and (o.is_doubtful or o.error_category not in (${raw(withoutIntent)}))`
  const now = dialect.now()
  const nothing = (kind: 'text' | 'timestamp' | 'fingerprint' | 'boolean') =>
    sql`cast(null as ${raw(dialect.type(kind))})`
  return [
    { column: 'row_id', value: raw('o.row_id') },
    {
      column: 'record_id',
      value: sql`case when o.is_unbound then ${nothing('text')}
      when ${on('rejected')} or ${isUntouched} then s.record_id else coalesce(o.record_id, s.record_id) end`,
    },
    {
      column: 'status',
      value: sql`case when ${isRefusedByHubSpot} and (${attempts} >= ${facts.maxAttempts} or o.error_category = 'RECORD_TAKEN') then 'parked'
      when ${isLedAstray} then 'parked'
      when ${isRemoval} and o.outcome in ('succeeded', 'skipped') then 'left' else o.outcome end`,
    },
    {
      column: 'fingerprint',
      value: sql`case when ${succeeded} or ${on('skipped')} then o.fingerprint else s.fingerprint end`,
    },
    {
      column: 'tried_fingerprint',
      value: sql`case when ${on('rejected')} or ${on('unknown')} then o.fingerprint when ${on('pending')} then s.tried_fingerprint else ${nothing('fingerprint')} end`,
    },
    {
      column: 'sent_values',
      value: sql`case when o.operation = 'refresh' and o.changed_properties <> '[]' then s.sent_values
      when o.is_unbound then ${nothing('text')} when ${succeeded} then o.new_values
      when ${hadIntent} then o.doubtful_values
      when (${on('pending')} or ${on('rejected')}) and o.is_doubtful then o.doubtful_values else s.sent_values end`,
    },
    {
      column: 'match_value',
      value: sql`case when o.is_unbound then ${nothing('text')} when ${succeeded} or o.reason = 'before_start' then o.match_value
      when ${on('pending')} and o.record_id is not null and (s.record_id is null or s.record_id <> o.record_id) then o.match_value else s.match_value end`,
    },
    {
      column: 'created_here',
      value: sql`case when ${isUntouched} then s.created_here when o.is_unbound and ${isMember} then ${nothing('boolean')}
      when o.operation = 'add' and ${succeeded} and o.is_created then (1 = 1)${followed}
      when o.operation = 'remove' and o.fingerprint is not null and ${succeeded} then (1 = 0)
      when ${succeeded} and o.record_id is not null and (s.record_id is null or s.record_id <> o.record_id) then o.is_created
      when o.record_id is not null and s.record_id is not null and s.record_id <> o.record_id then ${nothing('boolean')} else s.created_here end`,
    },
    { column: 'attempts', value: attempts },
    {
      column: 'next_attempt_at',
      value: sql`case when ${isLedAstray}${facts.looksAgain ? sql` or ${on('skipped')}` : raw('')} then ${dialect.addSeconds(now, lookAgainAfterSeconds)} else ${nothing('timestamp')} end`,
    },
    { column: 'error_category', value: raw('o.error_category') },
    { column: 'error_message', value: raw('o.error_message') },
    { column: 'first_run_id', value: sql`coalesce(s.first_run_id, ${facts.runId})` },
    { column: 'last_run_id', value: sql`${facts.runId}` },
    {
      column: 'first_synced_at',
      value: sql`coalesce(s.first_synced_at, case when ${isSynced} then ${now} else ${nothing('timestamp')} end)`,
    },
    {
      column: 'last_synced_at',
      value: sql`case when ${isSynced} then ${now} else s.last_synced_at end`,
    },
    { column: 'updated_at', value: now },
  ]
}

/** Columns of a parked row that somebody asked to be tried again: as if its values had never been refused. The message stays. */
export function afterRetry(
  dialect: Dialect,
): readonly { readonly column: string; readonly value: Sql }[] {
  return [
    { column: 'status', value: raw("'pending'") },
    { column: 'attempts', value: raw('0') },
    { column: 'tried_fingerprint', value: raw('null') },
    { column: 'error_category', value: raw("'RETRY_ASKED'") },
    { column: 'updated_at', value: dialect.now() },
  ]
}

/** Category of a link that stands otherwise in HubSpot than it was set, and is left so until its row asks for something else. */
export const acceptedLink = 'ACCEPTED_IN_HUBSPOT'

/**
 * Columns of a row whose record holds something else than was sent, over `t` (the row) and `n` (what the record holds; without `record_id`:
 * the row has none any more). With `fix` the next run compares the row by its values, or sends it as a new one; with `accept` it
 * is left alone until it changes.
 */
export function rowAfterDrift(
  dialect: Dialect,
  runId: string,
): readonly { readonly column: string; readonly value: Sql }[] {
  const isFix = raw("n.operation = 'fix'")
  const isLost = raw('n.record_id is null')
  const nothing = (kind: 'text' | 'timestamp' | 'fingerprint' | 'boolean') =>
    sql`cast(null as ${raw(dialect.type(kind))})`
  return [
    {
      column: 'status',
      value: sql`case when ${isLost} and ${isFix} then 'pending' when ${isLost} then 'skipped' else t.status end`,
    },
    {
      column: 'fingerprint',
      value: sql`case when ${isFix} then ${nothing('fingerprint')} else t.fingerprint end`,
    },
    { column: 'tried_fingerprint', value: nothing('fingerprint') },
    { column: 'sent_values', value: raw('n.new_values') },
    { column: 'match_value', value: raw('n.match_value') },
    {
      column: 'created_here',
      value: sql`case when n.record_id = t.record_id then t.created_here else ${nothing('boolean')} end`,
    },
    { column: 'record_id', value: raw('n.record_id') },
    { column: 'attempts', value: raw('0') },
    { column: 'next_attempt_at', value: nothing('timestamp') },
    {
      column: 'error_category',
      value: sql`case when ${isLost} then n.reason else ${nothing('text')} end`,
    },
    { column: 'error_message', value: nothing('text') },
    { column: 'last_run_id', value: sql`${runId}` },
    { column: 'updated_at', value: dialect.now() },
  ]
}

/** The same of a link, over `t` (the link) and `n`. What was taken off by hand is nobody's of ours any more. */
export function linkAfterDrift(
  dialect: Dialect,
  runId: string,
): readonly { readonly column: string; readonly value: Sql }[] {
  const isFix = raw("n.operation = 'fix'")
  const nothing = (kind: 'text' | 'timestamp' | 'boolean') =>
    sql`cast(null as ${raw(dialect.type(kind))})`
  return [
    { column: 'status', value: sql`case when ${isFix} then 'pending' else t.status end` },
    {
      column: 'added_here',
      value: sql`case when ${isFix} then t.added_here else ${nothing('boolean')} end`,
    },
    { column: 'labels_added', value: sql`case when ${isFix} then t.labels_added else '[]' end` },
    { column: 'attempts', value: raw('0') },
    { column: 'next_attempt_at', value: nothing('timestamp') },
    {
      column: 'error_category',
      value: sql`case when ${isFix} then n.reason else ${acceptedLink} end`,
    },
    { column: 'error_message', value: nothing('text') },
    { column: 'last_run_id', value: sql`${runId}` },
    { column: 'updated_at', value: dialect.now() },
  ]
}

/**
 * Columns of every row of a state whose sync matches by another property: what was known by the old one says nothing any more. Rows that
 * were parked for what they led to are tried again; a removal that was refused is not.
 */
export function afterRematch(): readonly { readonly column: string; readonly value: Sql }[] {
  const isParked = raw("status = 'parked' and tried_fingerprint is not null")
  return [
    { column: 'status', value: sql`case when ${isParked} then 'pending' else status end` },
    { column: 'attempts', value: sql`case when ${isParked} then 0 else attempts end` },
    { column: 'fingerprint', value: raw('null') },
    { column: 'match_value', value: raw('null') },
  ]
}
