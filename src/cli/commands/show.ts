import { DestinationError, type Problem, UserError, WarehouseError } from '../../errors.ts'
import { asRowId } from '../../plan/asked-rows.ts'
import { doubt } from '../../plan/diff-spec.ts'
import { labelOf } from '../../plan/link-counts.ts'
import { type OneRow, readOneRow } from '../../plan/one-row.ts'
import { type Identity, readIdentities } from '../../record/identity.ts'
import type { Ledger } from '../../record/ledger.ts'
import {
  type Attempt,
  type LinkRow,
  readAttempts,
  readLinkRows,
  readStateRow,
  type StateRow,
} from '../../record/row-history.ts'
import { type RecordedRun, readLastRuns } from '../../record/status.ts'
import { retried } from '../../run/asking.ts'
import { checkIdentity } from '../../run/identity-check.ts'
import { diffSpecOf } from '../../run/plan-sync.ts'
import { checkSync, historyOf, schemaReader } from '../../run/prepare.ts'
import type { Account, AuditValues, Sync } from '../../types.ts'
import { askingOf } from '../asking.ts'
import { nextText, type RowFacts, whyText } from '../explain-row.ts'
import { describeFailure } from '../failure.ts'
import type { Io } from '../io.ts'
import type { Arguments } from '../option.ts'
import { asksForJson } from '../options.ts'
import { type Paint, paintFor } from '../paint.ts'
import { recordUrl } from '../record-url.ts'
import { attemptsTable, stateRow } from '../render-row.ts'
import { printable, renderTable } from '../render-table.ts'
import { readRunSettings } from '../run-options.ts'
import {
  connectHubspot,
  connectWarehouse,
  type LoadedSyncs,
  ledgerOf,
  loadSyncs,
  openSession,
  type Session,
} from '../session.ts'
import { stateName, syncNamed } from '../state-access.ts'

/** What HubSpot, or the way to it, says about the row's sync. */
interface Computed {
  readonly account?: Account
  readonly model?: OneRow
  /** Labels of links by their types. */
  readonly words?: ReadonlyMap<string, string>
  /** Why the model's side could not be computed. */
  readonly problems: readonly Problem[]
}

/** Says why a row is, or is not, in HubSpot. Writes nothing. */
export async function handle(args: Arguments, io: Io): Promise<number> {
  const session = openSession(args, io)
  const loaded = await loadSyncs(session)
  const sync = syncNamed(loaded, String(args['SYNC']))
  const rowId = asRowId(String(args['KEY']), sync.primaryKey.length)
  const warehouse = await connectWarehouse(session)
  try {
    const ledger = ledgerOf(session, warehouse)
    const pinned = await readIdentities(ledger)
    const known = { ...sync, name: stateName(sync, pinned) }
    const {
      account,
      model,
      problems,
      words = new Map(),
    } = await compute(session, loaded, ledger, pinned, known, sync, rowId)
    const state = await readStateRow(ledger, known.name, rowId)
    const runs = await readLastRuns(ledger)
    const facts: RowFacts = {
      rowId,
      sync,
      model,
      state,
      lastRun: runs.get(sync.name) ?? runs.get(known.name),
    }
    const identity = pinned.find(({ syncName }) => syncName === known.name)
    const names = [...new Set([sync.name, known.name, sync.previousName ?? sync.name])]
    const links = await readLinkRows(ledger, known.name, rowId)
    const attempts = await readAttempts(ledger, names, rowId)
    const { values } = session.project.settings.audit
    const shown = {
      facts,
      account,
      identity,
      links: { rows: links, words },
      attempts,
      problems,
      auditValues: values,
    }
    if (asksForJson(args)) io.stdout(`${JSON.stringify(document(shown))}\n`)
    else io.stdout(render(shown, args['all'] === true, paintFor(io.usesColours)))
    return state === undefined && model !== undefined && model.copies === 0 ? 1 : 0
  } finally {
    await warehouse.close()
  }
}

