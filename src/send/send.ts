import type { Destination } from '../destination/destination.ts'
import type { DestinationError } from '../errors.ts'
import type { Logger } from '../log.ts'
import type { Batch, Clock, Operation, Outcome, RecordResult, Sleep } from '../types.ts'
import { createBatcher, operationKeys } from './batch.ts'
import { pendingResult, type Reason } from './outcomes.ts'
import { settleBatch } from './settle-batch.ts'

export interface SendOptions {
  readonly destination: Pick<Destination, 'write' | 'maxBatchSize'> &
    Partial<Pick<Destination, 'maxLinkBatchSize'>>
  /** Path segment of the object type. */
  readonly objectType: string
  /** `idProperty` of upserts. */
  readonly matchProperty?: string
  /** The list whose members change. */
  readonly listId?: string
  /** Operations per request; default the destination's `maxBatchSize`. Links go by its `maxLinkBatchSize`. */
  readonly batchSize?: number
  /** Batches under way at once; default 10. The destination's own limiter may allow fewer. */
  readonly concurrency?: number
  /** Bound on a request's body. */
  readonly maxBodyBytes?: number
  /** Once aborted no new request starts; those under way are waited for. */
  readonly drain?: AbortSignal
  /** Once aborted the requests under way are cancelled, too. */
  readonly abort?: AbortSignal
  readonly clock: Clock
  readonly sleep: Sleep
  readonly random: () => number
  readonly log: Logger
  /** Gets every result exactly once, batch by batch as they end, in no order. Waited for before the batch's slot is free. */
  readonly onResults: (results: readonly RecordResult[]) => void | Promise<void>
}

export interface SendSummary {
  readonly operations: number
  readonly batches: number
  /** Requests made, repeats included. */
  readonly attempts: number
  readonly outcomes: Readonly<Record<Outcome, number>>
  /** Why the rest was not sent; undefined when everything was. `error` is absent for an interrupt. */
  readonly stopped: (Reason & { readonly error?: DestinationError }) | undefined
}

/** Batches in a row that fail for HubSpot's own troubles, all repeats used up, before the rest is left to the next run. */
export const MAX_FAILED_BATCHES = 3
const DEFAULT_CONCURRENCY = 10

/**
 * Sends operations in batches and says what became of each. Operations are taken as they are needed, so memory does not
 * grow with their number.
 *
 * @param operations in plan order; kinds may interleave
 * @throws only for a defect: what `operations`, `onResults` or a non-`DestinationError` threw, after everything under
 *   way has ended and every operation taken so far has its result
 */
export async function send(
  operations: Iterable<Operation> | AsyncIterable<Operation>,
  options: SendOptions,
): Promise<SendSummary> {
  const { maxLinkBatchSize } = options.destination
  const sending = new Sending(options)
  const batcher = createBatcher({
    objectType: options.objectType,
    maxSize: options.batchSize ?? options.destination.maxBatchSize,
    ...(maxLinkBatchSize === undefined ? {} : { maxLinkSize: maxLinkBatchSize }),
    ...(options.matchProperty === undefined ? {} : { matchProperty: options.matchProperty }),
    ...(options.listId === undefined ? {} : { listId: options.listId }),
    ...(options.maxBodyBytes === undefined ? {} : { maxBytes: options.maxBodyBytes }),
  })
  try {
    for await (const operation of operations) {
      for (const batch of batcher.add(operation)) await sending.take(batch)
    }
  } catch (error) {
    sending.defect(error)
  }
  for (const batch of batcher.flush()) await sending.take(batch)
  return sending.finish()
}

