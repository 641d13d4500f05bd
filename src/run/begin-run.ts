import { definitionOf } from '../plan/sync-definition.ts'
import { pinStatement } from '../record/identity.ts'
import { runStatement } from '../record/runs.ts'
import type { Value } from '../warehouse/sql.ts'
import type { PreparedSync, RunContext } from './context.ts'

/**
 * Starts a run: from here on its rows leave. What the sync is is pinned with it, not before: a plan that was never carried
 * out binds nobody, and a pinned first run has its rows recorded, whatever ends it.
 */
export async function beginRun(
  context: RunContext,
  prepared: PreparedSync,
  facts: Readonly<Record<string, Value>>,
): Promise<void> {
  const { sync, schema, bound, runId, list } = prepared
  await context.ledger.warehouse.transaction([
    pinStatement(context.ledger, {
      syncName: sync.name,
      syncType: sync.type,
      portalId: context.account.portalId,
      objectType: schema.objectTypeId,
      primaryKey: bound.keyColumns.map((column) => column.name),
      matchProperty: bound.match?.property ?? null,
      modelId: sync.model.uniqueId,
      firstRunId: runId,
      ...(list?.listId === undefined ? {} : { listId: list.listId }),
      ...(list?.isMadeHere === true ? { isListMadeHere: true } : {}),
      definition: definitionOf(sync),
    }),
    runStatement(context.ledger, runId, { ...facts, status: 'running' }),
  ])
}
