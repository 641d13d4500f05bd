import type { Mending } from '../../record/drift-marks.ts'
import { type Difference, type DriftKind, driftKinds } from '../../run/drift/drift-difference.ts'
import type { DriftCalls, DriftReport, DriftScope } from '../../run/drift/drift-tally.ts'
import type { Say } from '../../types.ts'
import { renderTable, type TableRow } from './render-table.ts'
import { shellWord } from './shell-word.ts'
import { countOf, numberOf } from './words.ts'

/** Whoever wrote a value, in words: a user by e-mail address where HubSpot tells it, an app or a workflow by its id. */
export function writerOf(
  by: Difference['by'],
  users: ReadonlyMap<string, string>,
): string | undefined {
  if (by === undefined) return undefined
  const { sourceType, sourceId, sourceLabel, userId } = by
  const user = userId === undefined ? undefined : (users.get(userId) ?? `user ${userId}`)
  const name = user ?? sourceLabel ?? sourceId
  return name === undefined ? sourceType : `${name} (${sourceType})`
}

/** What a comparison is about to do. */
export function describeScope(
  sync: string,
  { rows, links, underWay, open }: DriftScope,
  calls: DriftCalls,
): string {
  const total = calls.records + calls.links + calls.members
  const left = [
    ...(underWay === 0 ? [] : [`; ${countOf(underWay, 'row')} on the way to HubSpot left out`]),
    ...(open === 0
      ? []
      : [
          `; ${countOf(open, 'row')} that the next run compares anyway (adopted, or marked by an earlier --fix)`,
        ]),
  ].join('')
  if (rows + links === 0) return `${sync}: nothing to compare${left}`
  const extra =
    calls.records === 0 ? '' : ', and one per 50 records that differ and 100 that are missing'
  return `${sync}: ${comparedWords({ rows, links })} to compare in ${countOf(total, 'read call')}${extra}${left}`
}

const comparedWords = ({ rows, links }: Pick<DriftScope, 'rows' | 'links'>): string =>
  [
    ...(rows === 0 ? [] : [countOf(rows, 'row')]),
    ...(links === 0 ? [] : [countOf(links, 'link')]),
  ].join(' and ')

const kindWords: Readonly<Record<DriftKind, (count: number) => string>> = {
  changed: (count) => `${countOf(count, 'value')} changed`,
  archived: (count) => `${countOf(count, 'record')} archived`,
  gone: (count) => `${countOf(count, 'record')} gone for good`,
  merged: (count) => `${countOf(count, 'record')} merged into another`,
  unlinked: (count) => `${countOf(count, 'link')} taken off`,
  relabelled: (count) => `${countOf(count, 'link')} without a label that was set`,
  removed: (count) => `${countOf(count, 'member')} taken off the list`,
  added: (count) => `${countOf(count, 'member')} put back on the list`,
}

export const differencesOf = ({ counts }: DriftReport): number =>
  driftKinds.reduce((sum, kind) => sum + counts[kind], 0)

/**
 * The outcome of one sync, and what can be done about it.
 *
 * @param asked what the command line decides: what is mended, and the rows of `--row`
 * @param say writes the commands to type next
 */
