import { printable } from '../../errors.ts'
import type { Plan } from '../../plan/plan.ts'
import type { RejectGroup } from '../../record/rejects.ts'
import type { SyncReport } from '../../run/context.ts'
import type { Say } from '../../types.ts'
import type { RunResults } from '../artifacts/artifacts.ts'
import { unknownRows } from '../run/unknown-rows.ts'
import { renderAsked } from './asked-rows.ts'
import type { Paint } from './paint.ts'
import { renderDropped, summarise } from './plan-counts.ts'
import { describeReason } from './reasons.ts'
import { keyWord } from './shell-word.ts'
import { bytesOf, countOf, durationOf, numberOf } from './words.ts'

/** dbt's printer width. */
const width = 80

export interface Position {
  readonly index: number
  readonly total: number
}

/** `1 of 3 START sync contacts ............ [RUN: 58 create or update, 1 write call]`, as dbt prints its nodes; rows asked for below. */
export function renderStart(plan: Plan, position: Position, expectedSeconds: number): string {
  const calls = countOf(plan.calls.writes, 'write call')
  const time = expectedSeconds > 0 ? `, about ${durationOf(expectedSeconds)}` : ''
  const tail = `[RUN: ${summarise(plan).join(', ')}, ${calls}${time}]`
  const start = line(position, 'START', `sync ${plan.sync}`, tail)
  return [start, ...renderAsked(plan).map((row) => `  ${row}`)].join('\n')
}

/** `1 of 3 OK sync contacts → contacts ......... [2 created, 1 write call in 0.31s]`. */
export function renderReport(report: SyncReport, position: Position, paint: Paint): string {
  const word = words[report.status]
  const seconds = `in ${(report.durationMs / 1000).toFixed(2)}s`
  const subject = report.object === '' ? report.sync : `${report.sync} → ${report.object}`
  const tail = `[${describeCounts(report)} ${seconds}]`
  return line(position, word.text, `sync ${subject}`, paint[word.colour](tail))
}

function line({ index, total }: Position, word: string, subject: string, tail: string): string {
  const head = `${index} of ${total} ${word} ${subject} `
  return `${head}${'.'.repeat(Math.max(3, width - head.length))} ${tail}`
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

/** Counts that are not of rows. */
const countWords: Readonly<Record<string, readonly [one: string, several: string]>> = {
  linksAdded: ['linked', 'linked'],
  linksRemoved: ['unlinked', 'unlinked'],
  linksWaiting: ['link waiting', 'links waiting'],
  linksPending: ['link left', 'links left'],
  linksRejected: ['link rejected', 'links rejected'],
}

/** What a count of a run counts, in words. */
export const countWord = (name: string, count: number): string =>
  countWords[name]?.[count === 1 ? 0 : 1] ?? name

/** What happened to how many rows, and the calls it took; of what never began, the status alone. */
function describeCounts(report: SyncReport): string {
  const { counts, calls, plan } = report
  const done = Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([word, count]) => `${numberOf(count)} ${countWord(word, count)}`)
  if (done.length === 0 && report.status !== 'succeeded') return words[report.status].text
  const unchanged = plan?.rows.unchanged ?? 0
  const rest = unchanged > 0 ? [`${numberOf(unchanged)} unchanged`] : []
  const facts = [...done, ...rest]
  if (facts.length === 0) facts.push('nothing to send')
  if (calls.made === 0 && calls.planned === 0) return facts.join(', ')
  const planned = calls.made === calls.planned ? '' : ` (${numberOf(calls.planned)} planned)`
  return `${facts.join(', ')}, ${countOf(calls.made, 'write call')}${planned}`
}

/** Why a sync did not simply succeed, what it left out, and what to do: below its line. */
export function renderTrouble(report: SyncReport, paint: Paint): readonly string[] {
  const dropped = report.plan === null ? '' : renderDropped(report.plan)
  const left = dropped === '' ? [] : [paint.yellow(`  ! ${dropped}`)]
  if (report.error === null || report.problems.length > 0) return left
  // Told with reasons and examples when all syncs have ended.
  if (report.error.category === 'ROWS_REJECTED') return left
  // What is held is built by one command for all: it is said once.
  const hints = report.status === 'held' ? [] : (report.error.hint?.split('\n') ?? [])
  const colour = report.status === 'held' ? paint.yellow : paint.red
  return [...left, `  ${colour(report.error.message)}`, ...hints.map((hint) => `    ${hint}`)]
}

