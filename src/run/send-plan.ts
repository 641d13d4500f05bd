import { DestinationError } from '../errors.ts'
import type { Plan } from '../plan/plan.ts'
import {
  closeWindow,
  openWindow,
  type StoredResult,
  storeResults,
  type Window,
} from '../record/checkpoint.ts'
import {
  completePlan,
  holdBlocked,
  type PlannedOperation,
  type Resolution,
  readRowsOf,
  readUnresolved,
  readWindow,
  replanAsUpserts,
} from '../record/plan-rows.ts'
import { storeRequests } from '../record/runs.ts'
import { openSpool, type Spool } from '../record/spool.ts'
import { findMatches } from '../resolve/matches.ts'
import { findPassedOver, maxPassedOver } from '../resolve/passed-over.ts'
import { settle } from '../resolve/settle.ts'
import { send } from '../send/send.ts'
import type { OperationKind, RecordResult } from '../types.ts'
import { matchTarget, retriedFind } from './asking.ts'
import type { PreparedSync, RunContext } from './context.ts'
import { asReplanned, decide, decidePassedOver, scrubbed, withoutValues } from './decide.ts'

/** Kinds in the order they are sent: known records first, then those that HubSpot has to find or make. */
const kinds: readonly OperationKind[] = ['update', 'upsert', 'create']

/** Why a sync stopped before its plan was through; undefined when it did not. */
export type Stop =
  | { readonly category: string; readonly message: string; readonly hint?: string }
  | undefined

/** The user, or the loss of a lease, ended it. */
export const interrupted = { category: 'INTERRUPTED', message: 'Interrupted.' } as const

/** Asks HubSpot what must be known before anything is written, and completes the plan with it. */
export async function resolvePlan(context: RunContext, prepared: PreparedSync): Promise<void> {
  const { sync, schema, runId } = prepared
  const target = matchTarget(context, sync, schema)
  if (target === undefined) return
  const limit = context.ledger.warehouse.dialect.capabilities.windowRows
  let after = 0
  while (!context.drain.aborted) {
    const rows = await readUnresolved(context.ledger, sync.name, runId, after, limit)
    const last = rows.at(-1)
    if (last === undefined) break
    after = last.sequence
    const matches = await findMatches(rows, target, [], retriedFind(context))
    const askedAt = new Date(context.clock()).toISOString()
    const resolutions = matches.map(
      ({ sequence, found }): Resolution => ({
        sequence,
        recordId: found?.recordId ?? null,
        askedAt,
      }),
    )
    await completePlan(context.ledger, sync.name, runId, resolutions)
  }
}

/**
 * Sends a plan window by window. Before a window its intent is stored, after it its results are: what a kill
 * leaves is one window that may have been sent.
 */
export async function sendPlan(
  context: RunContext,
  prepared: PreparedSync,
  plan: Pick<Plan, 'operations' | 'rows'>,
): Promise<Stop> {
  const { sync, runId } = prepared
  const spool = openSpool(context.spoolFolder, runId, (code) =>
    context.log.warn(
      'The spool cannot be written; the run goes on without it, and a start after a kill looks up more',
      { code, folder: context.spoolFolder },
    ),
  )
  const mayMeetOwners = plan.rows.known > 0 && plan.operations.upsert > 0
  const progress = { sent: 0, rejected: 0 }
  for (const kind of kinds) {
    if (kind === 'upsert' && mayMeetOwners) await holdBlocked(context.ledger, sync.name, runId)
    const limit = windowRows(context, prepared, kind)
    let after = 0
    while (true) {
      if (context.drain.aborted) return interrupted
      const operations = await readWindow(context.ledger, sync.name, runId, kind, after, limit)
      const [first, last] = [operations[0], operations.at(-1)]
      if (first === undefined || last === undefined) break
      after = last.sequence
      const window = { kind, fromSeq: first.sequence, toSeq: last.sequence }
      const stopped = await sendWindow(context, prepared, operations, window, spool, progress)
      if (stopped !== undefined) return stopped
    }
  }
  return undefined
}

