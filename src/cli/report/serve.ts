import { randomBytes } from 'node:crypto'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { UserError, WarehouseError } from '../../errors.ts'
import { emptyReport } from '../../report/collect.ts'
import { type LiveEvent, liveFolder, type ServedProgress } from '../../report/live.ts'
import { followRuns, type LiveTail } from '../../report/live-tail.ts'
import { pageText } from '../../report/page-text.ts'
import type { CollectedReport } from '../../report/payload.ts'
import { payloadText } from '../../report/payload-lines.ts'
import { Busy, type ReportServer, startReportServer } from '../../report/server.ts'
import type { Io } from '../command-line/io.ts'
import { isHolderGone } from '../lease-holder.ts'
import { outputFolder } from '../session.ts'
import { collect, factsOf, type ReportScope, withLedger } from './collect.ts'
import { openPage } from './open-page.ts'
import { readPageTemplate, writePage } from './page-file.ts'
import { readReportRow } from './row.ts'

const pollMs = 250
/** Another process has the state's file open: a run that has just begun, or has not quite ended. */
const againMs = 2_000
/** Who loads the page again wants what is new: runs of other machines tell nothing here. */
const freshMs = 10_000

/** What the pages are given now. */
interface Shown {
  report: CollectedReport
  /** When it has to be collected anew; undefined: when something has happened. */
  dueMs: number | undefined
  /** Our tables are in a file that one process has at a time. */
  isFile: boolean
  /** While it is collected. */
  renewing: Promise<void> | undefined
  /** Ends the collecting: a run that begins waits for the file only so long. */
  giveWay: AbortController
}

/** Serves the report on this machine until Ctrl-C, live while runs of this project are under way. */
export async function serve(
  scope: ReportScope,
  io: Io,
  { port, isOpened }: { readonly port: number; readonly isOpened: boolean },
): Promise<number> {
  const { session } = scope
  const template = readPageTemplate()
  const tail = followRuns(join(outputFolder(session.project), liveFolder), {
    clock: io.clock,
    isHolderGone,
  })
  const began = tail.read()
  const shown: Shown = {
    report: unknown(scope, heldNote),
    dueMs: undefined,
    isFile: false,
    renewing: undefined,
    giveWay: new AbortController(),
  }
  // A run has its file for as long as it takes: whoever wants to watch it need not wait.
  if (tail.isUnderWay()) shown.dueMs = io.clock()
  else await renew(scope, shown, tail)
  const server = await listen({
    token: randomBytes(24).toString('base64url'),
    port,
    page: async () => {
      const isOld = io.clock() - Date.parse(shown.report.generatedAt) > freshMs
      if (isOld && !isHeld(shown, tail)) await renew(scope, shown, tail)
      return pageText(template, payloadText(shown.report), true)
    },
    payload: () => payloadText(shown.report),
    row: (sync, rowId) => lookUp(scope, shown, tail, sync, rowId),
    failed: (error) =>
      session.log.error(error instanceof Error ? error.message : 'Answering the page failed'),
  })
  try {
    const teller = tellerFor(server)
    for (const event of began) teller(event)
    io.stdout(`${server.url}\n`)
    io.stderr(
      'The report is served to this machine, live while runs of this project are under way. Whoever has the address sees all of it; Ctrl-C ends it.\n',
    )
    if (isOpened) await openServed(scope, server.url)
    await watch(scope, shown, tail, server, teller)
    return 0
  } finally {
    rmSync(wayFile(scope), { force: true })
    await server.close()
  }
}

/** Leads to the page: what a program is given to open every user of the machine can read, and the address is a secret. */
const wayFile = ({ session }: ReportScope): string =>
  join(outputFolder(session.project), 'report-served.html')

async function openServed(scope: ReportScope, url: string): Promise<void> {
  const { io, log } = scope.session
  const path = wayFile(scope)
  const way = `<!doctype html><meta charset="utf-8"><meta name="referrer" content="no-referrer"><meta http-equiv="refresh" content="0;url=${url}"><title>Backhaul report</title>\n`
  try {
    writePage({ path, shown: path }, [way])
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    return log.warn(`The page is not opened: ${error.message}`)
  }
  const why = await openPage(path, io)
  if (why !== undefined) log.warn(`The page is not opened: ${why}`)
}

async function listen(options: Parameters<typeof startReportServer>[0]): Promise<ReportServer> {
  try {
    return await startReportServer(options)
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code !== 'EADDRINUSE' && code !== 'EACCES' && code !== 'ERR_SOCKET_BAD_PORT') throw cause
    throw new UserError(
      {
        message: `Port ${options.port} cannot be had (${code})`,
        hint: 'Choose another with --port, or 0 for a free one.',
      },
      { cause, ...(code === 'ERR_SOCKET_BAD_PORT' ? { exitCode: 2 } : {}) },
    )
  }
}

