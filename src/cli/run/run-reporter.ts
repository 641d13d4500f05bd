import { formatProblem, type Problem } from '../../errors.ts'
import type { Plan } from '../../plan/plan.ts'
import type { RejectGroup } from '../../record/rejects.ts'
import { noOutcomes } from '../../record/runs.ts'
import type { SyncReport } from '../../run/context.ts'
import type { Say } from '../../types.ts'
import type { RunResults } from '../artifacts/artifacts.ts'
import type { EventLogger } from '../command-line/log-writer.ts'
import type { LoadedSyncs } from '../load-syncs.ts'
import type { Paint } from '../render/paint.ts'
import {
  renderReasons,
  renderReport,
  renderStart,
  renderTotals,
  renderTrouble,
} from '../render/render-run.ts'

/** Collects how the syncs of a run end, and logs each as it does. */
export interface RunReporter {
  readonly reports: readonly SyncReport[]
  readonly rejects: ReadonlyMap<string, readonly RejectGroup[]>
  readonly waiting: ReadonlyMap<string, readonly RejectGroup[]>
  started(plan: Plan, expectedSeconds: number): void
  /** @param isWell nobody has to look, e.g. a sync held because its model was not in the build */
  ended(report: SyncReport, isWell?: boolean): void
  /** @param query SQL that lists the rejected rows */
  rejected(sync: string, groups: readonly RejectGroup[], query: string): void
  /** @param query SQL that lists the rows that were left for the next run */
  left(sync: string, groups: readonly RejectGroup[], query: string): void
  /** dbt's closing lines. */
  close(exitCode: number, elapsedMs: number, warehouse: RunResults['warehouse']): void
}

/** @param total syncs that will be reported @param say writes the commands to type next */
export function createRunReporter(
  log: EventLogger,
  paint: Paint,
  total: number,
  say: Say,
): RunReporter {
  const reports: SyncReport[] = []
  const rejects = new Map<string, readonly RejectGroup[]>()
  const waiting = new Map<string, readonly RejectGroup[]>()
  // A sync keeps its number: others may begin before it ends.
  const numbers = new Map<string, number>()
  const positionOf = (sync: string) => {
    const index = numbers.get(sync) ?? numbers.size + 1
    numbers.set(sync, index)
    return { index, total }
  }
  // Why a sync did not succeed is told with --quiet, too.
  const levelOf = (sync: string) =>
    reports.some((report) => report.sync === sync && report.status === 'succeeded')
      ? 'warn'
      : 'error'
  // A clash of two syncs is told once.
  const told = new Set<string>()
  return {
    reports,
    rejects,
    waiting,
    started(plan, expectedSeconds) {
      const text = renderStart(plan, positionOf(plan.sync), expectedSeconds)
      log.event('SyncStart', 'info', text, { ...plan, expectedSeconds })
    },
    ended(report, isWell = report.status === 'succeeded') {
      reports.push(report)
      const position = positionOf(report.sync)
      const lines = [renderReport(report, position, paint), ...renderTrouble(report, paint)]
      log.event('SyncResult', isWell ? 'info' : 'error', lines.join('\n'), { ...report })
      const untold = report.problems.filter((problem) => !told.has(formatProblem(problem)))
      for (const problem of untold) told.add(formatProblem(problem))
      logProblems(log, untold)
    },
    rejected(sync, groups, query) {
      rejects.set(sync, groups)
      const text = renderReasons(sync, 'rejected', groups, query, paint, say).join('\n')
      log.event('Rejects', levelOf(sync), text, { sync, groups, query }, true)
    },
    left(sync, groups, query) {
      waiting.set(sync, groups)
      const text = renderReasons(sync, 'waiting', groups, query, paint, say).join('\n')
      log.event('Waiting', levelOf(sync), text, { sync, groups, query }, true)
    },
    close(exitCode, elapsedMs, warehouse) {
      const statuses = Object.fromEntries(reports.map((report) => [report.sync, report.status]))
      const data = { exitCode, elapsedMs, statuses, syncs: reports.length, warehouse }
      log.event('RunEnd', 'info', renderTotals(reports, told.size, warehouse), data)
    },
  }
}

function logProblems(log: EventLogger, problems: readonly Problem[]): void {
  for (const problem of problems) {
    log.event('Problem', 'error', `Error: ${formatProblem(problem)}`, { ...problem })
  }
}

/** A sync that never began, by what is said about it. */
export function unbegun(
  sync: Pick<SyncReport, 'sync' | 'model' | 'object' | 'status' | 'error'> &
    Partial<Pick<SyncReport, 'problems'>>,
): SyncReport {
  return {
    runId: null,
    plan: null,
    counts: noOutcomes,
    calls: { planned: 0, made: 0, reads: 0 },
    problems: [],
    durationMs: 0,
    ...sync,
  }
}

/** Syncs that cannot be run because of what is written in them: one report each, with all its problems. */
export function invalidSyncs({
  invalid,
  problems,
}: Pick<LoadedSyncs, 'invalid' | 'problems'>): readonly SyncReport[] {
  return invalid.map((sync) => {
    const own = problems.filter((problem) => [problem.sync, problem.otherSync].includes(sync))
    const message = own.length === 0 ? 'The sync is not valid.' : own.map(formatProblem).join('\n')
    return unbegun({
      sync,
      model: '',
      object: '',
      status: 'failed',
      problems: own,
      error: { category: 'CONFIGURATION', message },
    })
  })
}