/**
 * Rows of a window. A kill leaves a whole window in doubt: where looking cannot settle it, no more rows than are under
 * way in one request.
 */
function windowRows(context: RunContext, { sync }: PreparedSync, kind: OperationKind): number {
  const { windowRows: all } = context.ledger.warehouse.dialect.capabilities
  const isUnsafe = kind === 'create' && sync.match === undefined
  return isUnsafe ? context.destination.maxBatchSize : all
}

async function sendWindow(
  context: RunContext,
  prepared: PreparedSync,
  operations: readonly PlannedOperation[],
  window: Window,
  spool: Spool,
  progress: { sent: number; rejected: number },
): Promise<Stop> {
  const { ledger } = context
  await openWindow(ledger, prepared.runId, window)
  context.passing('window-opened')
  const collected: StoredResult[] = []
  const bySequence = new Map(operations.map((operation) => [operation.sequence, operation]))
  const keep = (results: readonly StoredResult[]) => {
    context.passing('answer-received')
    spool.append(results.map((result) => withoutValues(result, bySequence, context)))
    context.passing('result-spooled')
    collected.push(...results)
    progress.sent += results.length
    progress.rejected += results.filter((result) => result.outcome === 'rejected').length
    context.progress.sent(prepared.sync.name, progress.sent, progress.rejected)
  }
  const stopped = await sendAndSettle(context, prepared, operations, keep)
  context.passing('window-sent')
  const named = await nameOwners(context, prepared, collected)
  await storeResults(ledger, prepared.sync.name, prepared.runId, named)
  context.passing('results-stored')
  spool.remove()
  await closeWindow(ledger, prepared.runId, window)
  context.passing('window-closed')
  await flushRequests(context, prepared.runId)
  return stopped
}

/** Says which row of ours a record belongs to that has a value another row wants. */
async function nameOwners(
  { ledger }: RunContext,
  { sync }: PreparedSync,
  results: readonly StoredResult[],
): Promise<readonly StoredResult[]> {
  const rivals = results.flatMap(({ outcome, existingId }) =>
    outcome === 'rejected' && existingId !== undefined ? [existingId] : [],
  )
  const owners = await readRowsOf(ledger, sync.name, [...new Set(rivals)])
  return results.map((result) => {
    const { outcome, existingId = '', error } = result
    const owner = owners.get(existingId)
    if (outcome !== 'rejected' || owner === undefined || error === undefined) return result
    const message = `${error.message} It is the record of row ${owner} of this sync.`
    return { ...result, error: { ...error, message } }
  })
}

/** Sends operations, makes vanished records again, and looks up what was left in doubt. */
async function sendAndSettle(
  context: RunContext,
  prepared: PreparedSync,
  operations: readonly PlannedOperation[],
  keep: (results: readonly StoredResult[]) => void,
): Promise<Stop> {
  const bySequence = new Map(operations.map((operation) => [operation.sequence, operation]))
  const again: PlannedOperation[] = []
  const doubtful: PlannedOperation[] = []
  const passedOver: PlannedOperation[] = []
  const receive = (results: readonly RecordResult[]) => {
    const stored: StoredResult[] = []
    for (const result of results) {
      const operation = bySequence.get(result.sequence)
      if (operation === undefined) continue
      const decision = decide(prepared.sync.mode, operation, result)
      if (decision.kind === 'store') stored.push(scrubbed(decision.result, operation, context))
      else if (decision.kind === 'make-again') again.push(decision.operation)
      else if (decision.kind === 'ask-for-record') passedOver.push(operation)
      else doubtful.push(operation)
    }
    keep(stored)
  }
  const first = await dispatch(context, prepared, operations, receive)
  again.push(...(await settlePassedOver(context, prepared, passedOver, keep)))
  for (const operation of again) bySequence.set(operation.sequence, operation)
  const remade = again.splice(0)
  const second = await makeAgain(context, prepared, remade, receive)
  await settleDoubtful(context, prepared, doubtful, keep)
  return first ?? second
}

