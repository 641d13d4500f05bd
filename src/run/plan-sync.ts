import { UserError } from '../errors.ts'
import { asRowId } from '../plan/asked-rows.ts'
import { countBackwards } from '../plan/counts.ts'
import { plannedRows } from '../plan/diff.ts'
import { diffModel, type ModelSpec, readingStatements, withRepeats } from '../plan/diff-model.ts'
import type { DiffSpec, LinkTargetSync } from '../plan/diff-spec.ts'
import { trippedGuards } from '../plan/guards.ts'
import { countLinks, type LinkSizes } from '../plan/link-counts.ts'
import { plannedLinks } from '../plan/link-plan.ts'
import {
  adoptionCalls,
  type Backwards,
  callsOf,
  linkTotals,
  type Plan,
  type PlannedList,
  restorableForDays,
  writesOf,
} from '../plan/plan.ts'
import { countOpen } from '../record/event-contacts.ts'
import {
  hasTable,
  type Ledger,
  linksOf,
  named,
  planOf,
  resultsOf,
  stateOf,
} from '../record/ledger.ts'
import { recordingStatements } from '../record/merge-run.ts'
import { countPlanned, isUnresolved } from '../record/plan-rows.ts'
import { countSearches } from '../resolve/search.ts'
import type { Sync } from '../types.ts'
import { type TableRef, tableName } from '../warehouse/dialect.ts'
import { raw, sql } from '../warehouse/sql.ts'
import type { Row } from '../warehouse/warehouse.ts'
import type { PreparedSync, RunContext, RunOptions } from './context.ts'
import { definitionCalls } from './create-properties.ts'
import { aboutOperation, looksUpContacts } from './event-contacts.ts'
import { linkWindow } from './link-window.ts'
import { othersOf } from './others.ts'
import { mergeRequest } from './recover.ts'

/** What planning needs of a run; `plan` alone has no more than this. */
export type PlanContext = Pick<RunContext, 'settings' | 'destination'> & {
  readonly ledger: Ledger
  readonly options: RunOptions
  readonly passing?: RunContext['passing']
}

/** Where a change set is written, and where texts of templates go before they are in it. */
export interface PlanTables {
  readonly plan: TableRef
  /** Needed where the sync has templates. */
  readonly rendered?: TableRef
}

