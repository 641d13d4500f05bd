import type { Destination } from '../destination/destination.ts'
import { DestinationError } from '../errors.ts'
import type { Logger } from '../log.ts'
import type { Batch, Clock, OperationKind, RecordResult, Sleep } from '../types.ts'
import { halve } from './batch.ts'
import { failedResult, isIdempotent, pendingResult, type Reason } from './outcomes.ts'
import { withRetry } from './retry.ts'

export interface SettleOptions {
  readonly destination: Pick<Destination, 'write'>
  readonly clock: Clock
  readonly sleep: Sleep
  readonly random: () => number
  readonly log: Logger
  /** Cancels the request under way. */
  readonly abort: AbortSignal
  /** No further request starts, repeats and halves included. */
  readonly stop: AbortSignal
  /** Why `stop` was aborted. */
  readonly stopReason: () => Reason | undefined
  readonly onAttempt: () => void
  /** A batch ended with an error that is not about its content; `isExhausted`: repeating it could have helped. */
  readonly onError: (error: DestinationError, isExhausted: boolean) => void
  readonly onDefect: (error: unknown) => void
}

/**
 * Sends one batch until each of its operations has an outcome: repeats what is worth repeating, halves a batch that is
 * refused for its content until the culprits are alone, and sends operations that the answer passed over a second time,
 * in a batch of their own, where a repeat is harmless.
 *
 * @returns one result per operation, in order
 * @throws never
 */
export async function settleBatch(
  batch: Batch,
  options: SettleOptions,
): Promise<readonly RecordResult[]> {
  return settlePart(batch, options, false)
}

/** @param wasDoubtful an answer to a request that held these operations was lost: doubt outlives halving */
async function settlePart(
  batch: Batch,
  options: SettleOptions,
  wasDoubtful: boolean,
): Promise<readonly RecordResult[]> {
  const stopReason = options.stop.aborted ? options.stopReason() : undefined
  if (stopReason !== undefined)
    return batch.operations.map((each) => pendingResult(each, stopReason, wasDoubtful))
  const sent = await attempt(batch, options, wasDoubtful)
  if (sent.results !== undefined) return resendSilent(batch, sent.results, options)
  const { error, isDoubtful } = sent
  if (batch.operations.length > 1 && (isContent(error) || isTooMuch(batch, error)))
    return settleHalves(batch, options, isDoubtful)
  const whyUnsent = isUnsent(error) ? options.stopReason() : undefined
  if (whyUnsent !== undefined)
    return batch.operations.map((each) => pendingResult(each, whyUnsent, isDoubtful))
  tell(error, options)
  return batch.operations.map((each) => failedResult(each, error, isDoubtful))
}

async function settleHalves(
  batch: Batch,
  options: SettleOptions,
  isDoubtful: boolean,
): Promise<readonly RecordResult[]> {
  if (batch.operations.length < 2) return []
  const [first, second] = halve(batch)
  return [
    ...(await settlePart(first, options, isDoubtful)),
    ...(await settlePart(second, options, isDoubtful)),
  ]
}

const isContent = (error: unknown): boolean => error instanceof DestinationError && error.isContent

/** Members that a list takes within the time there is; HubSpot documents no number. */
const surelyTaken = 100

/** HubSpot came to no end with so many members of a list, however often it was asked. */
const isTooMuch = ({ kind, operations }: Batch, error: unknown): boolean =>
  (kind === 'add' || kind === 'remove') &&
  operations.length > surelyTaken &&
  error instanceof DestinationError &&
  ['TIMEOUT', 'REQUEST_TIMEOUT', 'GATEWAY_TIMEOUT'].includes(error.category)

/** Called off while it waited for its turn. */
const isUnsent = (error: unknown): boolean =>
  error instanceof DestinationError &&
  error.category === 'ABORTED' &&
  error.disposition === 'transient'

function tell(error: unknown, options: SettleOptions): void {
  if (!(error instanceof DestinationError)) options.onDefect(error)
  else if (!error.isContent) options.onError(error, error.disposition !== 'terminal')
}

interface Sent {
  /** Absent when every attempt failed. */
  readonly results?: readonly RecordResult[]
  readonly error?: unknown
  /** An answer was lost, or passed over these operations: what an attempt did is not known. */
  readonly isDoubtful: boolean
}

/** One batch through `write`, repeated as the retry table says. */
async function attempt(batch: Batch, options: SettleOptions, wasDoubtful: boolean): Promise<Sent> {
  let isDoubtful = wasDoubtful
  const notice = (error: unknown): void => {
    isDoubtful ||= !(error instanceof DestinationError) || error.disposition === 'unknown'
  }
  try {
    const results = await withRetry(
      (number) => {
        options.onAttempt()
        return options.destination.write(batch, options.abort, number, options.stop)
      },
      {
        clock: options.clock,
        sleep: options.sleep,
        random: options.random,
        log: options.log,
        signal: options.stop,
        isSafeToRepeat: isIdempotent(batch.kind),
        onRetry: ({ error }) => notice(error),
      },
    )
    return { results: inOrder(batch, results, isDoubtful), isDoubtful }
  } catch (error) {
    notice(error)
    return { error, isDoubtful }
  }
}

/** One result per operation, whatever came back. */
function inOrder(
  batch: Batch,
  results: readonly RecordResult[],
  isDoubtful: boolean,
): readonly RecordResult[] {
  const bySequence = new Map(results.map((result) => [result.sequence, result]))
  return batch.operations.map(({ sequence }) => {
    const result = bySequence.get(sequence) ?? { sequence, outcome: 'unknown' as const }
    return isDoubtful ? doubted(batch.kind, result) : result
  })
}

/** After a lost answer "not created" may be our own doing, and "not now" does not mean "never". */
function doubted(kind: OperationKind, result: RecordResult): RecordResult {
  if (result.outcome === 'pending') return { ...result, isDoubtful: true }
  if ((kind !== 'upsert' && kind !== 'add') || result.isCreated !== false) return result
  const { isCreated: _unsure, ...rest } = result
  return rest
}

/** Silence about an idempotent operation is answered by asking once more, and again as long as that settles some. */
async function resendSilent(
  batch: Batch,
  results: readonly RecordResult[],
  options: SettleOptions,
): Promise<readonly RecordResult[]> {
  const silent = new Set(
    results.filter((each) => each.outcome === 'unknown').map((each) => each.sequence),
  )
  if (silent.size === 0 || !isIdempotent(batch.kind) || options.stop.aborted) return results
  const operations = batch.operations.filter((each) => silent.has(each.sequence))
  options.log.debug('HubSpot passed over operations; sent again', { operations: operations.length })
  const left = { ...batch, operations }
  const second = await attempt(left, options, true)
  const isRefused = second.error instanceof DestinationError && second.error.isContent
  if (second.results === undefined) tell(second.error, options)
  const answered = second.results ?? []
  // An answer that accounts for some of them is worth going on with.
  const isProgress = answered.some((each) => each.outcome !== 'unknown')
  const settled = isRefused
    ? await settleHalves(left, options, true)
    : isProgress
      ? await resendSilent(left, answered, options)
      : answered
  const again = new Map(settled.map((each) => [each.sequence, each]))
  return results.map((result) => again.get(result.sequence) ?? result)
}
