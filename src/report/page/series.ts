import type { ReportRequest, ReportRun } from '../payload.ts'
import { countsOf } from './words.ts'

/** Counts of the runs that began in one stretch of time. */
export interface RunBucket {
  /** In seconds since 1970. */
  readonly start: number
  readonly runs: readonly ReportRun[]
  readonly counts: ReadonlyMap<string, number>
}

const minute = 60
const lengths = [minute, 5 * minute, 15 * minute, 3600, 6 * 3600, 86_400, 7 * 86_400, 30 * 86_400]
const mostBuckets = 60

/** Runs over time, in at most sixty stretches of equal length, oldest first; none between the first and the last is left out. */
export function bucketRuns(runs: readonly ReportRun[]): {
  readonly seconds: number
  readonly buckets: readonly RunBucket[]
} {
  const starts = runs.map((run) => Date.parse(run.startedAt) / 1000).filter(Number.isFinite)
  const first = Math.min(...starts)
  const last = Math.max(...starts)
  const seconds =
    lengths.find((length) => (last - first) / length < mostBuckets - 1) ?? lengths.at(-1) ?? minute
  const begin = Math.floor(first / seconds) * seconds
  const count = starts.length === 0 ? 0 : Math.floor((last - begin) / seconds) + 1
  const buckets = Array.from({ length: count }, (_, index) => ({
    start: begin + index * seconds,
    runs: [] as ReportRun[],
    counts: new Map<string, number>(),
  }))
  for (const run of runs) {
    const bucket = buckets[Math.floor((Date.parse(run.startedAt) / 1000 - begin) / seconds)]
    if (bucket === undefined) continue
    bucket.runs.push(run)
    for (const [name, n] of countsOf(run)) {
      // All that are parked at its end, whichever run parked them: a stock, which does not add up.
      if (name !== 'parked') bucket.counts.set(name, (bucket.counts.get(name) ?? 0) + n)
    }
  }
  return { seconds, buckets }
}

export const requestKinds = ['answered', 'retry', 'limit', 'error', 'silent'] as const
export type RequestKind = (typeof requestKinds)[number]

export const requestKindWords: Readonly<Record<RequestKind, string>> = {
  answered: 'answered',
  retry: 'answered after a retry',
  limit: '429: over the limit',
  error: 'error',
  silent: 'no answer',
}

export function kindOf({ status, attempt }: ReportRequest): RequestKind {
  if (status === null) return 'silent'
  if (status === 429) return 'limit'
  if (status >= 400) return 'error'
  return attempt > 1 ? 'retry' : 'answered'
}

/** Requests that began in each stretch of `seconds`, from the first to the last. */
export function throughput(
  requests: readonly ReportRequest[],
  seconds: number,
): { readonly starts: number[]; readonly counts: number[] } {
  const times = requests
    .map(({ startedAt }) => Date.parse(startedAt) / 1000)
    .filter(Number.isFinite)
  if (times.length === 0) return { starts: [], counts: [] }
  const begin = Math.floor(times.reduce((a, b) => Math.min(a, b)) / seconds)
  const end = Math.floor(times.reduce((a, b) => Math.max(a, b)) / seconds)
  const counts = Array.from({ length: end - begin + 1 }, () => 0)
  for (const time of times) {
    const index = Math.floor(time / seconds) - begin
    counts[index] = (counts[index] ?? 0) + 1
  }
  return { starts: counts.map((_, index) => (begin + index) * seconds), counts }
}
