import { relative, resolve } from 'node:path'
import { printable, UserError } from '../../errors.ts'
import { pageText } from '../../report/page-text.ts'
import { payloadText } from '../../report/payload-lines.ts'
import type { Io } from '../command-line/io.ts'
import type { Arguments } from '../command-line/option.ts'
import { loadSyncs } from '../load-syncs.ts'
import { asksForJson } from '../options.ts'
import { countOf, numberOf } from '../render/words.ts'
import { collect, readScope, withLedger } from '../report/collect.ts'
import { openPage } from '../report/open-page.ts'
import { checkPagePlace, readPageTemplate, writePage } from '../report/page-file.ts'
import { serve } from '../report/serve.ts'
import { whyNothing } from '../run/why-nothing.ts'
import { openSession, outputFolder, type Session } from '../session.ts'

/** Writes a page that shows what the audit knows. Asks the warehouse only, and changes nothing there. */
export async function handle(args: Arguments, io: Io): Promise<number> {
  const session = openSession(args, io)
  const loaded = await loadSyncs(session, args)
  const scope = readScope(args, session, loaded)
  const nothing = scope.isSelected ? whyNothing(loaded) : undefined
  if (nothing !== undefined) throw new UserError({ message: nothing })
  if (args['serve'] === true) {
    refuseWithServe(args)
    return serve(scope, io, { port: Number(args['port'] ?? 0), isOpened: args['open'] === true })
  }
  if (args['port'] !== undefined)
    throw new UserError(
      { message: '--port goes with --serve', hint: 'A page that is a file has no port.' },
      { exitCode: 2 },
    )
  const template = readPageTemplate()
  const path =
    args['out'] === undefined
      ? resolve(outputFolder(session.project), 'report.html')
      : resolve(io.cwd, String(args['out']))
  const file = { path, shown: shownPath(io.cwd, path) }
  checkPagePlace(file)
  const report = await withLedger(session, (ledger) => collect(scope, ledger))
  if (report.note !== null) {
    throw new UserError({
      message: report.note,
      hint: `Run first: ${session.say('run')}. To watch that run: ${session.say('report --serve')}.`,
    })
  }
  const bytes = writePage(file, pageText(template, payloadText(report), false))
  const { totals, changes } = report
  if (args['open'] === true) await open(session, path)
  if (asksForJson(args)) {
    const document = {
      kind: 'report',
      version: 1,
      file: path,
      bytes,
      since: report.since,
      shown: {
        runs: report.runs.length,
        changes: changes.run.length,
        requests: report.requests.length,
      },
      totals,
    }
    io.stdout(`${JSON.stringify(document)}\n`)
    return 0
  }
  const parts = [
    partOf(report.runs.length, totals.runs, 'run'),
    partOf(changes.run.length, totals.changes, 'change'),
    partOf(report.requests.length, totals.requests, 'API call'),
  ]
  io.stdout(
    `${printable(file.shown)}: ${parts.join(', ')} of the last ${countOf(scope.days, 'day')} (${(bytes / 1e6).toFixed(1)} MB). Open it in a browser; it needs no server, and asks nobody anything.\n`,
  )
  return 0
}

async function open({ io, log }: Session, path: string): Promise<void> {
  const why = await openPage(path, io)
  if (why !== undefined) log.warn(`The page is not opened: ${why}`)
}

function refuseWithServe(args: Arguments): void {
  const given = ['out', 'json'].find((name) => args[name] !== undefined)
  if (given === undefined) return
  throw new UserError(
    {
      message: `--serve and --${given} exclude each other`,
      hint: 'A page that is served is written to no file.',
    },
    { exitCode: 2 },
  )
}

const partOf = (shown: number, total: number, noun: string): string =>
  shown < total ? `${numberOf(shown)} of ${countOf(total, noun)}` : countOf(total, noun)

function shownPath(cwd: string, path: string): string {
  const near = relative(cwd, path)
  return near === '' || near.startsWith('..') ? path : near
}
