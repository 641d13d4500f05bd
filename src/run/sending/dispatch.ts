import { eventParts } from '../../plan/diff-spec.ts'
import type { PlannedOperation } from '../../record/plan-rows.ts'
import { send } from '../../send/send.ts'
import type { RecordResult } from '../../types.ts'
import { isTracked } from '../asking.ts'
import type { PreparedSync, RunContext } from '../context.ts'
import { interrupted, type Stop } from './stop.ts'

/** Sends operations in batches. @returns why not all of them were sent */
export async function dispatch(
  context: RunContext,
  prepared: PreparedSync,
  operations: readonly PlannedOperation[],
  onResults: (results: readonly RecordResult[]) => void,
): Promise<Stop> {
  const { sync, schema, bound, list } = prepared
  const isByRowId = operations.every(({ kind }) => isTracked(sync, kind))
  const contact = bound.event?.contact
  const isLink = operations.some(({ link }) => link !== undefined)
  const property = isLink
    ? undefined
    : isByRowId
      ? sync.trackingProperty
      : (contact?.by ?? bound.match?.property)
  const sent =
    contact !== undefined
      ? operations.map(asEvent)
      : isByRowId
        ? operations.map(asTracked)
        : operations
  const summary = await send(sent, {
    destination: context.destination,
    objectType: schema.name,
    ...(contact === undefined ? {} : { batchSize: context.destination.maxEventBatchSize }),
    ...(list?.listId === undefined
      ? {}
      : { batchSize: context.destination.maxListBatchSize, listId: list.listId }),
    ...(property === undefined ? {} : { matchProperty: property }),
    concurrency: context.settings.concurrency,
    drain: context.drain,
    abort: context.abort,
    clock: context.clock,
    sleep: context.sleep,
    random: context.random,
    log: context.log,
    onResults,
  })
  const { stopped } = summary
  if (stopped === undefined) return undefined
  if (stopped.category === interrupted.category) return interrupted
  const hint = stopped.error?.hint
  return {
    category: stopped.category,
    message: stopped.message,
    ...(hint === undefined ? {} : { hint }),
  }
}

/** An event by its parts, and its properties. */
function asEvent(operation: PlannedOperation): PlannedOperation {
  const {
    [eventParts.name]: name = '',
    [eventParts.uuid]: uuid = '',
    [eventParts.occurredAt]: occurredAt = '',
    ...properties
  } = operation.properties
  return { ...operation, properties, event: { name, uuid, occurredAt } }
}

/** A create as what may be repeated: an upsert by the row id. */
const asTracked = (operation: PlannedOperation): PlannedOperation => ({
  ...operation,
  kind: 'upsert',
  matchValue: operation.rowId,
})
