import type { Logger } from '../log.ts'
import type { Clock, Sleep } from '../types.ts'
import type { JobEvent } from './delivery.ts'
import type { Fetched } from './fetch-artifacts.ts'
import { isOfDisk, PlatformError } from './platform-error.ts'
import type { DoneJob, Ending, Queue, QueuedJob } from './queue.ts'
import { emptyFolder } from './queue-files.ts'
import { judgeRun, type RunEnd } from './run-end.ts'

export interface WorkerOptions {
  readonly queue: Queue
  readonly fetch: (event: JobEvent, signal: AbortSignal) => Promise<Fetched>
  /** Runs the syncs on the artifacts in a folder. Ends early, and in order, when the signal is aborted. */
  readonly runSyncs: (targetPath: string, signal: AbortSignal) => Promise<RunEnd>
  /** Tells a result; answers whether it was taken. Undefined: nobody is told. */
  readonly post: ((job: DoneJob) => Promise<boolean>) | undefined
  readonly isToldAbout: (outcome: DoneJob['outcome']) => boolean
  /** An attempt is the last one at this number. */
  readonly maxAttempts: number
  /** Before the second attempt; doubled with each, up to an hour. */
  readonly retryAfterMs: number
  /** Aborted: finish what is under way, and leave the rest in the queue. */
  readonly stop: AbortSignal
  readonly log: Logger
  readonly clock: Clock
  readonly sleep: Sleep
}

export interface Worker {
  /** Something was queued. */
  wake(): void
  /** Why jobs are not carried out; undefined: they are. */
  trouble(): string | undefined
  /** Resolves when it was stopped and nothing is under way. */
  readonly ended: Promise<void>
}

/** So often the folder is looked at for what other commands queued. */
const lookMs = 2_000
const longestPauseMs = 60 * 60 * 1000

/**
 * Carries out jobs, one at a time: two runs of one project would only wait for each other. A job that has to wait (artifacts that are not
 * there yet, HubSpot out of reach) lets others go first.
 */
export function startWorker(options: WorkerOptions): Worker {
  const { queue, stop, log, sleep } = options
  let trouble: string | undefined
  let nudge = new AbortController()
  const posting = new Set<Promise<void>>()

  const tell = (job: DoneJob) => {
    const { post } = options
    if (post === undefined || job.posted !== 'waiting') return
    const told = post(job)
      .then((isSent) =>
        stop.aborted && !isSent ? undefined : queue.setPosted(job, isSent ? 'sent' : 'given up'),
      )
      .catch((error: unknown) =>
        log.warn(`What became of a post cannot be noted: ${messageOf(error)}`),
      )
    posting.add(told)
    void told.finally(() => posting.delete(told))
  }

  const loop = async () => {
    for (const job of queue.done()) tell(job)
    while (!stop.aborted) {
      try {
        await queue.refresh()
        await queue.prune()
        const job = queue.next()
        if (job === undefined) {
          await sleep(lookMs, AbortSignal.any([stop, nudge.signal])).catch(() => {})
          nudge = new AbortController()
        } else {
          const ended = await carryOut(options, job)
          if (ended !== undefined) tell(ended)
        }
        trouble = undefined
      } catch (error) {
        // The disk, mostly. What is in the queue stays there.
        trouble = 'jobs cannot be carried out'
        log.error(`Jobs cannot be carried out: ${messageOf(error)}`)
        await sleep(5_000, stop).catch(() => {})
      }
    }
    await Promise.all(posting)
  }
  return { wake: () => nudge.abort(), trouble: () => trouble, ended: loop() }
}

/** @returns how the job ended; undefined when it stays in the queue */
async function carryOut(options: WorkerOptions, found: QueuedJob): Promise<DoneJob | undefined> {
  const { queue, maxAttempts, stop, log } = options
  // Counted before it begins: a job that takes this process down with it must not do so for ever.
  const job = { ...found, attempts: found.attempts + 1 }
  if (job.attempts > maxAttempts) {
    const why = found.lastError ?? 'it was cut short each time'
    return end(options, found, { outcome: 'failed', why, syncs: [] })
  }
  await queue.update(job)
  log.info(
    `Run ${job.runId} of job ${job.jobId} (${job.jobName}): attempt ${job.attempts} of ${maxAttempts}`,
  )
  const result = await attempt(options, job).catch(async (error: unknown) => {
    // The disk refuses: that is none of the job's attempts.
    await queue.update(found)
    throw error
  })
  if (result.kind === 'end') return end(options, job, result)
  if (stop.aborted) {
    log.info(`Run ${job.runId} stays in the queue`)
    await queue.update({ ...found, notBefore: found.notBefore })
    return undefined
  }
  if (job.attempts >= maxAttempts) {
    return end(options, job, { outcome: 'failed', why: result.why, syncs: result.syncs })
  }
  await postpone(options, job, result)
  return undefined
}

type Attempt =
  | ({ readonly kind: 'end' } & Omit<Ending, 'posted'>)
  | {
      readonly kind: 'again'
      readonly why: string
      readonly syncs: Ending['syncs']
      readonly afterMs?: number | undefined
    }

async function attempt(options: WorkerOptions, job: QueuedJob): Promise<Attempt> {
  const { queue, fetch, runSyncs, stop } = options
  try {
    const fetched = await fetch(job, stop)
    if (fetched.kind === 'nothing')
      return { kind: 'end', outcome: 'skipped', why: fetched.why, syncs: [] }
    return judgeRun(await runSyncs(fetched.targetPath, stop))
  } catch (error) {
    if (stop.aborted) return { kind: 'again', why: 'stopped', syncs: [] }
    if (isOfDisk(error)) throw error
    const afterMs = error instanceof PlatformError ? error.retryAfterMs : undefined
    return { kind: 'again', why: messageOf(error), syncs: [], afterMs }
  } finally {
    // One job's artifacts at most are on the disk.
    await emptyFolder(queue.workFolder)
  }
}

async function postpone(
  { queue, retryAfterMs, maxAttempts, log, clock }: WorkerOptions,
  job: QueuedJob,
  { why, afterMs = 0 }: { readonly why: string; readonly afterMs?: number | undefined },
): Promise<void> {
  const pauseMs = Math.max(
    Math.min(retryAfterMs * 2 ** (job.attempts - 1), longestPauseMs),
    afterMs,
  )
  const notBefore = new Date(clock() + pauseMs).toISOString()
  log.warn(
    `Run ${job.runId} of job ${job.jobId}: ${why}. Attempt ${job.attempts + 1} of ${maxAttempts} in ${Math.ceil(pauseMs / 1000)} s`,
  )
  await queue.update({ ...job, notBefore, lastError: why })
}

async function end(
  { queue, post, isToldAbout, log }: WorkerOptions,
  job: QueuedJob,
  ending: Omit<Ending, 'posted'>,
): Promise<DoneJob> {
  const { outcome, why } = ending
  const posted = post !== undefined && isToldAbout(outcome) ? 'waiting' : 'not asked'
  const ended = await queue.finish(job, { ...ending, posted })
  const line = `Run ${job.runId} of job ${job.jobId} (${job.jobName}): ${outcome}${why === null ? '' : `: ${why}`}`
  if (outcome === 'failed') log.error(`${line}. To try again: backhaul hook --again ${job.runId}`)
  else if (outcome === 'partial') log.warn(line)
  else log.info(line)
  return ended
}

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error)