export function describeDrift(
  report: DriftReport,
  sources: ReadonlyMap<string, number>,
  shown: number,
  asked: { readonly mending: Mending | undefined; readonly rows: readonly string[] },
  say: Say,
): readonly string[] {
  const { mending, rows } = asked
  const { sync, scope, calls, counts, ownValues, mended, unmended } = report
  const { unknownRows, unknownLinks } = report
  const unknown = unknownRows + unknownLinks
  const total = differencesOf(report)
  const found = driftKinds.flatMap((kind) =>
    counts[kind] === 0 ? [] : kindWords[kind](counts[kind]),
  )
  const all = comparedWords(scope)
  if (all === '') return [`${sync}: nothing to compare`]
  const compared =
    report.status === 'succeeded' ? all : `${comparedWords(report.done) || 'nothing'} of ${all}`
  const lines = [
    `${sync}: ${compared} compared in ${countOf(calls.reads, 'read call')}: ${total > 0 ? found.join(', ') : unknown > 0 ? 'no drift in the rest' : 'no drift'}`,
  ]
  if (shown < total) lines.push(`  ${numberOf(total - shown)} more: --all shows them`)
  if (sources.size > 0) {
    const by = [...sources].sort(([, one], [, other]) => other - one)
    const some = by.slice(0, 5).map(([who, values]) => `${who} ${numberOf(values)}`)
    lines.push(`  Changed by: ${some.join(', ')}${by.length > 5 ? ', and others' : ''}`)
  }
  if (ownValues > 0) {
    lines.push(
      `  ${countOf(ownValues, 'value')} that this app wrote itself, in another form or by another sync: no drift`,
    )
  }
  if (mending === 'fix' && mended > 0) {
    lines.push(`  ${countOf(mended, 'row or link', 'rows and links')} to be sent again`)
  }
  if (mending === 'accept' && mended > 0) {
    lines.push(
      `  ${countOf(mended, 'row or link', 'rows and links')} accepted: left alone until the row changes`,
    )
  }
  if (unmended > 0) {
    lines.push(
      `  ${countOf(unmended, 'row')} left as ${unmended === 1 ? 'it is' : 'they are'}: merged into the record of another row, or adopted and not compared by a run yet`,
    )
  }
  if (unknown > 0) {
    const what = comparedWords({ rows: unknownRows, links: unknownLinks })
    lines.push(
      `  ${what} not compared: HubSpot's answers leave ${unknown === 1 ? 'it' : 'them'} out. Nothing was done about ${unknown === 1 ? 'it' : 'them'}; run again`,
    )
  }
  if (mending === undefined && total > 0) {
    const known = rows.filter((row) => !scope.unmet.includes(row))
    const kept = known.map((row) => ` --row ${shellWord(row)}`).join('')
    const command = say(`drift --select ${shellWord(sync)}${kept}`)
    lines.push(
      `  To send again what was sent: ${command} --fix`,
      `  To leave it until the row changes: ${command} --accept`,
    )
  }
  return lines
}

/** @param hidesValues `audit.values` shows none */
export function renderDifferences(
  differences: readonly Difference[],
  users: ReadonlyMap<string, string>,
  hidesValues: boolean,
): readonly string[] {
  return renderTable(
    differences.map((difference): TableRow => {
      const { row, record, what, expected, held, by, when } = cellsOf(difference, users)
      return hidesValues
        ? { row, record, what, by, when }
        : { row, record, what, sent: expected, held, by, when }
    }),
  )
}

function cellsOf(difference: Difference, users: ReadonlyMap<string, string>) {
  const { kind, rowId, recordId, property, expected, held, by, link, into, takenBy } = difference
  const base = {
    row: rowId,
    record: recordId,
    what: property ?? kind,
    expected: expected ?? '',
    held: held ?? '',
    by: writerOf(by, users) ?? '',
    when: timeOf(by?.atMs ?? difference.archivedAtMs),
  }
  switch (kind) {
    case 'changed':
      return base
    case 'archived':
      return { ...base, what: 'record archived' }
    case 'gone':
      return { ...base, what: 'record gone' }
    case 'merged':
      return {
        ...base,
        what: `record merged into ${into}`,
        held: takenBy === undefined ? '' : `of row ${takenBy}`,
      }
    case 'unlinked':
    case 'relabelled':
      return {
        ...base,
        what: `link to ${link?.association.split('/')[0] ?? ''} ${link?.targetRecordId ?? ''}`,
        expected: labelWords(link?.labels),
        held: kind === 'unlinked' ? 'not linked' : labelWords(link?.heldLabels),
      }
    case 'removed':
      return { ...base, what: 'list', expected: 'member', held: 'no member' }
    case 'added':
      return { ...base, what: 'list', expected: 'no member', held: 'member' }
  }
}

const labelWords = (labels: readonly string[] | undefined): string =>
  labels === undefined || labels.length === 0 ? 'linked' : labels.join(', ')

const timeOf = (ms: number | undefined): string =>
  ms === undefined || Number.isNaN(ms)
    ? ''
    : new Date(ms).toISOString().slice(0, 16).replace('T', ' ')
