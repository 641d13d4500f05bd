import { UserError } from '../../errors.ts'
import { diffModel, type ModelSpec } from '../../plan/diff-model.ts'
import {
  type Diff,
  type OperationCounts,
  type Plan,
  type PlannedList,
  restorableForDays,
} from '../../plan/plan.ts'
import type { Sync } from '../../types.ts'
import { meetsAllRows, type PlanContext, type PreparedSync } from '../context.ts'
import { contactSpec, linkedSpec } from './foreign-rows.ts'
import { planGuards, writtenRows } from './guarded-changes.ts'
import { othersOf } from './others.ts'
import { linkSizes, plannedCalls } from './planned-calls.ts'
import { plannedList } from './planned-list.ts'
import { diffSpecOf, type PlanTables } from './sync-spec.ts'

/** Computes the change set of one sync into a plan table; without one, only counts it. */
export async function planSync(
  context: PlanContext,
  prepared: PreparedSync,
  tables: PlanTables | undefined,
  peers: readonly PreparedSync[] = [],
): Promise<Plan> {
  checkStart(context, prepared)
  const { ledger, destination } = context
  const { spec } = await diffSpecOf(context, prepared, tables)
  const others = await othersOf(ledger, prepared, peers)
  const linked = {
    ...spec,
    ...(await linkedSpec(
      context,
      tables === undefined ? prepared : { ...prepared, planned: tables.plan },
      peers,
    )),
    ...(await contactSpec(context, prepared, peers)),
  }
  const diff = await diffModel(ledger.warehouse, { ...linked, others }, destination.maxBatchSize, {
    onUploaded: () => context.passing?.('templates-uploaded'),
    linkSizes: linkSizes(context),
  })
  const list = plannedList(context, prepared, diff.knownRows)
  const rows = rowCounts(context, prepared, diff)
  const { operations, links } = diff
  return {
    ...subjectOf(prepared, spec, list, tables),
    rows,
    operations,
    rejects: diff.rejects,
    waits: diff.waits,
    removals: { kept: diff.kept, restorableForDays },
    dropped: diff.dropped,
    ...(diff.asked === undefined ? {} : { asked: diff.asked }),
    calls: await plannedCalls(context, prepared, { spec, linkedSpec: linked, diff, list }),
    ...(links === undefined ? {} : { links }),
    ...definedFirst(context, prepared),
    ...(diff.backwards === undefined ? {} : { backwards: diff.backwards }),
    guards: planGuards(context, prepared, {
      rows,
      operations,
      ...(links === undefined ? {} : { links }),
    }),
  }
}

/** Which sync a plan is of, and how it was made. */
function subjectOf(
  { sync, runId, schema, bound, warnings, isFirstRun }: PreparedSync,
  { templates }: ModelSpec,
  list: PlannedList | undefined,
  tables: PlanTables | undefined,
) {
  return {
    version: 1 as const,
    sync: sync.name,
    runId,
    model: sync.model.uniqueId,
    object: schema.name,
    ...(sync.type === 'object' ? {} : { type: sync.type }),
    ...(list === undefined ? {} : { list }),
    mode: sync.mode,
    matchedBy: bound.match?.by ?? null,
    warnings,
    start: sync.start?.kind ?? ('all' as const),
    isFirstRun,
    isCountOnly: tables === undefined,
    ...(tables === undefined && templates !== undefined ? { isUpperBound: true as const } : {}),
  }
}

/** What a run makes in HubSpot before it sends anything. */
const definedFirst = (
  { options }: PlanContext,
  { missing, schema }: PreparedSync,
): Pick<Plan, 'creates' | 'createsEvent'> => ({
  ...(missing.length === 0 || options.isAdopting === true ? {} : { creates: missing }),
  ...(schema.events?.isMissing ? { createsEvent: schema.name } : {}),
})

function rowCounts({ options }: PlanContext, { sync }: PreparedSync, diff: Diff): Plan['rows'] {
  const { operations, waits, rowsInModel, parked, unknown } = diff
  const waiting = waits.reduce((sum, { rows }) => sum + rows, 0)
  const changed = writtenRows(options, operations) + operations.reject + waiting
  const left = operations.clear + operations.archive + departedMembers(sync, operations)
  const untouched = parked + unknown - diff.parkedRemovals + operations.skip
  return {
    inModel: rowsInModel,
    known: diff.knownRows,
    // Rows that --row or --limit left out were not looked at.
    unchanged: meetsAllRows(options)
      ? Math.max(0, rowsInModel - untouched - (changed - left))
      : operations.refresh,
    parked,
    unknown,
    returned: diff.returned,
    waiting,
    onlyDropped: diff.onlyDropped,
  }
}

/** Of the members that are removed, those whose row left the model. */
const departedMembers = ({ mode }: Sync, { remove }: OperationCounts): number =>
  mode === 'mirror' ? remove : 0

/** Where the first run decides which rows are known, it has to meet all of them. */
function checkStart({ options }: PlanContext, { sync, isFirstRun }: PreparedSync): void {
  if (sync.start?.kind !== 'now' || !isFirstRun || meetsAllRows(options)) return
  throw new UserError({
    message:
      'the first run takes all rows of the model as known (`start: now`), so it cannot be limited to some',
    hint: 'Run it once without --limit and --row; it sends nothing.',
    sync: sync.name,
    key: 'start',
    where: sync.origin,
  })
}