const unknown = (scope: ReportScope, note: string): CollectedReport =>
  emptyReport(factsOf(scope, scope.session.project.connection.type), note)

const heldNote =
  'A run has the state open: what it does is shown as it happens, everything else is of before, and is brought up to date when it ends.'

/** Whoever runs has the file: to ask for it would only make both wait. */
const isHeld = ({ isFile }: Shown, tail: LiveTail): boolean => isFile && tail.isUnderWay()

/** Collects anew, once at a time. Where the warehouse does not answer, what is shown stays, and says so. */
function renew(scope: ReportScope, shown: Shown, tail: LiveTail): Promise<void> {
  shown.renewing ??= collectAnew(scope, shown, tail).finally(() => {
    shown.renewing = undefined
  })
  return shown.renewing
}

async function collectAnew(scope: ReportScope, shown: Shown, tail: LiveTail): Promise<void> {
  const { io, log } = scope.session
  try {
    shown.dueMs = undefined
    shown.giveWay = new AbortController()
    const abort = AbortSignal.any([scope.session.abort, shown.giveWay.signal])
    shown.report = await withLedger({ ...scope.session, abort }, (ledger) => {
      shown.isFile = ledger.warehouse.stateFile !== undefined
      return collect(scope, ledger)
    })
  } catch (error) {
    if (!(error instanceof WarehouseError)) throw error
    log.debug('The warehouse does not answer', { error: error.message })
    const note = tail.isUnderWay() ? heldNote : `${error.message} It is tried again.`
    shown.report = { ...shown.report, note }
    shown.dueMs = io.clock() + againMs
  }
}

/** Until Ctrl-C. */
async function watch(
  scope: ReportScope,
  shown: Shown,
  tail: LiveTail,
  server: ReportServer,
  teller: (event: LiveEvent) => void,
): Promise<void> {
  const { io, drain } = scope.session
  let failed: unknown
  const renewAndTell = async () => {
    await renew(scope, shown, tail)
    const { generatedAt } = shown.report
    server.tell({ event: 'changed', body: { generatedAt } }, 'changed')
  }
  while (!drain.aborted) {
    await delay(pollMs, undefined, { signal: drain }).catch(() => undefined)
    const events = tail.read()
    for (const event of events) teller(event)
    if (events.some(({ type }) => type === 'run-ended')) shown.dueMs = io.clock()
    if (isHeld(shown, tail)) shown.giveWay.abort()
    const isDue = shown.dueMs !== undefined && shown.dueMs <= io.clock() && !isHeld(shown, tail)
    // Not waited for: meanwhile what runs tell is handed on.
    if (isDue && shown.renewing === undefined)
      renewAndTell().catch((error: unknown) => {
        failed = error
      })
    if (failed !== undefined) throw failed
  }
  await shown.renewing
}

async function lookUp(
  scope: ReportScope,
  shown: Shown,
  tail: LiveTail,
  sync: string,
  rowId: string,
) {
  if (isHeld(shown, tail)) throw new Busy(heldNote)
  try {
    return await withLedger(scope.session, (ledger) => readReportRow(scope, ledger, sync, rowId))
  } catch (error) {
    if (error instanceof WarehouseError) throw new Busy(error.message, { cause: error })
    throw error
  }
}

/** Hands events on, and says where each sync stands; a page that comes later gets what is still true. */
function tellerFor(server: ReportServer): (event: LiveEvent) => void {
  const courses = new Map<string, ServedProgress>()
  const progress = (invocationId: string, sync: string, change: Partial<ServedProgress>) => {
    const key = `${invocationId} ${sync}`
    const none = {
      sync,
      runId: null,
      status: 'running',
      done: null,
      total: null,
      rejected: 0,
    } as const
    const body = { ...none, ...courses.get(key), ...change }
    courses.set(key, body)
    server.tell({ event: 'progress', body }, `${key} progress`)
  }
  return (event) => {
    const { invocationId, type } = event
    const isOfSync = 'sync' in event
    const key = isOfSync ? `${invocationId} ${event.sync} ${type}` : `${invocationId} ${type}`
    const isLasting = ['run-started', 'sync-planned', 'sync-progress', 'sync-ended'].includes(type)
    server.tell({ event: 'live', body: event }, isLasting ? key : undefined)
    switch (event.type) {
      case 'sync-planned':
        return progress(invocationId, event.sync, {
          runId: event.runId,
          done: 0,
          total: event.total,
        })
      case 'sync-progress':
        return progress(invocationId, event.sync, { done: event.sent, rejected: event.rejected })
      case 'sync-ended':
        return progress(invocationId, event.sync, {
          status: event.status,
          ...(event.runId === null ? {} : { runId: event.runId }),
        })
      case 'run-ended':
        return server.forget(`${invocationId} `)
      default:
    }
  }
}
