import { UserError } from '../errors.ts'
import { trippedGuards } from '../plan/guards.ts'
import { callsOf, diffModel, type Plan } from '../plan/plan.ts'
import { hasTable, type Ledger, planOf, stateOf } from '../record/ledger.ts'
import type { TableRef } from '../warehouse/dialect.ts'
import type { PreparedSync, RunContext, RunOptions } from './context.ts'

/** What planning needs of a run; `plan` alone has no more than this. */
export type PlanContext = Pick<RunContext, 'settings' | 'destination'> & {
  readonly ledger: Ledger
  readonly options: RunOptions
}

/** Computes the change set of one sync into a plan table. Call inside `withSnapshot`. */
export async function planSync(
  context: PlanContext,
  prepared: PreparedSync,
  table: TableRef = planOf(context.ledger, prepared.sync.name),
): Promise<Plan> {
  const { sync, bound, runId, schema } = prepared
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
  const state = stateOf(context.ledger, sync.name)
  const hasState = await hasTable(context.ledger, state)
  const diff = await diffModel(warehouse, {
    ...bound,
    runId,
    relation: sync.model.relationName ?? '',
    auditValues: context.settings.auditValues,
    ...(hasState ? { state } : {}),
    plan: table,
    isFullRefresh: context.options.isFullRefresh,
    ...(context.options.onlyRows === undefined ? {} : { onlyRows: context.options.onlyRows }),
    ...(context.options.limit === undefined ? {} : { limit: context.options.limit }),
  })
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
    isFirstRun: !hasState || diff.knownRows === 0,
    rows: {
      inModel: diff.rowsInModel,
      known: diff.knownRows,
      unchanged: isPartial
        ? operations.refresh
        : Math.max(0, diff.rowsInModel - (changed - operations.clear - operations.archive)),
      returned: diff.returned,
    },
    operations,
    rejects: diff.rejects,
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