/** Computes the change set of one sync into a plan table; without one, only counts it. */
export async function planSync(
  context: PlanContext,
  prepared: PreparedSync,
  tables: PlanTables | undefined,
  peers: readonly PreparedSync[] = [],
): Promise<Plan> {
  const { sync, runId, schema, missing } = prepared
  checkStart(context, prepared)
  const { warehouse } = context.ledger
  const { spec } = await diffSpecOf(context, prepared, tables)
  const others = await othersOf(context.ledger, prepared, peers)
  const { maxBatchSize } = context.destination
  const linked = await linkedSpec(context, prepared, peers)
  const diff = await diffModel(
    warehouse,
    { ...spec, others, ...linked },
    maxBatchSize,
    () => context.passing?.('templates-uploaded'),
    linkSizes(context),
  )
  const links = diff.links
  const searches = await searchesOf(context, prepared, spec)
  const { operations } = diff
  const list = plannedList(prepared)
  const moved = await movedRows(context, prepared, spec)
  const { match } = prepared.bound
  const isAdopting = context.options.isAdopting === true
  const calls = isAdopting
    ? adoptionCalls(operations, maxBatchSize, searches)
    : callsOf(diff, maxBatchSize, match?.by, searches)
  const written = isAdopting
    ? 0
    : operations.create +
      operations.upsert +
      operations.update +
      operations.send +
      operations.add +
      operations.remove +
      operations.clear +
      operations.archive
  const changed = written + operations.reject
  // Rows that --row or --limit left out were not looked at.
  const isPartial = context.options.limit !== undefined || context.options.onlyRows !== undefined
  return {
    version: 1,
    sync: sync.name,
    runId,
    model: sync.model.uniqueId,
    object: schema.name,
    ...(sync.type === 'object' ? {} : { type: sync.type }),
    ...(list === undefined ? {} : { list }),
    mode: sync.mode,
    matchedBy: match?.by ?? null,
    warnings: prepared.warnings,
    start: sync.start?.kind ?? 'all',
    isFirstRun: prepared.isFirstRun,
    isCountOnly: tables === undefined,
    ...(tables === undefined && spec.templates !== undefined ? { isUpperBound: true } : {}),
    rows: {
      inModel: diff.rowsInModel,
      known: diff.knownRows,
      unchanged: isPartial
        ? operations.refresh
        : Math.max(
            0,
            diff.rowsInModel -
              diff.parked -
              diff.unknown +
              diff.parkedRemovals -
              operations.skip -
              (changed - operations.clear - operations.archive - departedMembers(sync, operations)),
          ),
      parked: diff.parked,
      unknown: diff.unknown,
      returned: diff.returned,
      onlyDropped: diff.onlyDropped,
    },
    operations,
    rejects: diff.rejects,
    removals: { kept: diff.kept, restorableForDays },
    dropped: diff.dropped,
    ...(diff.asked === undefined ? {} : { asked: diff.asked }),
    calls: {
      ...calls,
      writes:
        calls.writes +
        eventCalls(operations.send, context) +
        (links?.calls.writes ?? 0) +
        memberCalls(operations, moved, context) +
        (list?.id === null ? 1 : 0) +
        (isAdopting ? 0 : definitionCalls(missing, schema, maxBatchSize)),
      lookups:
        calls.lookups +
        (await contactLookups(context, prepared, spec)) +
        memberReads(context, list) +
        (links === undefined ? 0 : links.calls.reads + links.calls.lookups),
      searches: calls.searches + (await linkSearches(context, { ...spec, ...linked })),
    },
    ...(links === undefined ? {} : { links }),
    ...(missing.length === 0 || isAdopting ? {} : { creates: missing }),
    ...(schema.events?.isMissing ? { createsEvent: schema.name } : {}),
    ...(diff.backwards === undefined ? {} : { backwards: diff.backwards }),
    guards: trippedGuards(
      sync.guards,
      {
        ...guardedRows(sync, diff.rowsInModel, diff.knownRows),
        removals: removalsOf(sync, operations) + linkTotals(links).remove,
        changes: written,
      },
      context.options.forcedGuards,
    ),
  }
}

/** What one request for links takes. */
const linkSizes = ({ ledger, destination }: PlanContext): LinkSizes => ({
  window: linkWindow(
    ledger.warehouse.dialect.capabilities.windowRows,
    destination.maxLinkBatchSize,
  ),
  batch: destination.maxLinkBatchSize,
  read: destination.maxLinkReadSize,
  lookup: destination.maxBatchSize,
})

/** What is known of a sync's links and of those that they lead to. */
async function linkedSpec(
  { ledger }: PlanContext,
  prepared: PreparedSync,
  peers: readonly PreparedSync[],
): Promise<Pick<DiffSpec, 'linksTable' | 'linkTargets'>> {
  const { sync, bound } = prepared
  if (bound.links === undefined) return {}
  const table = prepared.links ?? linksOf(ledger, sync.name)
  const names = new Set(
    bound.links.flatMap(({ target }) => (target.kind === 'sync' ? [target.sync] : [])),
  )
  const linkTargets: LinkTargetSync[] = []
  for (const syncName of names) {
    const isOwn = syncName === sync.name
    const state = isOwn ? (prepared.state ?? stateOf(ledger, syncName)) : stateOf(ledger, syncName)
    const peer = isOwn ? prepared : peers.find((each) => each.sync.name === syncName)
    linkTargets.push({
      syncName,
      ...((await hasTable(ledger, state)) ? { state } : {}),
      ...(peer === undefined
        ? {}
        : {
            model: {
              relation: peer.sync.model.relationName ?? '',
              filters: peer.bound.filters,
              keyColumns: peer.bound.keyColumns,
            },
          }),
    })
  }
  return { ...((await hasTable(ledger, table)) ? { linksTable: table } : {}), linkTargets }
}

