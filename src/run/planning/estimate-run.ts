import { readingStatements } from '../../plan/diff-model.ts'
import { hasChanges, type Plan } from '../../plan/plan.ts'
import { recordingStatements } from '../../record/merge-run.ts'
import type { PlanContext, PreparedSync } from '../context.ts'
import { mergeRequest } from '../recover.ts'
import { diffSpecOf, type PlanTables } from './sync-spec.ts'

/**
 * What a run of a sync bills, where the engine bills bytes: reading model and state, and where something changed of a sync that has tables, the merge.
 * Nothing is run.
 */
export async function estimateRun(
  context: PlanContext,
  prepared: PreparedSync,
  plan: Plan,
  scratch: PlanTables | undefined,
): Promise<number | undefined> {
  const { warehouse } = context.ledger
  if (warehouse.estimate === undefined) return undefined
  const { sync, runId } = prepared
  const { spec, hasState } = await diffSpecOf(context, prepared, scratch)
  const statements = [
    ...readingStatements(warehouse.dialect, spec),
    ...(hasState && hasChanges(plan)
      ? recordingStatements(context.ledger, mergeRequest(context, sync, runId))
      : []),
  ]
  let bytes = 0
  for (const statement of statements) bytes += (await warehouse.estimate(statement)).bytes
  return bytes
}
