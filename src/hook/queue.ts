import { readdir } from 'node:fs/promises'
import { z } from 'zod'
import type { Logger } from '../log.ts'
import type { Clock } from '../types.ts'
import type { JobEvent } from './delivery.ts'
import { removeDurably, writeDurably } from './durable-file.ts'
import { emptyFolder, fileOf, makeFolders, readAll, readOne } from './queue-files.ts'

/**
 * Runs of dbt platform jobs, kept on disk: one file each, written to its end before anybody is answered.
 *
 * - `queued/<run>.json`: to be carried out, or under way. Leaves when the job has ended.
 * - `done/<run>.json`: how it ended. Kept as long as its event may be sent again, so that it is known.
 *
 * A kill between the two leaves the file in both: it is done, unless it was queued again since.
 */

const event = {
  eventId: z.string(),
  type: z.enum(['job.run.completed', 'job.run.errored']),
  accountId: z.string(),
  jobId: z.string(),
  jobName: z.string(),
  runId: z.string().regex(/^\d{1,20}$/),
  environmentId: z.string(),
  finishedAt: z.string(),
}

const queuedSchema = z.object({
  ...event,
  receivedAt: z.string(),
  /** Attempts that were begun. */
  attempts: z.number(),
  /** ISO 8601; not before then. */
  notBefore: z.string(),
  /** Why the last attempt did not end it. */
  lastError: z.string().nullable(),
})

/**
 * - `succeeded`: every sync of the job did, or was held because its model was not built.
 * - `partial`: the run of the syncs ended as it would again: syncs were held or guarded, or rows rejected.
 * - `failed`: given up after the last attempt.
 * - `skipped`: nothing to do: a run of a pull request, cancelled, or that built nothing.
 */
const outcomes = ['succeeded', 'partial', 'failed', 'skipped'] as const

const syncSchema = z.object({
  sync: z.string(),
  status: z.string(),
  sent: z.number(),
  rejected: z.number(),
})

const doneSchema = z.object({
  ...event,
  receivedAt: z.string(),
  attempts: z.number(),
  endedAt: z.string(),
  outcome: z.enum(outcomes),
  why: z.string().nullable(),
  syncs: z.array(syncSchema).readonly(),
  /** Whether the result was told where `post_to` says. */
  posted: z.enum(['not asked', 'waiting', 'sent', 'given up']),
})

export type QueuedJob = Readonly<z.infer<typeof queuedSchema>>
export type DoneJob = Readonly<z.infer<typeof doneSchema>>
export type SyncSummary = Readonly<z.infer<typeof syncSchema>>

/** How a job ended. */
export type Ending = Pick<DoneJob, 'outcome' | 'why' | 'syncs' | 'posted'>

export interface Queue {
  /** Where artifacts of the job under way are. */
  readonly workFolder: string
  /** On disk when it resolves with `queued`. Two calls for one run answer `queued` and `duplicate`, neither before it is on disk. */
  add(event: JobEvent): Promise<'queued' | 'duplicate' | 'full'>
  /** The job that is next: due, and of the run that ended first. */
  next(): QueuedJob | undefined
  /** Jobs that are queued or under way, in the order of their runs' end. */
  queued(): readonly QueuedJob[]
  /** Jobs that ended, the last one first. */
  done(): readonly DoneJob[]
  update(job: QueuedJob): Promise<void>
  finish(job: QueuedJob, ending: Ending): Promise<DoneJob>
  /** Notes what became of telling the result. */
  setPosted(job: DoneJob, posted: DoneJob['posted']): Promise<void>
  /** Queues a job that ended once more. @returns false when it is not known */
  again(runId: string): Promise<boolean>
  /** Takes in what another process put into the folder. */
  refresh(): Promise<void>
  /** Forgets jobs that ended longer ago than their events can come again. */
  prune(): Promise<void>
}

export interface QueueOptions {
  readonly folder: string
  /** Ended jobs are known for so long. */
  readonly rememberMs: number
  /** More jobs are not taken. */
  readonly maxQueued: number
  /** This process receives and works; others only look, or queue a job again. */
  readonly isOwner: boolean
  readonly clock: Clock
  readonly log: Logger
}

/**
 * Opens the queue in a folder, and makes it when it is not there.
 *
 * @throws UserError for a folder of somebody else's; file system errors as they are
 */
