import { type Problem, printable } from '../../errors.ts'
import { auditedTarget } from '../../plan/audited.ts'
import { doubt } from '../../plan/diff-spec.ts'
import type { OneRow } from '../../plan/one-row.ts'
import { withAuditedTarget } from '../../plan/planned-changes.ts'
import type { Identity } from '../../record/identity.ts'
import type { Attempt, LinkRow, StateRow } from '../../record/row-history.ts'
import type { RecordedRun } from '../../record/status.ts'
import type { Account, AuditValues } from '../../types.ts'
import { nextText, type RowFacts, whyText } from './explain-row.ts'
import type { Paint } from './paint.ts'
import { recordUrl } from './record-url.ts'
import { hiddenTarget } from './render-change.ts'
import { attemptsTable, stateRow } from './render-row.ts'
import { renderTable } from './render-table.ts'
import { labelled } from './words.ts'

/** All that `show` says of a row. */
export interface Shown {
  readonly facts: RowFacts
  readonly account: Account | undefined
  readonly identity: Identity | undefined
  readonly links: {
    readonly rows: readonly LinkRow[]
    /** Labels by their types. */
    readonly words: ReadonlyMap<string, string>
    /** Undefined: could not be computed. */
    readonly entries: readonly string[] | undefined
  }
  readonly attempts: readonly Attempt[]
  readonly problems: readonly Problem[]
}

function urlOf({ account, identity, facts }: Shown): string | null {
  const recordId = facts.state?.recordId
  if (identity === undefined || recordId === null || recordId === undefined) return null
  // An event is no record of its own.
  if (facts.sync.type === 'event') return null
  if (account === undefined || account.portalId !== identity.portalId) return null
  return recordUrl(account, identity.objectType, recordId)
}

/** `sent_values` as far as they may be shown: digests of the state are nowhere, so without `full` there are names only. */
function sentOf(state: StateRow | undefined, auditValues: AuditValues) {
  if (state === undefined) return { properties: [], values: null }
  const known = Object.entries(state.sentValues)
  const values = Object.fromEntries(
    known.map(([name, value]) => [name, value === doubt ? null : value]),
  )
  return {
    properties: known.map(([name]) => name),
    values: auditValues === 'full' ? values : null,
  }
}

const wordsOf = (labels: readonly string[], { links }: Shown): readonly string[] =>
  labels.map((type) => links.words.get(type) ?? type)

/** A link, as one row of a table. */
const linkRow = (link: LinkRow, shown: Shown) => ({
  link: link.association,
  target: auditedTarget(link.association, link.targetKey, shown.facts.auditValues) ?? hiddenTarget,
  record: link.targetRecordId,
  labels: link.status === 'succeeded' ? wordsOf(link.labels, shown).join(', ') || 'unlabelled' : '',
  status: link.status,
  'made here': link.isAddedHere === true ? 'yes' : 'not known',
  message:
    isDefined(link, shown) === false
      ? 'the sync has no such entry any more'
      : (link.errorMessage ?? ''),
})

/** Whether the sync still has the entry that a link is of; null where it could not be computed. */
const isDefined = ({ association }: LinkRow, { links }: Shown): boolean | null =>
  links.entries?.includes(association) ?? null

/** As `--output json` prints it. */
export function rowDocument(shown: Shown) {
  const { facts, identity, attempts, problems } = shown
  const { rowId, state, model, lastRun, sync } = facts
  const { sentValues: _, ...stateFacts } = state ?? {}
  return {
    kind: 'row',
    version: 1,
    sync: sync.name,
    row: rowId,
    portalId: identity?.portalId ?? null,
    recordId: state?.recordId ?? null,
    url: urlOf(shown),
    why: whyText(facts),
    nextStep: nextText(facts),
    model:
      model === undefined
        ? null
        : {
            copies: model.copies,
            isLeftOut: model.isLeftOut,
            properties: model.properties,
            values: model.values,
            message: model.message,
          },
    nextRun: model?.planned ?? null,
    state: state === undefined ? null : { ...stateFacts, sent: sentOf(state, facts.auditValues) },
    lastRun: lastRun ?? null,
    links: shown.links.rows.map((link) => ({
      ...link,
      targetKey: auditedTarget(link.association, link.targetKey, facts.auditValues),
      labels: wordsOf(link.labels, shown),
      isDefined: isDefined(link, shown),
    })),
    nextLinks: facts.links.planned.map((change) => withAuditedTarget(change, facts.auditValues)),
    attempts,
    problems,
  }
}

/** @param attempts all of them, or the last ones */
export function renderShown(shown: Shown, attempts: 'all' | 'last', paint: Paint): string {
  const { facts, problems } = shown
  const { rowId, state, sync } = facts
  const url = urlOf(shown)
  const lines = [
    paint.bold(`Row ${printable(rowId)} of ${sync.name}`),
    `  ${printable(whyText(facts))}`,
    ...(url === null ? [] : [`  ${url}`]),
    ...problems.flatMap(({ message, hint }) => [
      paint.yellow(`  ! ${message}`),
      ...(hint === undefined ? [] : [`    ${hint}`]),
    ]),
    ...lastRunLine(facts.lastRun),
    `  Next: ${printable(nextText(facts))}`,
    '',
    ...valuesTable(shown, paint),
  ]
  if (state !== undefined) {
    lines.push(paint.bold('State'), ...renderTable([stateRow(state)], 80), '')
  }
  if (shown.links.rows.length > 0) {
    lines.push(
      paint.bold('Links'),
      ...renderTable(
        shown.links.rows.map((link) => linkRow(link, shown)),
        60,
      ),
      '',
    )
  }
  if (shown.attempts.length > 0) {
    lines.push(...attemptsTable(shown.attempts, attempts === 'all', paint))
  }
  return `${lines.join('\n')}\n`
}

/** What the next run sends; a plan has the values of rejected rows, too. */
const sentNext = (planned: OneRow['planned']): Readonly<Record<string, string>> =>
  planned === null || ['reject', 'refresh'].includes(planned.operation) ? {} : planned.new

/** A row may wait for nothing but its sync. */
function lastRunLine(run: RecordedRun | undefined): readonly string[] {
  if (run?.error === null || run === undefined || run.status === 'succeeded') return []
  return labelled(`Last run of the sync: ${run.status}`, run.error.message)
}

function valuesTable({ facts }: Shown, paint: Paint): readonly string[] {
  const { model, state, auditValues } = facts
  const sent = sentOf(state, auditValues)
  const next = sentNext(model?.planned ?? null)
  const names = [
    ...new Set([...(model?.properties ?? []), ...sent.properties, ...Object.keys(next)]),
  ].sort()
  if (names.length === 0) return model?.message ? [`  ${printable(model.message)}`, ''] : []
  const hidden = '(hidden)'
  const rows = names.map((property) => {
    const last = sent.values === null ? hidden : sent.values[property]
    return {
      property,
      'last sent': sent.properties.includes(property) ? (last ?? '(in doubt)') : '',
      model: (model?.properties ?? []).includes(property)
        ? (model?.values?.[property] ?? hidden)
        : '',
      'next run': property in next ? (next[property] === '' ? '(cleared)' : 'sent') : '',
    }
  })
  const note = model?.message ? [`  ${printable(model.message)}`] : []
  return [paint.bold('Values'), ...renderTable(rows, 60), ...note, '']
}
