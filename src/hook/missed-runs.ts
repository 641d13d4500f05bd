import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Logger } from '../log.ts'
import type { Clock } from '../types.ts'
import type { DbtPlatform, RunsOf } from './dbt-platform.ts'
import type { EventFilter } from './delivery.ts'
import { writeDurably } from './durable-file.ts'
import type { EndedRun } from './platform-run.ts'
import type { Queue } from './queue.ts'

/** Runs whose webhooks nobody heard, because nothing listened or nothing let them through: the dbt platform is asked for them. */

export interface MissedContext {
  readonly platform: DbtPlatform
  readonly queue: Queue
  readonly filter: EventFilter & { readonly accountId: string }
  /** Runs that ended before are none of ours. */
  readonly sinceMs: number
  readonly log: Logger
}

const firstHeardFile = 'listens-since.json'

/**
 * Since when runs are cared for: the first start with this queue, or as long ago as a webhook may be. All that ended since is either
 * known to the queue or was missed.
 */
export async function readSince(
  folder: string,
  queue: Queue,
  maxAgeMs: number,
  clock: Clock,
): Promise<number> {
  const oldest = clock() - maxAgeMs
  const text = await readFile(join(folder, firstHeardFile), 'utf8').catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error
      return ''
    },
  )
  const written = Date.parse(/\d{4}-[^"]+/.exec(text)?.[0] ?? '')
  if (!Number.isNaN(written)) return Math.max(written, oldest)
  // A queue of an earlier release has no such file.
  const heard = [...queue.queued(), ...queue.done()].map((job) => Date.parse(job.receivedAt))
  const first = Math.min(clock(), ...heard)
  await writeDurably(folder, firstHeardFile, `${JSON.stringify({ since: isoOf(first) })}\n`)
  return Math.max(first, oldest)
}

const isoOf = (ms: number): string => new Date(ms).toISOString()

/**
 * Queues the runs of the jobs and environments that are listened to and that ended since, unless the queue knows them.
 *
 * @returns how many were queued
 * @throws PlatformError
 */
export async function queueMissed(context: MissedContext, signal: AbortSignal): Promise<number> {
  const { platform, filter, sinceMs, log } = context
  const asked: readonly RunsOf[] = [
    ...filter.jobs.map((jobId) => ({ jobId })),
    ...filter.environments.map((environmentId) => ({ environmentId })),
  ]
  let queued = 0
  for (const of of asked) {
    const { runs, isCut } = await platform.listEnded(of, sinceMs, signal)
    // The oldest first, as their webhooks would have come.
    for (const run of runs.toReversed()) if (await queueOne(context, run)) queued += 1
    if (isCut)
      log.warn(
        `Only the last ${runs.length} runs of ${nameOf(of)} were looked at; earlier ones may have been missed, too`,
      )
  }
  return queued
}

const nameOf = (of: RunsOf): string =>
  'jobId' in of ? `job ${of.jobId}` : `environment ${of.environmentId}`

async function queueOne({ queue, filter, log }: MissedContext, run: EndedRun): Promise<boolean> {
  const { isCancelled, trial, ...told } = run
  // Their webhooks lead to nothing either.
  if (isCancelled || trial !== undefined) return false
  const event = {
    ...told,
    eventId: '',
    type: 'job.run.completed',
    accountId: filter.accountId,
  } as const
  const taken = await queue.add(event)
  if (taken === 'full') log.error(`The queue is full: run ${run.runId} was not taken`)
  if (taken !== 'queued') return false
  log.info(
    `Run ${run.runId} of job ${run.jobId} (${run.jobName}) is queued: its webhook was missed`,
  )
  return true
}
