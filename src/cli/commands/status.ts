import type { Io } from '../command-line/io.ts'
import type { Arguments } from '../command-line/option.ts'
import { connectWarehouse, ledgerOf } from '../connect-warehouse.ts'
import { loadSyncs } from '../load-syncs.ts'
import { asksForJson } from '../options.ts'
import { type Paint, paintFor } from '../render/paint.ts'
import { countWord } from '../render/render-run.ts'
import { renderTable } from '../render/render-table.ts'
import { ageOf, countOf, labelled, numberOf } from '../render/words.ts'
import { whyNothing } from '../run/why-nothing.ts'
import { isSelective } from '../selection.ts'
import { openSession } from '../session.ts'
import { readStatuses } from '../state/status-facts.ts'
import type { SyncStatus } from '../state/sync-status.ts'

/** Errors shown per sync; JSON has them all. */
const shownErrors = 5

/** Says how each sync stands. Asks the warehouse only. */
export async function handle(args: Arguments, io: Io): Promise<number> {
  const session = openSession(args, io)
  const loaded = await loadSyncs(session, args)
  const isSelected = isSelective(args)
  const warehouse = await connectWarehouse(session)
  try {
    const ledger = ledgerOf(session, warehouse)
    const statuses = await readStatuses(
      ledger,
      loaded.selected,
      loaded.definedNames,
      !isSelected,
      session.say,
    )
    if (asksForJson(args)) {
      const { schema } = ledger.location
      io.stdout(`${JSON.stringify({ kind: 'status', version: 1, schema, syncs: statuses })}\n`)
    } else if (statuses.length === 0) io.stdout(`${whyNothing(loaded) ?? 'No sync is selected.'}\n`)
    else io.stdout(renderStatuses(statuses, io.clock(), paintFor(io.usesColours)))
    return statuses.every((status) => status.isWell) ? 0 : 1
  } finally {
    await warehouse.close()
  }
}

/** One table of the last runs, one of the rows, then what is wrong and what to do. */
export function renderStatuses(
  statuses: readonly SyncStatus[],
  nowMs: number,
  paint: Paint,
): string {
  const lines = [
    paint.bold('Last runs'),
    ...renderTable(
      statuses.map((status) => runRow(status, nowMs)),
      60,
    ),
    '',
    ...rowsTable(statuses, paint),
    ...statuses.flatMap((status) => troubles(status, paint)),
  ]
  const steps = statuses.flatMap(({ sync, nextStep }) =>
    (nextStep?.split('\n') ?? []).map((step) => `  ${sync}: ${step}`),
  )
  if (steps.length > 0) lines.push(paint.bold('What to do'), ...steps)
  else lines.push(paint.green('All well.'))
  return `${lines.join('\n')}\n`
}

/** What `runs` counts under the words of records, in those of events and lists. */
const wordsOfType: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  event: { created: 'sent' },
  list: { created: 'added', left: 'removed or left' },
}

function runRow({ sync, type, lastRun, lastSuccessAt, underWay }: SyncStatus, nowMs: number) {
  const { counts, calls } = lastRun ?? {}
  const isUncounted = lastRun?.finishedAt === null
  const done = Object.entries(counts ?? {})
    .filter(([word, count]) => count > 0 && word !== 'parked')
    .map(
      ([word, count]) =>
        `${numberOf(count)} ${wordsOfType[type ?? '']?.[word] ?? countWord(word, count)}`,
    )
  // A run counts when it is recorded: what it has sent until then is in intents and results.
  const sent = isUncounted ? 'not counted yet' : done.join(', ') || 'nothing sent'
  const limited = lastRun?.isLimited === true ? ' (--row, --limit or adopt)' : ''
  return {
    sync,
    status:
      underWay !== null ? 'under way' : isUncounted ? 'cut short' : (lastRun?.status ?? 'none'),
    when: lastRun === null ? '' : ageOf(lastRun.startedAt, nowMs),
    took: took(lastRun),
    rows: lastRun === null ? '' : `${sent}${limited}`,
    calls: calls === undefined || isUncounted ? '' : numberOf(calls.made),
    'last success': lastSuccessAt === null ? 'never' : ageOf(lastSuccessAt, nowMs),
  }
}

function took(run: SyncStatus['lastRun']): string {
  const ms = Date.parse(run?.finishedAt ?? '') - Date.parse(run?.startedAt ?? '')
  return Number.isNaN(ms) ? '' : `${(ms / 1000).toFixed(1)} s`
}

const statusOrder = [
  'succeeded',
  'rejected',
  'parked',
  'skipped',
  'pending',
  'sending',
  'unknown',
  'left',
] as const

/** Statuses that no row has get no column. */
function rowsTable(statuses: readonly SyncStatus[], paint: Paint): readonly string[] {
  const known = statuses.filter(({ rows }) => rows !== null)
  const shown = statusOrder.filter((status) => known.some(({ rows }) => (rows?.[status] ?? 0) > 0))
  if (known.length === 0 || shown.length === 0) return []
  const table = known.map(({ sync, rows }) => ({
    sync,
    ...Object.fromEntries(shown.map((status) => [status, numberOf(rows?.[status] ?? 0)])),
  }))
  return [paint.bold('Rows'), ...renderTable(table), '']
}

function troubles(status: SyncStatus, paint: Paint): readonly string[] {
  return [...rowTroubles(status, paint), ...linkTroubles(status, paint)]
}

/** Links that are not there, or wait: they are no fault of their rows. */
function linkTroubles({ sync, links }: SyncStatus, paint: Paint): readonly string[] {
  if (links === null || links.errors.length === 0) return []
  const table = links.errors.slice(0, shownErrors).map((error) => ({
    links: numberOf(error.rows),
    status: error.status,
    error: error.category,
    'e.g. row': error.exampleRowId,
    meaning: error.meaning,
  }))
  const advice = links.errors
    .slice(0, shownErrors)
    .map((error) => `  ${error.category}: ${error.advice}`)
  return [paint.bold(`Links of ${sync}`), ...renderTable(table, 60), ...new Set(advice), '']
}

function rowTroubles({ sync, lastRun, errors }: SyncStatus, paint: Paint): readonly string[] {
  const run = lastRun?.error
  const ended =
    run === null || run === undefined ? [] : labelled(`Last run: ${run.category}`, run.message)
  if (ended.length === 0 && errors.length === 0) return []
  const shown = errors.slice(0, shownErrors)
  const left = errors.length - shown.length
  const table = shown.map((error) => ({
    rows: numberOf(error.rows),
    status: error.status,
    error: error.category,
    'e.g. row': error.exampleRowId,
    meaning: error.meaning,
  }))
  const advice = shown.map((error) => `  ${error.category}: ${error.advice}`)
  return [
    paint.bold(`Errors of ${sync}`),
    ...ended,
    ...renderTable(table, 60),
    ...new Set(advice),
    ...(left > 0 ? [`  … ${countOf(left, 'more kind', 'more kinds')}; --output json has all`] : []),
    '',
  ]
}
