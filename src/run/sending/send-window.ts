import { DestinationError } from '../../errors.ts'
import { policiesOf } from '../../plan/write-policies.ts'
import {
  closeWindow,
  openWindow,
  type StoredResult,
  storeResults,
  type Window,
} from '../../record/checkpoint.ts'
import { type PlannedOperation, readRowsOf, replanAsUpserts } from '../../record/plan-rows.ts'
import type { Spool } from '../../record/spool.ts'
import { findPassedOver, maxPassedOver } from '../../resolve/passed-over.ts'
import type { RecordResult } from '../../types.ts'
import { retriedFind, settleAll } from '../asking.ts'
import type { PreparedSync, RunContext } from '../context.ts'
import { flushRequests } from '../flush-requests.ts'
import { clearStages } from './clear-stages.ts'
import {
  asReplanned,
  type DecisionFacts,
  decide,
  decidePassedOver,
  scrubbed,
  withoutValues,
} from './decide.ts'
import { dispatch } from './dispatch.ts'
import type { Stop } from './stop.ts'

/** What all windows of a run share: rows sent so far, and what became of those that did not succeed. */
export interface SendProgress {
  sent: number
  rejected: number
  /** Left for the next run. */
  left: number
  /** Rows that were found by a search and whose record is gone: they are unresolved again. */
  unfound: number
  /** Those are not searched for another time. */
  isLastSearch?: boolean
}

/** Sends the operations of one window, between its intent and its results. */
export async function sendWindow(
  context: RunContext,
  prepared: PreparedSync,
  operations: readonly PlannedOperation[],
  window: Window,
  spool: Spool,
  progress: SendProgress,
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
    progress.rejected += results.filter(({ outcome }) => outcome === 'rejected').length
    progress.left += results.filter(({ outcome }) =>
      ['pending', 'unknown'].includes(outcome),
    ).length
    context.progress.sent(prepared.sync.name, progress.sent, progress.rejected)
  }
  const stopped = await sendAndSettle(context, prepared, operations, keep, progress)
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
  progress: SendProgress,
): Promise<Stop> {
  const facts = {
    mode: prepared.sync.mode,
    by: prepared.bound.list?.contact.by === 'id' ? 'record_id' : prepared.bound.match?.by,
    matchProperty: prepared.bound.match?.property,
    isLastSearch: progress.isLastSearch === true,
    hasPolicies: policiesOf(prepared.bound) !== undefined,
  }
  const bySequence = new Map(operations.map((operation) => [operation.sequence, operation]))
  const again: PlannedOperation[] = []
  const doubtful: PlannedOperation[] = []
  const passedOver: PlannedOperation[] = []
  const receive = (results: readonly RecordResult[]) => {
    const stored: StoredResult[] = []
    for (const result of results) {
      const operation = bySequence.get(result.sequence)
      if (operation === undefined) continue
      const decision = decide(facts, operation, result)
      if (decision.kind === 'store')
        stored.push(...ofTwins(operation, scrubbed(decision.result, operation, context)))
      else if (decision.kind === 'make-again') again.push(decision.operation)
      else if (decision.kind === 'ask-for-record') passedOver.push(operation)
      else doubtful.push(operation)
    }
    keep(stored)
  }
  const cleared = await clearStages(context, prepared, operations, receive)
  const first =
    cleared.stopped ?? (await dispatch(context, prepared, cleared.open, cleared.receive))
  again.push(...(await settlePassedOver(context, prepared, facts, passedOver, keep)))
  for (const operation of again) bySequence.set(operation.sequence, operation)
  const remade = again.splice(0)
  const second = await makeAgain(context, prepared, remade, receive, progress)
  await settleDoubtful(context, prepared, doubtful, keep)
  return first ?? second
}

/** What became of an operation became of all that went by its request. */
const ofTwins = (
  { twins = [] }: PlannedOperation,
  result: StoredResult,
): readonly StoredResult[] => [result, ...twins.map((sequence) => ({ ...result, sequence }))]

/** Asks for the records of updates that HubSpot passed over. @returns those whose record has to be made again */
async function settlePassedOver(
  context: RunContext,
  prepared: PreparedSync,
  facts: DecisionFacts,
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
    decidePassedOver(facts, operation, places[index] ?? { kind: 'there' }),
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
  progress: SendProgress,
): Promise<Stop> {
  if (remade.length === 0) return undefined
  const { ledger, passing, madeAgain } = context
  await replanAsUpserts(ledger, prepared.sync.name, prepared.runId, remade.map(asReplanned))
  passing('made-again')
  madeAgain.add(prepared.sync.name)
  if (prepared.bound.match?.by === 'search') {
    progress.unfound += remade.length
    return undefined
  }
  return dispatch(context, prepared, remade, receive)
}

/** Looks up writes whose answer was lost; when HubSpot cannot be asked either, they stay unknown until the next start. */
async function settleDoubtful(
  context: RunContext,
  prepared: PreparedSync,
  doubtful: readonly PlannedOperation[],
  keep: (results: readonly StoredResult[]) => void,
): Promise<void> {
  if (doubtful.length === 0) return
  const canLook = prepared.bound.match !== undefined || prepared.sync.trackingProperty !== undefined
  const unasked = (): readonly StoredResult[] =>
    doubtful.map(({ sequence }) => ({
      sequence,
      outcome: 'unknown',
      error: {
        category: 'ANSWER_LOST',
        message: 'The answer was lost; looked up at the next start.',
      },
    }))
  if (!canLook || context.drain.aborted) return keep(unasked())
  try {
    keep(await settleAll(context, prepared, doubtful))
  } catch (error) {
    context.log.warn('Could not look up writes whose answer was lost', {
      sync: prepared.sync.name,
      rows: doubtful.length,
      error: error instanceof Error ? error.name : 'unknown',
    })
    keep(unasked())
  }
}