/** Searches for records at the other end of links. */
async function linkSearches(
  { ledger, destination, options }: PlanContext,
  spec: ModelSpec,
): Promise<number> {
  let searches = 0
  if (options.isAdopting === true) return searches
  for (const { association, target } of spec.links ?? []) {
    if (target.kind !== 'match' || target.by !== 'search') continue
    const planned = plannedLinks(ledger.warehouse.dialect, withRepeats(spec))
    const rows = ledger.warehouse.stream(
      sql`select distinct target_key as match_value from ${planned} where operation = 'associate' and association = ${association} and target_record_id is null order by target_key`,
    )
    searches += await countSearches(sought(rows), destination.searchRoom(target.property))
  }
  return searches
}

/** The plan once it is known which records links lead to: those that wait are not sent. */
export async function recountLinks(
  context: RunContext,
  prepared: PreparedSync,
  plan: Plan,
): Promise<Plan> {
  const { ledger } = context
  const { spec } = await diffSpecOf(context, prepared, {
    plan: planOf(ledger, prepared.sync.name),
  })
  const settled = sql`seq not in (select seq from ${named(ledger, resultsOf(ledger, prepared.sync.name))} where run_id = ${prepared.runId})`
  const { entries, calls } = await countLinks(
    ledger.warehouse,
    withRepeats(spec),
    linkSizes(context),
    settled,
  )
  const before = plan.links
  const writes = plan.calls.writes - (before?.calls.writes ?? 0) + calls.writes
  return {
    ...plan,
    calls: { ...plan.calls, writes },
    links: {
      entries: before?.entries ?? entries,
      calls: { ...calls, lookups: before?.calls.lookups ?? 0 },
    },
  }
}

/** Of the members that are removed, those whose row left the model. */
const departedMembers = ({ mode }: Sync, operations: Plan['operations']): number =>
  mode === 'mirror' ? operations.remove : 0

/** Removals that are guarded. To take rows off a list is what mode `remove` is for: only a guard that the sync sets counts them. */
const removalsOf = ({ mode, guards }: Sync, operations: Plan['operations']): number =>
  operations.clear +
  operations.archive +
  (mode === 'remove' && guards.maxDeletes === undefined ? 0 : operations.remove)

/** In mode `remove` it is the model that says how many members there are to take off. */
const guardedRows = ({ mode }: Sync, rowsInModel: number, knownRows: number) => ({
  rowsInModel,
  knownRows: mode === 'remove' ? Math.max(rowsInModel, knownRows) : knownRows,
})

/** The list whose members change; undefined for other syncs. */
const plannedList = ({ list, bound }: PreparedSync): PlannedList | undefined =>
  list === undefined
    ? undefined
    : {
        id: list.listId ?? null,
        name: list.name,
        size: list.size ?? null,
        isExact: bound.list?.isExact === true,
      }

/** @param moved rows that may be another record now, whose old one is removed */
const memberCalls = (
  { add, remove }: Plan['operations'],
  moved: number,
  { destination }: Pick<PlanContext, 'destination'>,
): number =>
  Math.ceil(add / destination.maxListBatchSize) +
  Math.ceil((remove + moved) / destination.maxListBatchSize)

/** Calls that read the members of an exact list. */
function memberReads(
  { destination, options }: Pick<PlanContext, 'destination' | 'options'>,
  list: PlannedList | undefined,
): number {
  const isWhole = options.limit === undefined && options.onlyRows === undefined
  if (list?.isExact !== true || !isWhole) return 0
  return Math.max(1, Math.ceil((list.size ?? 0) / destination.membersPerPage))
}

/** Rows on the list that are looked at again: they may be other records by now. */
async function movedRows(
  { ledger }: Pick<PlanContext, 'ledger'>,
  { sync }: PreparedSync,
  spec: ModelSpec,
): Promise<number> {
  const { state } = spec
  if (sync.mode !== 'mirror' || spec.list === undefined || state === undefined) return 0
  const { warehouse } = ledger
  const planned = plannedRows(warehouse.dialect, withRepeats(spec))
  const [row] = await warehouse.query(
    sql`select count(*) as total from ${planned}
join ${raw(tableName(warehouse.dialect, state))} as s on s.row_id = planned.row_id and s.status <> 'left' and s.record_id is not null
where planned.operation = 'add' and (planned.record_id is null or planned.record_id <> s.record_id)`,
  )
  return Number(row?.['total'] ?? 0)
}

