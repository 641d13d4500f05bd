import type { FoundRecord } from '../../destination/destination.ts'
import { allProperties, type DiffProperty } from '../../plan/diff-spec.ts'
import type { PlannedOperation } from '../../record/plan-rows.ts'
import { readHeld } from '../../resolve/held-records.ts'
import { findMatches } from '../../resolve/matches.ts'
import type { RecordResult } from '../../types.ts'
import { findOnce, matchTarget, retriedFind } from '../asking.ts'
import type { PreparedSync, RunContext } from '../context.ts'
import { dispatch } from './dispatch.ts'
import { type Stop, stopOf } from './stop.ts'

/** What is left to send once stages that move backwards are cleared. */
export interface Cleared {
  readonly stopped: Stop
  readonly open: readonly PlannedOperation[]
  readonly receive: (results: readonly RecordResult[]) => void
}

/**
 * Clears the stages of records that move to an earlier one; where nobody knows the stage of a record, it is read. A record whose
 * clearing failed has its result; of the others nobody may take for sent what was sent before, whatever becomes of their second call.
 */
export async function clearStages(
  context: RunContext,
  prepared: PreparedSync,
  operations: readonly PlannedOperation[],
  receive: (results: readonly RecordResult[]) => void,
): Promise<Cleared> {
  const property = allProperties(prepared.bound).find(({ clearsFirst }) => clearsFirst === true)
  const unchanged = { open: operations, receive }
  if (property === undefined) return { stopped: undefined, ...unchanged }
  const clearing = await clearingOf(context, prepared, operations, property)
  if ('category' in clearing) return { stopped: clearing, ...unchanged }
  if (clearing.length === 0) return { stopped: undefined, ...unchanged }
  const unbound = new Set(
    operations.flatMap(({ sequence, recordId }) => (recordId === undefined ? [sequence] : [])),
  )
  const isCleared = new Set<number>()
  const isSettled = new Set<number>()
  const stopped = await dispatch(context, prepared, clearing, (results) => {
    // An upsert makes a record that has vanished since it was read.
    const failed = results.filter(
      ({ sequence, outcome }) =>
        outcome !== 'succeeded' && !(outcome === 'missing' && unbound.has(sequence)),
    )
    for (const { sequence } of results) isCleared.add(sequence)
    for (const { sequence } of failed) isSettled.add(sequence)
    receive(failed)
  })
  return {
    stopped,
    open: operations.filter(({ sequence }) => !isSettled.has(sequence)),
    receive: (results) =>
      receive(
        results.map((result) =>
          isCleared.has(result.sequence) && isUnsent(result)
            ? { ...result, isDoubtful: true }
            : result,
        ),
      ),
  }
}

const isUnsent = ({ outcome }: RecordResult): boolean =>
  outcome === 'pending' || outcome === 'rejected' || outcome === 'conflict'

/** The operations that empty stages; or why HubSpot could not be asked, so that nothing may be sent. */
async function clearingOf(
  context: RunContext,
  prepared: PreparedSync,
  operations: readonly PlannedOperation[],
  { name, stages = [] }: DiffProperty,
): Promise<readonly PlannedOperation[] | NonNullable<Stop>> {
  const unknown = operations.filter(
    ({ stepsBack, kind, properties }) =>
      stepsBack === 'unknown' &&
      (kind === 'update' || kind === 'upsert') &&
      stages.includes(properties[name] ?? ''),
  )
  const held = await readStages(context, prepared, unknown, name).catch((error: unknown) =>
    stopOf(error, context.drain.aborted),
  )
  if ('category' in held) return held
  const place = (stage: string | null | undefined) => stages.indexOf(stage ?? '')
  return operations.flatMap((operation) => {
    const record = held.get(operation.sequence)
    const isBack =
      operation.stepsBack === true ||
      (record !== undefined && place(operation.properties[name]) < place(record.properties[name]))
    if (!isBack) return []
    const recordId = record?.recordId ?? operation.recordId
    return recordId === undefined
      ? []
      : [{ ...operation, kind: 'update' as const, recordId, properties: { [name]: '' } }]
  })
}

/** The records that rows are bound to, or that an upsert would find, by sequence. */
async function readStages(
  context: RunContext,
  prepared: PreparedSync,
  operations: readonly PlannedOperation[],
  property: string,
): Promise<ReadonlyMap<number, FoundRecord>> {
  if (operations.length === 0 || context.drain.aborted) return new Map()
  const bound = operations.filter(({ recordId }) => recordId !== undefined)
  const batch = {
    objectType: prepared.schema.name,
    batchSize: context.destination.maxBatchSize,
  }
  const held = new Map(await readHeld(bound, batch, [property], findOnce(context)))
  const target = matchTarget(context, prepared)
  if (target === undefined) return held
  const others = operations.filter(({ recordId }) => recordId === undefined)
  for (const { sequence, found } of await findMatches(
    others,
    target,
    [property],
    retriedFind(context),
  )) {
    if (found !== undefined) held.set(sequence, found)
  }
  return held
}
