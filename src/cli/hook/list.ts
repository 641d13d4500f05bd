import type { DoneJob, Queue, QueuedJob } from '../../hook/queue.ts'
import { renderTable } from '../render/render-table.ts'
import { ageOf } from '../render/words.ts'

/** Ended jobs shown; JSON has them all. */
const shown = 20

/** The queue and what became of its jobs, as text. */
export function renderJobs(
  { queued, done }: Pick<Queue, 'queued' | 'done'>,
  nowMs: number,
): string {
  const waiting = queued().map((job) => waitingRow(job, nowMs))
  const ended = done()
    .slice(0, shown)
    .map((job) => endedRow(job, nowMs))
  const more = done().length - ended.length
  return `${[
    waiting.length === 0 ? 'No job is queued.' : 'Queued',
    ...renderTable(waiting, 100),
    '',
    ended.length === 0 ? 'No job ended yet.' : 'Ended',
    ...renderTable(ended, 100),
    ...(more > 0 ? [`  and ${more} more: --json shows them all`] : []),
  ].join('\n')}\n`
}

const nameOf = ({ jobName, jobId }: QueuedJob | DoneJob): string =>
  jobName === '' ? jobId : `${jobName} (${jobId})`

function waitingRow(job: QueuedJob, nowMs: number) {
  const seconds = Math.ceil((Date.parse(job.notBefore) - nowMs) / 1000)
  return {
    run: job.runId,
    job: nameOf(job),
    received: ageOf(job.receivedAt, nowMs),
    attempts: String(job.attempts),
    next: seconds > 0 ? `in ${seconds} s` : 'now',
    'last error': job.lastError ?? '',
  }
}

function endedRow(job: DoneJob, nowMs: number) {
  return {
    run: job.runId,
    job: nameOf(job),
    ended: ageOf(job.endedAt, nowMs),
    attempts: String(job.attempts),
    outcome: job.outcome,
    why: job.why ?? '',
  }
}