/** The plan once it is known who is added and who goes. */
export async function recountMembers(
  context: RunContext,
  { sync, runId }: PreparedSync,
  plan: Plan,
): Promise<Plan> {
  const {
    add = 0,
    remove = 0,
    reject = 0,
    leave = 0,
  } = await countOpen(context.ledger, sync.name, runId)
  const operations = { ...plan.operations, add, remove, reject, leave }
  const writes = memberCalls(operations, 0, context) + (plan.list?.id === null ? 1 : 0)
  return { ...plan, operations, calls: { ...plan.calls, writes } }
}

/** The guards once more: rows that are other records now, and an exact list, remove members that no plan could count. */
export function membersGuarded(
  { options }: Pick<RunContext, 'options'>,
  { sync }: PreparedSync,
  plan: Plan,
): Plan {
  const { rows, operations } = plan
  const guards = trippedGuards(
    sync.guards,
    {
      ...guardedRows(sync, rows.inModel, Math.max(rows.known, plan.list?.size ?? 0)),
      removals: removalsOf(sync, operations),
      changes: operations.add + operations.remove,
    },
    options.forcedGuards,
  )
  return { ...plan, guards }
}

const eventCalls = (rows: number, { destination }: Pick<PlanContext, 'destination'>): number =>
  Math.ceil(rows / destination.maxEventBatchSize)

/** Calls that look up whom events are about, the most there can be: several may be about one. */
async function contactLookups(
  { ledger, destination }: PlanContext,
  { sync }: PreparedSync,
  spec: ModelSpec,
): Promise<number> {
  if (!looksUpContacts(sync)) return 0
  const operation = aboutOperation(sync)
  const { warehouse } = ledger
  const planned = plannedRows(warehouse.dialect, withRepeats(spec))
  const [row] = await warehouse.query(
    sql`select count(distinct match_value) as total from ${planned} where operation = ${operation} and fingerprint is not null`,
  )
  return Math.ceil(Number(row?.['total'] ?? 0) / destination.maxBatchSize)
}

/** The plan once it is known whom events are about: rows of nobody are not sent. */
export async function recountEvents(
  context: RunContext,
  prepared: PreparedSync,
  plan: Plan,
): Promise<Plan> {
  const { ledger, destination } = context
  const { sync, runId, schema, missing } = prepared
  const { send = 0, reject = 0 } = await countOpen(ledger, sync.name, runId)
  const writes =
    eventCalls(send, context) + definitionCalls(missing, schema, destination.maxBatchSize)
  return {
    ...plan,
    operations: { ...plan.operations, send, reject },
    calls: { ...plan.calls, writes },
  }
}

/** Where the first run decides which rows are known, it has to meet all of them. */
function checkStart({ options }: PlanContext, { sync, isFirstRun }: PreparedSync): void {
  const isPartial = options.limit !== undefined || options.onlyRows !== undefined
  if (sync.start?.kind !== 'now' || !isFirstRun || !isPartial) return
  throw new UserError({
    message:
      'the first run takes all rows of the model as known (`start: now`), so it cannot be limited to some',
    hint: 'Run it once without --limit and --row; it sends nothing.',
    sync: sync.name,
    key: 'start',
    where: sync.origin,
  })
}

/** Searches that the rows of a plan take: they are counted as they will be asked. */
async function searchesOf(
  { ledger, destination }: PlanContext,
  { bound }: PreparedSync,
  spec: ModelSpec,
): Promise<number> {
  if (bound.match?.by !== 'search') return 0
  const { warehouse } = ledger
  const planned = plannedRows(warehouse.dialect, withRepeats(spec))
  const rows = warehouse.stream(
    sql`select match_value from ${planned} where ${isUnresolved(true)} order by seq`,
  )
  return countSearches(sought(rows), destination.searchRoom(bound.match.property))
}

async function* sought(rows: AsyncIterable<readonly Row[]>) {
  for await (const some of rows) {
    yield some.map((row) => ({ sequence: 0, matchValue: String(row['match_value']) }))
  }
}