/** The model's side: it needs HubSpot's properties. What stands in the way is told, and the rest is shown all the same. */
async function compute(
  session: Session,
  loaded: LoadedSyncs,
  ledger: Ledger,
  pinned: readonly Identity[],
  known: Sync,
  sync: Sync,
  rowId: string,
): Promise<Computed> {
  const { io } = session
  let account: Account | undefined
  try {
    const { destination } = await connectHubspot(session)
    const asking = askingOf(session, destination)
    account = await retried(asking, () => destination.account(session.drain))
    const schema = await schemaReader(asking)(sync)
    const { bound, missing } = await checkSync({ ledger }, sync, schema)
    const verdict = checkIdentity({
      sync,
      schema,
      account,
      pinned,
      definedNames: loaded.definedNames,
    })
    const context = {
      ledger,
      destination,
      settings: readRunSettings(session),
      options: {
        isFullRefresh: false,
        forcedGuards: new Set<string>(),
        isRekeying: false,
        isFailFast: false,
      },
    }
    const prepared = {
      sync: known,
      schema,
      bound,
      missing,
      lacking: missing,
      runId: io.invocationId,
      warnings: [],
      ...historyOf(sync, pinned, verdict),
      isFirstRun: false,
    }
    const { spec } = await diffSpecOf(context, prepared, undefined)
    const model = await ledger.warehouse.withSnapshot(() =>
      readOneRow(ledger.warehouse, spec, rowId),
    )
    const words = new Map(
      (bound.links ?? []).flatMap(({ lookup }) =>
        lookup.entries.flatMap(({ term, meaning }) =>
          meaning === undefined ? [] : [[meaning, labelOf(lookup, meaning) ?? term] as const],
        ),
      ),
    )
    return { account, model, words, problems: verdict.kind === 'refused' ? [verdict.problem] : [] }
  } catch (error) {
    const isTold =
      error instanceof UserError ||
      error instanceof DestinationError ||
      error instanceof WarehouseError
    if (!isTold || session.drain.aborted) throw error
    const { message, hint, problems } = describeFailure(error, io)
    return {
      ...(account === undefined ? {} : { account }),
      problems:
        problems.length > 0 ? problems : [{ message, ...(hint === undefined ? {} : { hint }) }],
    }
  }
}

interface Shown {
  readonly facts: RowFacts
  readonly account: Account | undefined
  readonly identity: Identity | undefined
  readonly links: {
    readonly rows: readonly LinkRow[]
    /** Labels by their types. */
    readonly words: ReadonlyMap<string, string>
  }
  readonly attempts: readonly Attempt[]
  readonly problems: readonly Problem[]
  readonly auditValues: AuditValues
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
  target: link.targetKey,
  record: link.targetRecordId,
  labels: link.status === 'succeeded' ? wordsOf(link.labels, shown).join(', ') || 'unlabelled' : '',
  status: link.status,
  'made here': link.isAddedHere === true ? 'yes' : 'not known',
  message: link.errorMessage ?? '',
})

function document(shown: Shown) {
  const { facts, identity, attempts, problems, auditValues } = shown
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
    state: state === undefined ? null : { ...stateFacts, sent: sentOf(state, auditValues) },
    lastRun: lastRun ?? null,
    links: shown.links.rows.map((link) => ({ ...link, labels: wordsOf(link.labels, shown) })),
    attempts,
    problems,
  }
}

function render(shown: Shown, isAll: boolean, paint: Paint): string {
  const { facts, attempts, problems } = shown
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
  if (attempts.length > 0) lines.push(...attemptsTable(attempts, isAll, paint))
  return `${lines.join('\n')}\n`
}

/** What the next run sends; a plan has the values of rejected rows, too. */
const sentNext = (planned: OneRow['planned']): Readonly<Record<string, string>> =>
  planned === null || ['reject', 'refresh'].includes(planned.operation) ? {} : planned.new

/** A row may wait for nothing but its sync. */
function lastRunLine(run: RecordedRun | undefined): readonly string[] {
  if (run?.error === null || run === undefined || run.status === 'succeeded') return []
  return [`  Last run of the sync: ${run.status}: ${run.error.message}`]
}

function valuesTable({ facts, auditValues }: Shown, paint: Paint): readonly string[] {
  const { model, state } = facts
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
