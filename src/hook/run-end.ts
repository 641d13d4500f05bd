import { z } from 'zod'
import type { Ending, SyncSummary } from './queue.ts'

/** How `backhaul run` ended, with what it wrote into its results. */
export interface RunEnd {
  /** Null when a signal ended it. */
  readonly exitCode: number | null
  /** Content of its run_results.json; undefined when there is none. */
  readonly results: unknown
}

export type Judgement =
  | ({ readonly kind: 'end' } & Omit<Ending, 'posted'>)
  | { readonly kind: 'again'; readonly why: string; readonly syncs: readonly SyncSummary[] }

const resultsSchema = z.object({
  results: z.array(
    z.object({
      sync: z.string(),
      status: z.string(),
      counts: z.record(z.string(), z.unknown()),
      error: z
        .object({ category: z.string(), message: z.string(), hint: z.string().optional() })
        .nullable(),
    }),
  ),
  error: z.object({ category: z.string(), message: z.string() }).nullable(),
})

type SyncResult = z.infer<typeof resultsSchema>['results'][number]

/**
 * Decides what becomes of a job whose syncs were run. What the same rows, models and rules would bring about again is no reason to try
 * again: the next build is.
 */
export function judgeRun({ exitCode, results }: RunEnd): Judgement {
  const { data } = resultsSchema.safeParse(results)
  const reports = (data?.results ?? []).filter((report) => !isOfOtherJob(report))
  const syncs = reports.map(summary)
  if (exitCode === 0) return { kind: 'end', outcome: 'succeeded', why: null, syncs }
  const why = whyAgain(exitCode, data)
  if (why !== undefined) return { kind: 'again', why, syncs }
  const reasons = reports.filter((report) => !isWell(report)).map(reasonOf)
  return { kind: 'end', outcome: 'partial', why: reasons.join('; ') || null, syncs }
}

function whyAgain(
  exitCode: number | null,
  data: z.infer<typeof resultsSchema> | undefined,
): string | undefined {
  if (exitCode === null) return 'the run of the syncs was killed'
  if (data === undefined) return `the run of the syncs ended with exit code ${exitCode}`
  if (data.error !== null) return firstLine(data.error.message)
  const troubled = data.results.filter((report) => !isWell(report))
  const passing = troubled.filter((report) => !isLasting(report))
  const [first] = passing
  if (first !== undefined) return reasonOf(first)
  return exitCode === 1 && troubled.length > 0
    ? undefined
    : `the run of the syncs ended with exit code ${exitCode}`
}

const isWell = (report: SyncResult): boolean =>
  report.status === 'succeeded' || isOfOtherJob(report)

/** Held because the job did not build its model: nothing is to be done about it, so there is no hint. */
const isOfOtherJob = ({ status, error }: SyncResult): boolean =>
  status === 'held' && error?.hint === undefined

const lasting: readonly string[] = ['ROWS_REJECTED', 'LINKS_REJECTED', 'CONFIGURATION']

/** Held by the gate or by a guard, not valid, or rows that HubSpot refuses for what they hold. */
const isLasting = ({ status, error }: SyncResult): boolean =>
  status === 'held' || status === 'guarded' || lasting.includes(error?.category ?? '')

const reasonOf = ({ sync, status, error }: SyncResult): string =>
  `${sync}: ${error === null ? status : firstLine(error.message)}`

function firstLine(text: string): string {
  const [line = ''] = text.split('\n')
  return line.length > 300 ? `${line.slice(0, 300)}…` : line
}

/** Counts of rows that HubSpot took. */
const sentCounts = ['created', 'updated', 'sent', 'added', 'removed', 'cleared', 'archived']

function summary({ sync, status, counts }: SyncResult): SyncSummary {
  const sent = sentCounts.reduce((sum, name) => sum + numberOf(counts[name]), 0)
  return { sync, status, sent, rejected: numberOf(counts['rejected']) }
}

const numberOf = (value: unknown): number => (typeof value === 'number' ? value : 0)