/** The plan once HubSpot has been asked: updates, creates and skips are told apart now. */
export async function recountCalls(
  context: RunContext,
  prepared: PreparedSync,
  plan: Plan,
): Promise<Plan> {
  if (plan.calls.lookups + plan.calls.searches === 0) return plan
  const { ledger, destination } = context
  const { sync, runId, schema, missing } = prepared
  const { maxBatchSize } = destination
  const counted = await countPlanned(ledger, sync.name, runId)
  const operations = { ...plan.operations, create: 0, upsert: 0, update: 0, skip: 0, ...counted }
  const backwards = await recountBackwards(context, prepared, plan)
  const writes =
    writesOf(operations, maxBatchSize) +
    (plan.links?.calls.writes ?? 0) +
    (backwards?.clearingCalls ?? 0) +
    definitionCalls(missing, schema, maxBatchSize)
  return {
    ...plan,
    operations,
    calls: { ...plan.calls, writes },
    ...(backwards === undefined ? {} : { backwards }),
  }
}

/** Rows that became updates, or are none any more, move those that are cleared first to other windows. */
async function recountBackwards(
  context: RunContext,
  prepared: PreparedSync,
  { backwards }: Plan,
): Promise<Backwards | undefined> {
  if (backwards === undefined || backwards.clearingCalls === 0) return backwards
  const { ledger, destination } = context
  const { warehouse } = ledger
  const { spec } = await diffSpecOf(context, prepared, {
    plan: planOf(ledger, prepared.sync.name),
  })
  const { windowRows } = warehouse.dialect.capabilities
  const counted = await countBackwards(
    warehouse,
    withRepeats(spec),
    windowRows,
    destination.maxBatchSize,
  )
  return counted.backwards ?? { rows: 0, unknownRows: 0, clearingCalls: 0, lookups: 0 }
}

/**
 * What a run of a sync bills, where the engine bills bytes: reading model and state, and once the sync has tables, the merge.
 * Nothing is run.
 */
export async function estimateRun(
  context: PlanContext,
  prepared: PreparedSync,
  scratch: PlanTables | undefined,
): Promise<number | undefined> {
  const { warehouse } = context.ledger
  if (warehouse.estimate === undefined) return undefined
  const { sync, runId } = prepared
  const { spec, hasState } = await diffSpecOf(context, prepared, scratch)
  const statements = [
    ...readingStatements(warehouse.dialect, spec),
    ...(hasState ? recordingStatements(context.ledger, mergeRequest(context, sync, runId)) : []),
  ]
  let bytes = 0
  for (const statement of statements) bytes += (await warehouse.estimate(statement)).bytes
  return bytes
}

/** The state of the sync whose rows are the members of a list, where it has one. */
async function recordsOf(ledger: Ledger, { list }: Sync): Promise<{ readonly records?: TableRef }> {
  if (list?.about.kind !== 'sync') return {}
  const records = stateOf(ledger, list.about.sync)
  return (await hasTable(ledger, records)) ? { records } : {}
}

/** What the diff of a sync has to know, and whether the sync has a state yet. */
export async function diffSpecOf(
  context: PlanContext,
  {
    sync,
    bound,
    list,
    runId,
    firstRunId,
    state = stateOf(context.ledger, sync.name),
  }: PreparedSync,
  tables: PlanTables | undefined,
): Promise<{ readonly spec: ModelSpec; readonly hasState: boolean }> {
  const { isFullRefresh, isAdopting, onlyRows, limit } = context.options
  const hasState = await hasTable(context.ledger, state)
  const spec = {
    ...bound,
    ...(bound.start?.kind === 'now' ? { start: { ...bound.start, firstRunId } } : {}),
    ...(bound.list === undefined
      ? {}
      : {
          list: {
            ...bound.list,
            isMadeHere: list?.isMadeHere === true,
            ...(await recordsOf(context.ledger, sync)),
          },
        }),
    runId,
    relation: sync.model.relationName ?? '',
    auditValues: context.settings.auditValues,
    ...(hasState ? { state } : {}),
    ...tables,
    isFullRefresh,
    // A record that is there lacks nothing.
    ...(isAdopting === true ? { isAdoption: isAdopting, requiredGroups: [] } : {}),
    ...(onlyRows === undefined
      ? {}
      : { onlyRows: onlyRows.map((row) => asRowId(row, bound.keyColumns.length)) }),
    ...(limit === undefined ? {} : { limit }),
  }
  return { spec, hasState }
}
