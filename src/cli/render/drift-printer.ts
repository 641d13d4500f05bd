import type { Mending } from '../../record/drift-marks.ts'
import type { Difference } from '../../run/drift/drift-difference.ts'
import type { DriftListener, DriftReport, DriftScope } from '../../run/drift/drift-tally.ts'
import type { Arguments } from '../command-line/option.ts'
import { asksForJson } from '../options.ts'
import type { Session } from '../session.ts'
import { createReadingProgress, type ReadingProgress } from './reading-progress.ts'
import { describeDrift, describeScope, renderDifferences, writerOf } from './render-drift.ts'

/** What of the command line decides about a comparison. */
export interface AskedDrift {
  readonly mending: Mending | undefined
  readonly isDryRun: boolean
  readonly isAll: boolean
  readonly sample: number | undefined
  readonly rows: readonly string[]
}

/** Rows of a table that are aligned with each other. */
const tableRows = 100
const firstRows = 10

/** Prints the differences of one sync as they are found, and then the sync. */
export function createDriftPrinter(
  session: Session,
  args: Arguments,
  asked: AskedDrift,
  readUsers: () => Promise<ReadonlyMap<string, string>>,
) {
  const { io, log, project, say } = session
  const isJson = asksForJson(args)
  const hidesValues = project.settings.audit.values === 'none'
  const sources = new Map<string, number>()
  let users: ReadonlyMap<string, string> = new Map()
  let buffer: Difference[] = []
  let shown = 0
  let name = ''
  let scope: DriftScope | undefined
  let rows: ReadingProgress | undefined
  let links: ReadingProgress | undefined
  const flush = () => {
    if (buffer.length > 0) {
      io.stdout(`${renderDifferences(buffer, users, hidesValues).join('\n')}\n`)
    }
    buffer = []
  }
  const listener: DriftListener = {
    stated(sync, compared, calls) {
      name = sync.name
      scope = compared
      rows = createReadingProgress(session, name, 'row', 'compared')
      links = createReadingProgress(session, name, 'link', 'compared')
      if (isJson || !asked.isDryRun) log.info(describeScope(sync.name, scope, calls))
    },
    went(done) {
      if (done.links === 0) rows?.at(done.rows, scope?.rows ?? 0)
      else links?.at(done.links, scope?.links ?? 0)
    },
    async found(difference) {
      if (difference.by?.userId !== undefined) users = await readUsers()
      const who = writerOf(difference.by, users)
      if (who !== undefined && (sources.has(who) || sources.size < 1000)) {
        sources.set(who, (sources.get(who) ?? 0) + 1)
      }
      if (!asked.isAll && shown >= firstRows) return
      shown += 1
      if (isJson) {
        io.stdout(
          `${JSON.stringify({ kind: 'difference', ...documentOf(name, difference, users) })}\n`,
        )
        return
      }
      buffer.push(difference)
      if (buffer.length === tableRows) flush()
    },
  }
  return {
    listener,
    async end(report: DriftReport) {
      rows?.end()
      if (isJson) {
        io.stdout(`${JSON.stringify(reportDocument(report, sources, asked))}\n`)
        return
      }
      flush()
      const isTold = report.status === 'succeeded' || report.status === 'partial'
      if (isTold && !asked.isDryRun) {
        io.stdout(`${describeDrift(report, sources, shown, asked, say).join('\n')}\n`)
      } else if (isTold) {
        io.stdout(`${describeScope(report.sync, report.scope, report.calls.planned)}\n`)
      }
    },
  }
}

function documentOf(
  sync: string,
  {
    kind,
    rowId,
    recordId,
    property,
    expected,
    held,
    by,
    archivedAtMs,
    into,
    takenBy,
    link,
  }: Difference,
  users: ReadonlyMap<string, string>,
) {
  return {
    sync,
    drift: kind,
    rowId,
    recordId,
    ...(kind === 'changed' ? { property, expected, held } : {}),
    by:
      by === undefined
        ? null
        : {
            sourceType: by.sourceType,
            sourceId: by.sourceId ?? null,
            sourceLabel: by.sourceLabel ?? null,
            userId: by.userId ?? null,
            email: by.userId === undefined ? null : (users.get(by.userId) ?? null),
          },
    at: isoOf(by?.atMs ?? archivedAtMs),
    ...(into === undefined ? {} : { into, takenBy: takenBy ?? null }),
    ...(link === undefined ? {} : { link }),
  }
}

const isoOf = (ms: number | undefined): string | null =>
  ms === undefined || Number.isNaN(ms) ? null : new Date(ms).toISOString()

const reportDocument = (
  report: DriftReport,
  sources: ReadonlyMap<string, number>,
  { mending, isDryRun }: AskedDrift,
) => ({
  kind: 'drift',
  version: 1,
  sync: report.sync,
  model: report.model,
  object: report.object,
  status: report.status,
  isDryRun,
  compared: report.scope,
  done: report.done,
  calls: report.calls,
  counts: report.counts,
  ownValues: report.ownValues,
  sources: [...sources].map(([writer, values]) => ({ writer, values })),
  mending: mending ?? null,
  runId: report.runId,
  mended: report.mended,
  unmended: report.unmended,
  unknownRows: report.unknownRows,
  unknownLinks: report.unknownLinks,
  problems: report.problems,
  error: report.error,
})
