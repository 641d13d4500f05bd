import type { Ledger } from '../record/ledger.ts'
import { discardPlan } from '../record/plan-rows.ts'
import { endRun } from '../record/runs.ts'
import type { RunStatus } from '../types.ts'
import type { Value } from '../warehouse/sql.ts'
import type { PreparedSync, SyncReport } from './context.ts'

/** Ends a run of which nothing was sent: its plan goes, and `runs` says why. */
export async function discardRun(
  ledger: Ledger,
  { sync, runId }: Pick<PreparedSync, 'sync' | 'runId'>,
  status: RunStatus,
  error: SyncReport['error'],
  facts: Readonly<Record<string, Value>> = {},
): Promise<void> {
  await discardPlan(ledger, sync.name, runId)
  await endRun(ledger, runId, status, {
    ...facts,
    error_category: error?.category ?? null,
    error_message: error?.message ?? null,
  })
}
