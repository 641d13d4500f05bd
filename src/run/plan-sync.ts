import { UserError } from '../errors.ts'
import { asRowId } from '../plan/asked-rows.ts'
import { diffModel, type ModelSpec, readingStatements } from '../plan/diff-model.ts'
import { trippedGuards } from '../plan/guards.ts'
import { callsOf, type Plan } from '../plan/plan.ts'
import { hasTable, type Ledger, stateOf } from '../record/ledger.ts'
import { recordingStatements } from '../record/merge-run.ts'
import type { TableRef } from '../warehouse/dialect.ts'
import type { PreparedSync, RunContext, RunOptions } from './context.ts'

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
): Promise<Plan> {
  const { sync, runId, schema } = prepared
  if (context.options.isFullRefresh && sync.mode === 'insert') {
    throw new UserError({
      message: 'mode insert never changes existing records, so there is nothing to send again',
      hint: `Leave it out: --exclude ${sync.name}. To send values again, use mode upsert or update.`,
      sync: sync.name,
      key: '--full-refresh',
      where: sync.origin,
    })
  }
  const { warehouse } = context.ledger
  const { spec } = await diffSpecOf(context, prepared, tables)
  const diff = await diffModel(warehouse, spec, () => context.passing?.('templates-uploaded'))
  const { operations } = diff
  const written =
    operations.create +
    operations.upsert +
    operations.update +
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
    mode: sync.mode,
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
              diff.unknown -
              (changed - operations.clear - operations.archive),
          ),
      parked: diff.parked,
      unknown: diff.unknown,
      returned: diff.returned,
      onlyDropped: diff.onlyDropped,
    },
    operations,
    rejects: diff.rejects,
    dropped: diff.dropped,
    ...(diff.asked === undefined ? {} : { asked: diff.asked }),
    calls: callsOf(diff, context.destination.maxBatchSize, sync.match !== undefined),
    guards: trippedGuards(
      sync.guards,
      {
        rowsInModel: diff.rowsInModel,
        knownRows: diff.knownRows,
        removals: operations.clear + operations.archive,
        changes: written,
      },
      context.options.forcedGuards,
    ),
  }
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
  const merge = { runId, syncName: sync.name, maxAttempts: sync.maxAttempts, mode: sync.mode }
  const statements = [
    ...readingStatements(warehouse.dialect, spec),
    ...(hasState
      ? recordingStatements(context.ledger, {
          ...merge,
          auditValues: context.settings.auditValues,
        })
      : []),
  ]
  let bytes = 0
  for (const statement of statements) bytes += (await warehouse.estimate(statement)).bytes
  return bytes
}

/** What the diff of a sync has to know, and whether the sync has a state yet. */
async function diffSpecOf(
  context: PlanContext,
  { sync, bound, runId, state = stateOf(context.ledger, sync.name) }: PreparedSync,
  tables: PlanTables | undefined,
): Promise<{ readonly spec: ModelSpec; readonly hasState: boolean }> {
  const { isFullRefresh, onlyRows, limit } = context.options
  const hasState = await hasTable(context.ledger, state)
  const spec = {
    ...bound,
    runId,
    relation: sync.model.relationName ?? '',
    auditValues: context.settings.auditValues,
    ...(hasState ? { state } : {}),
    ...tables,
    isFullRefresh,
    ...(onlyRows === undefined
      ? {}
      : { onlyRows: onlyRows.map((row) => asRowId(row, bound.keyColumns.length)) }),
    ...(limit === undefined ? {} : { limit }),
  }
  return { spec, hasState }
}
