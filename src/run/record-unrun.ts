import { WarehouseError } from '../errors.ts'
import type { Ledger } from '../record/ledger.ts'
import { endRun, type RunStart, startRun } from '../record/runs.ts'
import { ensureSchema } from '../record/schema/ensure-tables.ts'
import type { Sync } from '../types.ts'
import type { RunContext, SyncReport } from './context.ts'

export type UnrunFacts = Pick<
  RunStart,
  'invocationId' | 'dbtInvocationId' | 'targetName' | 'portalId' | 'isLimited'
> &
  Pick<RunContext, 'newId' | 'log'>

/**
 * Enters syncs that ended before they had a run, so that `runs` tells of every failure, dbt's included. What the warehouse refuses is left
 * out: how the syncs ended is the news.
 *
 * @param syncs all that are valid
 * @returns the id of each run that was entered, by sync
 */
export async function recordUnrun(
  ledger: Ledger,
  facts: UnrunFacts,
  reports: readonly SyncReport[],
  syncs: readonly Sync[],
): Promise<ReadonlyMap<string, string>> {
  const { newId, log, ...run } = facts
  const entered = new Map<string, string>()
  try {
    await ensureSchema(ledger)
    for (const { sync, model, status, error } of reports) {
      const runId = newId()
      const mode = syncs.find(({ name }) => name === sync)?.mode ?? null
      const modelId = model === '' ? null : model
      await startRun(ledger, { ...run, runId, syncName: sync, modelId, objectType: null, mode })
      await endRun(ledger, runId, status, {
        error_category: error?.category ?? null,
        error_message: error?.message ?? null,
      })
      entered.set(sync, runId)
    }
  } catch (error) {
    if (!(error instanceof WarehouseError)) throw error
    log.debug('Could not enter all syncs that failed or are held into the table of runs')
  }
  return entered
}