/** Rows of one sync, and links, by the reason of what became of them, with what to do about each and where to look. */
export function renderReasons(
  sync: string,
  what: 'rejected' | 'waiting',
  groups: readonly RejectGroup[],
  query: string,
  paint: Paint,
  say: Say,
): readonly string[] {
  const sumOf = (some: readonly RejectGroup[]) => some.reduce((sum, group) => sum + group.rows, 0)
  const rows = sumOf(groups)
  const links = sumOf(groups.filter(({ isLink }) => isLink))
  const counted = [
    ...(rows - links > 0 ? [countOf(rows - links, `${what} row`)] : []),
    ...(links > 0 ? [countOf(links, `${what} link`)] : []),
  ]
  return [
    paint.yellow(`${counted.join(' and ')} of sync ${sync}:`),
    ...groups.flatMap((group) => {
      const { meaning, advice } = describeReason(group.category, group.property)
      const facts = [
        ...(group.property === null ? [] : [placeOf(group.property)]),
        ...(group.exampleRowId === null
          ? []
          : [`e.g. ${group.isLink ? 'of ' : ''}row ${printable(group.exampleRowId)}`]),
      ]
      const where = facts.length === 0 ? '' : `${facts.join(', ')}: `
      return [
        paint.yellow(`  ! ${countOf(group.rows, group.isLink ? 'link' : 'row')}: ${meaning}`),
        `    ${where}${advice}`,
        ...(group.exampleRowId === null
          ? []
          : [`    See it: ${say(`show ${sync} ${keyWord(group.exampleRowId)}`)}`]),
      ]
    }),
    ...(rows === 1 && groups[0]?.exampleRowId !== null ? [] : [`    All of them: ${query}`]),
  ]
}

/** What is at fault, where it is no property, in words. */
const places: Readonly<Record<string, string>> = {
  associations: '`associations:`',
  _event: '`event:`',
  _occurred_at: '`occurred_at:`',
}

const placeOf = (property: string): string => places[property] ?? `property ${property}`

/** dbt's closing lines, with our words. */
export function renderTotals(
  reports: readonly SyncReport[],
  problems: number,
  warehouse: RunResults['warehouse'],
): string {
  const of = (...statuses: readonly SyncReport['status'][]) =>
    reports.filter((report) => statuses.includes(report.status)).length
  const rejected = reports.reduce((sum, report) => sum + report.counts.rejected, 0)
  const unknown = unknownRows(reports.flatMap(({ plan }) => plan ?? [])).length
  const failed = of('failed')
  const troubles = [
    ...(failed > 0 ? [countOf(failed, 'sync that failed', 'syncs that failed')] : []),
    ...(failed === 0 && problems > 0 ? [countOf(problems, 'problem')] : []),
    ...(of('guarded') > 0 ? [countOf(of('guarded'), 'guarded sync')] : []),
    ...(of('aborted') > 0 ? [countOf(of('aborted'), 'aborted sync')] : []),
    ...(of('partial') > 0 ? [countOf(of('partial'), 'partial sync')] : []),
    ...(of('held') > 0 ? [countOf(of('held'), 'sync held', 'syncs held')] : []),
    ...(rejected > 0 ? [countOf(rejected, 'rejected row')] : []),
    ...(unknown > 0 ? [countOf(unknown, 'row that no sync has', 'rows that no sync has')] : []),
  ]
  const first =
    troubles.length === 0 ? 'Completed successfully' : `Completed with ${troubles.join(', ')}`
  const use = warehouse.statements === 0 ? '' : `${renderUse(warehouse)}\n`
  return `${use}${first}\nDone. OK=${of('succeeded')} PARTIAL=${of('partial')} ERROR=${of('failed', 'aborted')} GUARDED=${of('guarded')} HELD=${of('held')} TOTAL=${reports.length}`
}

/** What the run asked of the warehouse. */
function renderUse({ statements, bytes_billed }: RunResults['warehouse']): string {
  const billed = bytes_billed === null ? '' : `, ${bytesOf(bytes_billed)} billed`
  return `Warehouse: ${countOf(statements, 'statement')}${billed}`
}
