import { writesOf } from '../../plan/call-counts.ts'
import { countBackwards } from '../../plan/counts.ts'
import { withRepeats } from '../../plan/diff-model.ts'
import { countLinks } from '../../plan/links/link-counts.ts'
import type { Backwards, Plan } from '../../plan/plan.ts'
import { countOpen } from '../../record/event-contacts.ts'
import { named, planOf, resultsOf } from '../../record/ledger.ts'
import { countPlanned } from '../../record/plan-rows.ts'
import { sql } from '../../warehouse/sql.ts'
import type { PreparedSync, RunContext } from '../context.ts'
import { definitionCallsOf, eventCalls, linkSizes } from './planned-calls.ts'
import { memberCalls } from './planned-list.ts'
import { diffSpecOf } from './sync-spec.ts'

/** The plan once HubSpot has been asked: updates, creates and skips are told apart now. */
export async function recountCalls(
  context: RunContext,
  prepared: PreparedSync,
  plan: Plan,
): Promise<Plan> {
  if (plan.calls.lookups + plan.calls.searches === 0) return plan
  const { ledger, destination } = context
  const { sync, runId } = prepared
  const counted = await countPlanned(ledger, sync.name, runId)
  const operations = { ...plan.operations, create: 0, upsert: 0, update: 0, skip: 0, ...counted }
  const backwards = await recountBackwards(context, prepared, plan)
  const writes =
    writesOf(operations, destination.maxBatchSize) +
    (plan.links?.calls.writes ?? 0) +
    (backwards?.clearingCalls ?? 0) +
    definitionCallsOf(context, prepared)
  return {
    ...plan,
    operations,
    calls: { ...plan.calls, writes },
    ...(backwards === undefined ? {} : { backwards }),
  }
}

/** Rows that became updates, or are none any more, move those that are cleared first to other windows. */
async function recountBackwards(
  context: RunContext,
  prepared: PreparedSync,
  { backwards }: Plan,
): Promise<Backwards | undefined> {
  if (backwards === undefined || backwards.clearingCalls === 0) return backwards
  const { ledger, destination } = context
  const { warehouse } = ledger
  const { spec } = await diffSpecOf(context, prepared, {
    plan: planOf(ledger, prepared.sync.name),
  })
  const { windowRows } = warehouse.dialect.capabilities
  const counted = await countBackwards(
    warehouse,
    withRepeats(spec),
    windowRows,
    destination.maxBatchSize,
  )
  return counted.backwards ?? { rows: 0, unknownRows: 0, clearingCalls: 0, lookups: 0 }
}

/** The plan once it is known whom events are about: rows of nobody are not sent. */
export async function recountEvents(
  context: RunContext,
  prepared: PreparedSync,
  plan: Plan,
): Promise<Plan> {
  const { sync, runId } = prepared
  const { send = 0, reject = 0 } = await countOpen(context.ledger, sync.name, runId)
  const writes = eventCalls(send, context) + definitionCallsOf(context, prepared)
  return {
    ...plan,
    operations: { ...plan.operations, send, reject },
    calls: { ...plan.calls, writes },
  }
}

/** The plan once it is known who is added and who goes. */
export async function recountMembers(
  context: RunContext,
  { sync, runId }: PreparedSync,
  plan: Plan,
): Promise<Plan> {
  const {
    add = 0,
    remove = 0,
    reject = 0,
    leave = 0,
  } = await countOpen(context.ledger, sync.name, runId)
  const operations = { ...plan.operations, add, remove, reject, leave }
  const writes = memberCalls(operations, 0, context) + (plan.list?.id === null ? 1 : 0)
  return { ...plan, operations, calls: { ...plan.calls, writes } }
}

/**
 * The plan once it is known which records links lead to: those that wait are not sent.
 *
 * @param counted `anew` where links have joined the plan
 */
export async function recountLinks(
  context: RunContext,
  prepared: PreparedSync,
  plan: Plan,
  counted: 'as-planned' | 'anew' = 'as-planned',
): Promise<Plan> {
  const { ledger } = context
  const { spec } = await diffSpecOf(context, prepared, {
    plan: planOf(ledger, prepared.sync.name),
  })
  const settled = sql`seq not in (select seq from ${named(ledger, resultsOf(ledger, prepared.sync.name))} where run_id = ${prepared.runId})`
  const { entries, calls } = await countLinks(
    ledger.warehouse,
    withRepeats(spec),
    linkSizes(context),
    settled,
  )
  const before = plan.links
  const writes = plan.calls.writes - (before?.calls.writes ?? 0) + calls.writes
  return {
    ...plan,
    calls: { ...plan.calls, writes },
    links: {
      entries: counted === 'anew' ? entries : (before?.entries ?? entries),
      calls: { ...calls, lookups: before?.calls.lookups ?? 0 },
    },
  }
}
