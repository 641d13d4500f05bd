import type { SyncReport } from '../run/context.ts'
import type { Paint } from './paint.ts'
import { describeReason } from './reasons.ts'
import { countRows } from './render-plan.ts'

const width = 80

/** `12:00:00  1 of 3 OK contacts ......... [2 created in 0.31s]`, as dbt prints its nodes. */
export function renderReport(
  report: SyncReport,
  position: { readonly index: number; readonly total: number },
  paint: Paint,
): string {
  const word = words[report.status]
  const head = `${position.index} of ${position.total} ${word.text} ${report.sync} → ${report.object} `
  const dots = '.'.repeat(Math.max(3, width - head.length))
  const tail = `[${describeCounts(report)} in ${(report.durationMs / 1000).toFixed(2)}s]`
  return `${head}${dots} ${paint[word.colour](tail)}`
}

const words = {
  planned: { text: 'PLANNED', colour: 'dim' },
  running: { text: 'RUNNING', colour: 'dim' },
  succeeded: { text: 'OK', colour: 'green' },
  partial: { text: 'PARTIAL', colour: 'yellow' },
  failed: { text: 'ERROR', colour: 'red' },
  aborted: { text: 'ABORTED', colour: 'red' },
  guarded: { text: 'GUARDED', colour: 'red' },
  held: { text: 'HELD', colour: 'yellow' },
} as const

/** Counts of what happened, and the calls it took. */
export function describeCounts(report: SyncReport): string {
  const { counts, calls } = report
  const parts = Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([word, count]) => `${count} ${word}`)
  const unchanged = report.plan === null ? [] : [`${report.plan.rows.unchanged} unchanged`]
  const made = `${calls.made} of ${calls.planned} write calls`
  return [...parts, ...unchanged, made].join(', ')
}

/** Why a sync did not simply succeed, and what to do: below its line. */
export function renderTrouble(report: SyncReport, paint: Paint): readonly string[] {
  const lines: string[] = []
  if (report.error !== null && report.problems.length === 0) {
    lines.push(paint.red(`  ${report.sync}: ${report.error.message}`))
    if (report.error.hint !== undefined) lines.push(`    ${report.error.hint}`)
  }
  return report.counts.rejected === 0 ? lines : [...lines, ...renderRejected(report, paint)]
}

/** Rejected rows by reason, and the query that names them. Values are in the tables only. */
function renderRejected({ plan, counts, runId }: SyncReport, paint: Paint): readonly string[] {
  const checked = plan?.rejects ?? []
  const lines = checked.flatMap(({ reason, rows }) => {
    const { meaning, advice } = describeReason(reason)
    return [paint.yellow(`  ! ${countRows(rows)}: ${meaning}`), `    ${advice}`]
  })
  const refused = counts.rejected - checked.reduce((sum, { rows }) => sum + rows, 0)
  if (refused > 0) lines.push(paint.yellow(`  ! ${countRows(refused)}: refused by HubSpot`))
  return [
    ...lines,
    `    select row_id, error_category, error_message from changes where run_id = '${runId}' and outcome = 'rejected' order by row_id`,
  ]
}

/** dbt's closing line, with our words. */
export function renderTotals(reports: readonly SyncReport[]): string {
  const of = (...statuses: readonly SyncReport['status'][]) =>
    reports.filter((report) => statuses.includes(report.status)).length
  return `Done. OK=${of('succeeded')} PARTIAL=${of('partial')} ERROR=${of('failed', 'aborted')} GUARDED=${of('guarded')} HELD=${of('held')} TOTAL=${reports.length}`
}