/** The state of one `send`: what runs, what it counts, and whether it has stopped. */
class Sending {
  readonly #options: SendOptions
  /** Aborted when nothing new may start, for whatever cause. */
  readonly #stop = new AbortController()
  readonly #running = new Map<Promise<void>, ReadonlySet<string>>()
  readonly #outcomes: Record<Outcome, number> = {
    succeeded: 0,
    rejected: 0,
    skipped: 0,
    missing: 0,
    conflict: 0,
    pending: 0,
    unknown: 0,
  }
  readonly #counts = { operations: 0, batches: 0, attempts: 0 }
  readonly #defects: unknown[] = []
  #stopped: SendSummary['stopped']
  #failedInARow = 0

  constructor(options: SendOptions) {
    this.#options = options
    const interrupt = (): void => this.#halt(INTERRUPTED)
    for (const signal of [options.drain, options.abort]) {
      if (signal?.aborted) interrupt()
      else signal?.addEventListener('abort', interrupt, { once: true, signal: this.#stop.signal })
    }
  }

  /** Starts a batch when there is room; after a stop its operations are `pending` at once. */
  async take(batch: Batch): Promise<void> {
    const keys = batch.operations.flatMap((each) => operationKeys(each, batch.objectType))
    await this.#room(keys)
    this.#counts.operations += batch.operations.length
    if (this.#stopped !== undefined) {
      const reason = this.#stopped
      await this.#deliver(batch.operations.map((each) => pendingResult(each, reason)))
      return
    }
    const run = this.#run(batch).finally(() => this.#running.delete(run))
    this.#running.set(run, new Set(keys))
  }

  defect(error: unknown): void {
    this.#defects.push(error)
    this.#halt({ category: 'DEFECT', message: 'stopped by a defect' })
  }

  async finish(): Promise<SendSummary> {
    await Promise.all(this.#running.keys())
    const stopped = this.#stopped
    this.#stop.abort()
    if (this.#defects.length > 0) throw this.#defects[0]
    return { ...this.#counts, outcomes: this.#outcomes, stopped }
  }

  /** Waits for a free slot, and for every running batch that addresses one of the same records. */
  async #room(keys: readonly string[]): Promise<void> {
    const limit = Math.max(1, this.#options.concurrency ?? DEFAULT_CONCURRENCY)
    const isBlocked = (): boolean =>
      this.#running.size >= limit ||
      [...this.#running.values()].some((running) => keys.some((key) => running.has(key)))
    while (isBlocked()) await Promise.race(this.#running.keys())
  }

  async #run(batch: Batch): Promise<void> {
    this.#counts.batches += 1
    const settled = await settleBatch(batch, {
      ...this.#options,
      abort: this.#options.abort ?? NEVER,
      stop: this.#stop.signal,
      stopReason: () => this.#stopped,
      onAttempt: () => {
        this.#counts.attempts += 1
      },
      onError: (error, isExhausted) => this.#notice(error, isExhausted),
      onDefect: (error) => this.defect(error),
    })
    if (settled.some((result) => result.outcome !== 'pending' && result.outcome !== 'unknown')) {
      this.#failedInARow = 0
    }
    await this.#deliver(settled)
  }

  /** Decides whether an error that a batch ended with is the end for the others, too. */
  #notice(error: DestinationError, isExhausted: boolean): void {
    if (error.category === 'ABORTED') return
    this.#failedInARow += isExhausted ? 1 : 0
    const isHopeless = error.endsRun || !isExhausted || this.#failedInARow >= MAX_FAILED_BATCHES
    if (isHopeless) this.#halt({ category: error.category, message: error.message, error })
  }

  #halt(stopped: NonNullable<SendSummary['stopped']>): void {
    if (this.#stopped !== undefined) return
    this.#stopped = stopped
    this.#stop.abort()
    this.#options.log.debug('sending stops', { category: stopped.category })
  }

  async #deliver(results: readonly RecordResult[]): Promise<void> {
    for (const result of results) this.#outcomes[result.outcome] += 1
    try {
      await this.#options.onResults(results)
    } catch (error) {
      this.defect(error)
    }
  }
}

const INTERRUPTED: Reason = {
  category: 'INTERRUPTED',
  message: 'the run was interrupted before this was sent',
}
const NEVER = new AbortController().signal
