import { adoptionCalls, callsOf } from '../../plan/call-counts.ts'
import { plannedRows } from '../../plan/diff/diff.ts'
import { type ModelSpec, withRepeats } from '../../plan/diff-model.ts'
import type { LinkSizes } from '../../plan/links/link-counts.ts'
import { plannedLinks } from '../../plan/links/link-plan.ts'
import type { Calls, Diff, PlannedList } from '../../plan/plan.ts'
import { isUnresolved } from '../../record/plan-rows.ts'
import { countSearches } from '../../resolve/search.ts'
import { sql } from '../../warehouse/sql.ts'
import type { Row } from '../../warehouse/warehouse.ts'
import type { PlanContext, PreparedSync } from '../context.ts'
import { linkWindow } from '../links/link-window.ts'
import { aboutOperation, looksUpContacts } from '../members/event-contacts.ts'
import { definitionCalls } from '../prepare/create-properties.ts'
import { memberCalls, memberReads, movedRows } from './planned-list.ts'

/** What was found out of a sync before its calls are counted. */
interface Planned {
  /** The sync's own part of the diff: rows that wait for others are counted with it. */
  readonly spec: ModelSpec
  /** The same with what its links lead to, and whom it is about. */
  readonly linkedSpec: ModelSpec
  readonly diff: Diff
  readonly list: PlannedList | undefined
}

/** Calls that a run of the plan takes when nothing goes wrong, the most there can be. */
export async function plannedCalls(
  context: PlanContext,
  prepared: PreparedSync,
  { spec, linkedSpec, diff, list }: Planned,
): Promise<Calls> {
  const { operations, links } = diff
  const searches = await searchesOf(context, prepared, spec)
  const calls = recordCalls(context, prepared, diff, searches)
  const moved = await movedRows(context, prepared, spec)
  return {
    writes:
      calls.writes +
      eventCalls(operations.send, context) +
      (links?.calls.writes ?? 0) +
      memberCalls(operations, moved, context) +
      (list?.id === null ? 1 : 0) +
      (context.options.isAdopting === true ? 0 : definitionCallsOf(context, prepared)),
    lookups:
      calls.lookups +
      (await contactLookups(context, prepared, spec)) +
      memberReads(context, list) +
      (links === undefined ? 0 : links.calls.reads + links.calls.lookups),
    searches: calls.searches + (await linkSearches(context, linkedSpec)),
  }
}

/** Calls that find, read and write records. */
function recordCalls(
  { destination: { maxBatchSize }, options }: PlanContext,
  { bound }: PreparedSync,
  diff: Diff,
  searches: number,
): Calls {
  return options.isAdopting === true
    ? adoptionCalls(diff.operations, maxBatchSize, searches)
    : callsOf(diff, maxBatchSize, bound.match?.by, searches)
}

/** Calls that make what the portal lacks. */
export const definitionCallsOf = (
  { destination }: Pick<PlanContext, 'destination'>,
  { missing, schema }: PreparedSync,
): number => definitionCalls(missing, schema, destination.maxBatchSize)

/** What one request for links takes. */
export const linkSizes = ({ ledger, destination }: PlanContext): LinkSizes => ({
  window: linkWindow(
    ledger.warehouse.dialect.capabilities.windowRows,
    destination.maxLinkBatchSize,
  ),
  batch: destination.maxLinkBatchSize,
  read: destination.maxLinkReadSize,
  lookup: destination.maxBatchSize,
})

/** Searches that the rows take: they are counted as they will be asked. */
async function searchesOf(
  { ledger, destination }: PlanContext,
  { bound }: PreparedSync,
  spec: ModelSpec,
): Promise<number> {
  if (bound.match?.by !== 'search') return 0
  const { warehouse } = ledger
  const planned = plannedRows(warehouse.dialect, withRepeats(spec))
  const rows = warehouse.stream(
    sql`select match_value from ${planned} where ${isUnresolved(true)} order by seq`,
  )
  return countSearches(sought(rows), destination.searchRoom(bound.match.property))
}

/** Searches for records at the other end of links. */
async function linkSearches(
  { ledger, destination, options }: PlanContext,
  spec: ModelSpec,
): Promise<number> {
  let searches = 0
  if (options.isAdopting === true) return searches
  for (const { association, target } of spec.links ?? []) {
    if (target.kind !== 'match' || target.by !== 'search') continue
    const planned = plannedLinks(ledger.warehouse.dialect, withRepeats(spec))
    const rows = ledger.warehouse.stream(
      sql`select distinct target_key as match_value from ${planned} where operation = 'associate' and reason is null and association = ${association} and target_record_id is null order by target_key`,
    )
    searches += await countSearches(sought(rows), destination.searchRoom(target.property))
  }
  return searches
}

async function* sought(rows: AsyncIterable<readonly Row[]>) {
  for await (const some of rows) {
    yield some.map((row) => ({ sequence: 0, matchValue: String(row['match_value']) }))
  }
}

export const eventCalls = (
  rows: number,
  { destination }: Pick<PlanContext, 'destination'>,
): number => Math.ceil(rows / destination.maxEventBatchSize)

/** Calls that look up whom events are about, the most there can be: several may be about one. */
async function contactLookups(
  { ledger, destination }: PlanContext,
  { sync }: PreparedSync,
  spec: ModelSpec,
): Promise<number> {
  if (!looksUpContacts(sync)) return 0
  const operation = aboutOperation(sync)
  const { warehouse } = ledger
  const planned = plannedRows(warehouse.dialect, withRepeats(spec))
  const [row] = await warehouse.query(
    sql`select count(distinct match_value) as total from ${planned} where operation = ${operation} and fingerprint is not null`,
  )
  return Math.ceil(Number(row?.['total'] ?? 0) / destination.maxBatchSize)
}