export async function openQueue(options: QueueOptions): Promise<Queue> {
  const { clock, maxQueued, rememberMs, isOwner } = options
  const folders = await makeFolders(options.folder)
  const done = await readAll(folders.done, doneSchema, options)
  const queued = await readAll(folders.queued, queuedSchema, options)
  for (const [runId, ended] of done) {
    const job = queued.get(runId)
    if (job === undefined) continue
    const isAgain = Date.parse(job.notBefore) > Date.parse(ended.endedAt)
    ;(isAgain ? done : queued).delete(runId)
    if (isOwner) await removeDurably(isAgain ? folders.done : folders.queued, fileOf(runId))
  }
  if (isOwner) await emptyFolder(folders.work)
  /** Runs whose file is being written. */
  const entering = new Map<string, Promise<void>>()
  /** Runs told as completed while they were queued as errored. After a restart they are carried out later than that anyway. */
  const completed = new Set<string>()
  const now = () => new Date(clock()).toISOString()

  const enter = async (job: QueuedJob) => {
    await writeDurably(folders.queued, fileOf(job.runId), textOf(job))
    // An errored run that is told a second time, as completed, is queued again.
    if (done.delete(job.runId)) await removeDurably(folders.done, fileOf(job.runId))
    queued.set(job.runId, job)
  }
  const finish = async (job: QueuedJob, ending: Ending): Promise<DoneJob> => {
    const { attempts, receivedAt, notBefore: _, lastError: __, ...told } = job
    const ended: DoneJob = { ...told, receivedAt, attempts, endedAt: now(), ...ending }
    if (completed.delete(job.runId) && cameToNothing(ended)) {
      const type = 'job.run.completed'
      await enter({ ...job, type, attempts: 0, notBefore: now(), lastError: null })
      return ended
    }
    await writeDurably(folders.done, fileOf(job.runId), textOf(ended))
    await removeDurably(folders.queued, fileOf(job.runId))
    done.set(job.runId, ended)
    queued.delete(job.runId)
    return ended
  }
  return {
    workFolder: folders.work,
    async add(told) {
      const { runId } = told
      const under = entering.get(runId)
      if (under !== undefined) {
        await under
        return 'duplicate'
      }
      const waiting = queued.get(runId)
      if (waiting !== undefined) {
        if (waiting.type !== told.type && told.type === 'job.run.completed') completed.add(runId)
        return 'duplicate'
      }
      const ended = done.get(runId)
      if (ended !== undefined && !isNews(told, ended)) return 'duplicate'
      if (queued.size + entering.size >= maxQueued) return 'full'
      const entered = enter({
        ...told,
        receivedAt: now(),
        attempts: 0,
        notBefore: now(),
        lastError: null,
      })
      entering.set(runId, entered)
      try {
        await entered
      } finally {
        entering.delete(runId)
      }
      return 'queued'
    },
    next: () => inOrder(queued.values()).find((job) => Date.parse(job.notBefore) <= clock()),
    queued: () => inOrder(queued.values()),
    done: () => [...done.values()].sort((a, b) => (a.endedAt < b.endedAt ? 1 : -1)),
    async update(job) {
      await writeDurably(folders.queued, fileOf(job.runId), textOf(job))
      queued.set(job.runId, job)
    },
    finish,
    async setPosted(job, posted) {
      // Queued again meanwhile.
      if (!done.has(job.runId)) return
      const changed = { ...job, posted }
      await writeDurably(folders.done, fileOf(job.runId), textOf(changed))
      done.set(job.runId, changed)
    },
    async again(runId) {
      const ended = done.get(runId)
      if (ended === undefined) return queued.has(runId)
      const { endedAt: _, outcome: __, why: ___, syncs: ____, posted: _____, ...told } = ended
      await enter({ ...told, attempts: 0, notBefore: now(), lastError: null })
      return true
    },
    async refresh() {
      for (const name of await readdir(folders.queued)) {
        const runId = name.replace(/\.json$/, '')
        if (!name.endsWith('.json') || queued.has(runId) || entering.has(runId)) continue
        const job = await readOne(folders.queued, name, queuedSchema)
        if (job === undefined) continue
        done.delete(runId)
        queued.set(runId, job)
      }
    },
    async prune() {
      for (const { runId, endedAt } of done.values()) {
        if (clock() - Date.parse(endedAt) <= rememberMs) continue
        await removeDurably(folders.done, fileOf(runId))
        done.delete(runId)
      }
    },
  }
}

/**
 * `job.run.errored` comes at once, when artifacts may be missing, and `job.run.completed` once they are there: the second is no
 * repetition where the first came to nothing.
 */
const isNews = (told: JobEvent, ended: DoneJob): boolean =>
  ended.type === 'job.run.errored' && told.type === 'job.run.completed' && cameToNothing(ended)

const cameToNothing = ({ outcome }: DoneJob): boolean =>
  outcome === 'skipped' || outcome === 'failed'

const textOf = (job: QueuedJob | DoneJob): string => `${JSON.stringify(job, undefined, 2)}\n`

const inOrder = (jobs: Iterable<QueuedJob>): readonly QueuedJob[] =>
  [...jobs].sort(
    (a, b) =>
      Date.parse(a.finishedAt) - Date.parse(b.finishedAt) || Number(a.runId) - Number(b.runId),
  )