/** Asks for the records of updates that HubSpot passed over. @returns those whose record has to be made again */
async function settlePassedOver(
  context: RunContext,
  prepared: PreparedSync,
  passedOver: readonly PlannedOperation[],
  keep: (results: readonly StoredResult[]) => void,
): Promise<readonly PlannedOperation[]> {
  if (passedOver.length === 0) return []
  const asked = context.abort.aborted ? [] : passedOver.slice(0, maxPassedOver)
  const places = await findPassedOver(asked, prepared.schema.name, retriedFind(context)).catch(
    (error: unknown) => {
      if (error instanceof DestinationError) return []
      throw error
    },
  )
  const decisions = passedOver.map((operation, index) =>
    decidePassedOver(prepared.sync.mode, operation, places[index] ?? { kind: 'there' }),
  )
  keep(decisions.flatMap((decision) => (decision.kind === 'store' ? [decision.result] : [])))
  return decisions.flatMap((decision) =>
    decision.kind === 'make-again' ? [decision.operation] : [],
  )
}

/** The plan says so before they leave: after a kill the next start has to look for them. */
async function makeAgain(
  context: RunContext,
  prepared: PreparedSync,
  remade: readonly PlannedOperation[],
  receive: (results: readonly RecordResult[]) => void,
): Promise<Stop> {
  if (remade.length === 0) return undefined
  const { ledger, passing } = context
  await replanAsUpserts(ledger, prepared.sync.name, prepared.runId, remade.map(asReplanned))
  passing('made-again')
  return dispatch(context, prepared, remade, receive)
}

async function dispatch(
  context: RunContext,
  prepared: PreparedSync,
  operations: readonly PlannedOperation[],
  onResults: (results: readonly RecordResult[]) => void,
): Promise<Stop> {
  const summary = await send(operations, {
    destination: context.destination,
    objectType: prepared.schema.name,
    ...(prepared.sync.match === undefined ? {} : { matchProperty: prepared.sync.match.property }),
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

/** Looks up writes whose answer was lost; when HubSpot cannot be asked either, they stay unknown until the next start. */
async function settleDoubtful(
  context: RunContext,
  prepared: PreparedSync,
  doubtful: readonly PlannedOperation[],
  keep: (results: readonly StoredResult[]) => void,
): Promise<void> {
  if (doubtful.length === 0) return
  const target = matchTarget(context, prepared.sync, prepared.schema)
  const unasked = (): readonly StoredResult[] =>
    doubtful.map(({ sequence }) => ({
      sequence,
      outcome: 'unknown',
      error: {
        category: 'ANSWER_LOST',
        message: 'The answer was lost; looked up at the next start.',
      },
    }))
  if (target === undefined || context.drain.aborted) return keep(unasked())
  try {
    keep(await settle(doubtful, target, retriedFind(context)))
  } catch (error) {
    context.log.warn('Could not look up writes whose answer was lost', {
      sync: prepared.sync.name,
      rows: doubtful.length,
      error: error instanceof Error ? error.name : 'unknown',
    })
    keep(unasked())
  }
}

/** API calls held back where each upload is billed; a bound on memory. */
const maxHeldRequests = 20_000

/** Moves the buffered API calls into the audit, as far as it keeps them. `isLast`: nothing may be held back. */
export async function flushRequests(
  context: RunContext,
  runId: string | null,
  isLast = false,
): Promise<void> {
  const requests = context.takeRequests()
  const { auditRequests } = context.settings
  if (auditRequests === 'none') return
  const kept =
    auditRequests === 'errors'
      ? requests.filter((request) => request.errorCategory !== null)
      : requests
  const held = context.heldRequests
  held.push(...kept.map((request) => ({ ...request, runId })))
  const { billsStatements } = context.ledger.warehouse.dialect.capabilities
  if (billsStatements && !isLast && held.length < maxHeldRequests) return
  await storeRequests(context.ledger, context.invocationId, held.splice(0))
}
