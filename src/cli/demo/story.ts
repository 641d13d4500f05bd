import { copyFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { isDeepStrictEqual, stripVTControlCharacters } from 'node:util'
import { UserError } from '../../errors.ts'
import { makeFolder } from '../../make-folder.ts'
import type { Sandbox } from '../../sandbox/sandbox.ts'
import { renderTable } from '../render/render-table.ts'
import { type AuditRow, changesQuery, linksQuery, readAudit, runsQuery } from './audit.ts'
import { buildFromArtifacts } from './build-from-artifacts.ts'
import { buildWithDbt } from './build-with-dbt.ts'
import type { Children } from './children.ts'
import { stateFile } from './example-project.ts'
import type { Dbt } from './find-dbt.ts'
import { editSeeds, expectedChanges, expectedLinks } from './seed-edits.ts'
import type { Stage } from './stage.ts'

export interface Cast {
  readonly folder: string
  readonly dbt: Dbt
  readonly sandbox: Sandbox
  readonly children: Children
  /** Program and first arguments of this very command line. */
  readonly cli: readonly [program: string, ...args: string[]]
  readonly stage: Stage
  /** Where the report is to stay when the demo is gone. */
  readonly reportFile: string | undefined
}

/** Lines of a sync that a plan of new records is cut to. */
const shownLines = 8

/**
 * Builds, plans, runs, runs again, changes seeds, builds, plans, runs, shows the audit and writes a report: with the same commands that a
 * user would type. What must hold is claimed on the stage.
 *
 * @throws UserError when a command fails, or the signal's reason when interrupted
 */
export async function tellStory(cast: Cast): Promise<void> {
  const { stage, folder } = cast
  stage.heading('Build the marts')
  await build(cast)
  stage.heading('What would a first run send?')
  const first = await plan(cast, shownLines)
  stage.heading('The first run')
  await run(cast, first)
  stage.heading('Again, with nothing new: no write call')
  await run(cast, noCall)
  stage.heading('A few seed rows change')
  stage.say(...editSeeds(folder), '')
  await build(cast)
  stage.heading('What would be sent now? Only those rows, only those properties')
  const second = await plan(cast)
  stage.heading('The run')
  await run(cast, second)
  stage.heading('Everything is recorded, in tables')
  await showAudit(cast)
  stage.heading('The same as a page, for a browser')
  await backhaul(cast, 'report')
  stage.say('', whereReport(cast))
}

/** Keeps the page where it was asked for; the rest of the demo is removed. */
function whereReport({ folder, reportFile }: Cast): string {
  if (reportFile === undefined)
    return 'It goes with the demo: `backhaul demo --report report.html` leaves it there.'
  makeFolder(dirname(reportFile))
  copyFileSync(join(folder, 'target', 'backhaul', 'report.html'), reportFile)
  return `Open it: ${reportFile}`
}

async function build({ dbt, children, stage, folder }: Cast): Promise<void> {
  if ('program' in dbt) return buildWithDbt(dbt.program, children, stage)
  const built = await buildFromArtifacts(folder)
  stage.say(
    `Not dbt, but the SQL that it compiled: ${built} seeds, views and tables built on DuckDB.`,
  )
}

/** Write calls that a plan announces: a bound where look-ups decide what is sent. */
interface Announced {
  readonly calls: number
  readonly isBound: boolean
}

const noCall: Announced = { calls: 0, isBound: false }

/** `backhaul plan`. */
async function plan(cast: Cast, linesPerSync = Number.POSITIVE_INFINITY): Promise<Announced> {
  const output = await backhaul(cast, 'plan', (text) => {
    const blocks = text.trimEnd().split('\n\n')
    return blocks.map((block) => cut(block, linesPerSync)).join('\n\n')
  })
  const announced = [...output.matchAll(/^ {2}([\d,]+) write calls?( at most)?/gm)]
  return {
    calls: announced.reduce((sum, [, count = '']) => sum + Number(count.replaceAll(',', '')), 0),
    isBound: announced.some(([, , bound]) => bound !== undefined),
  }
}

function cut(block: string, count: number): string {
  const lines = block.split('\n')
  if (lines.length <= count + 1) return block
  const more = `    [… ${lines.length - count} more lines, left out here]`
  return [...lines.slice(0, count), more].join('\n')
}

/** `backhaul run`, which must take as many write calls as the plan said, or no more than its bound. */
async function run(cast: Cast, { calls: planned, isBound }: Announced): Promise<void> {
  const { sandbox, stage } = cast
  const before = writes(sandbox)
  await backhaul(cast, 'run')
  const counted = writes(sandbox) - before
  stage.say('')
  const calls = `${counted} write ${counted === 1 ? 'call' : 'calls'}`
  if (isBound) {
    stage.claim(`HubSpot counted ${calls}; at most ${planned} were planned`, counted <= planned, '')
  } else {
    stage.claim(`HubSpot counted ${calls}, as planned`, counted === planned, `${planned} planned`)
  }
}

async function backhaul(
  { children, cli, stage, folder }: Cast,
  command: string,
  show = (output: string) => output.trimEnd(),
): Promise<string> {
  const [program, ...args] = cli
  stage.typed(`backhaul ${command}`)
  const { exitCode, output } = await children.run(program, [...args, command])
  const shown = exitCode === 0 ? show(output) : output
  stage.say(shown.replaceAll(`${folder}/`, ''))
  if (exitCode !== 0) {
    throw new UserError({ message: `backhaul ${command} ended with exit code ${exitCode}` })
  }
  return stripVTControlCharacters(output)
}

async function showAudit({ folder, stage, sandbox }: Cast): Promise<void> {
  const show = async (query: string): Promise<readonly AuditRow[]> => {
    const rows = await readAudit(folder, query)
    stage.say(stage.paint.dim(query), '', ...renderTable(rows), '')
    return rows
  }
  stage.say(`SQL on ${stateFile}:`, '')
  const runs = await show(runsQuery)
  const changes = await show(changesQuery)
  const links = await show(linksQuery)
  const isAsPlanned = runs.every((row) => row['planned'] === row['made'])
  stage.claim('every run made the calls that it planned', isAsPlanned, 'see above')
  const found = summarise(changes)
  const wanted = expectedChanges.map(({ sync, row, operation, properties }) => ({
    sync,
    row,
    operation,
    properties: properties ?? found.find((one) => one.sync === sync && one.row === row)?.properties,
  }))
  const count = changes.length
  stage.claim(
    `the last run sent what was edited and nothing else: ${found.length} rows, ${count} properties`,
    isDeepStrictEqual(found, wanted),
    JSON.stringify(found),
  )
  const linked = links.map(({ sync, row, operation, target }) => ({ sync, row, operation, target }))
  stage.claim(
    'it linked the new contact to the company, and nothing else',
    isDeepStrictEqual(linked, expectedLinks),
    JSON.stringify(linked),
  )
  const records = ['contacts', 'companies', 'deals'].map(
    (type) => `${sandbox.countRecords(type)} ${type}`,
  )
  const made = runs.reduce((sum, row) => sum + Number(row['made']), 0)
  const counted = writes(sandbox)
  stage.claim(
    `HubSpot holds ${records.join(', ')}, ${countLinks(sandbox)} links, ${sandbox.events().length} events and a list of ${sandbox.lists()[0]?.members.length}, written in ${made} write calls`,
    made === counted,
    `${counted} counted by HubSpot`,
  )
}

const countLinks = (sandbox: Sandbox): number =>
  linkedObjects
    .flatMap(([from, to]) =>
      sandbox.records(from).map(({ id }) => sandbox.links(from, id, to).length),
    )
    .reduce((sum, count) => sum + count, 0)

const linkedObjects = [
  ['contacts', 'companies'],
  ['deals', 'companies'],
  ['deals', 'contacts'],
] as const

/** Calls that wrote something: records, events, or what events there are. */
function writes(sandbox: Sandbox): number {
  const { write = 0, define = 0 } = sandbox.counts().byKind
  return write + define
}

/** One entry per row, with its properties. */
function summarise(changes: readonly AuditRow[]) {
  const rows = new Map<string, { sync: Cell; row: Cell; operation: Cell; properties: Cell[] }>()
  for (const { sync, row, operation, property } of changes) {
    const id = `${sync} ${row}`
    const known = rows.get(id) ?? { sync, row, operation, properties: [] }
    rows.set(id, { ...known, properties: [...known.properties, property] })
  }
  return [...rows.values()]
}

type Cell = AuditRow[string] | undefined
