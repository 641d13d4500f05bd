import type { TableRef } from '../warehouse/dialect.ts'
import { hasTable, type Ledger, planOf, resultsOf, stateOf } from './ledger.ts'

/** Where rows of a sync have their records: in its state, and in the results of a run that is not merged yet. */
export interface RecordSources {
  /** Absent before the first run. */
  readonly state?: TableRef
  readonly open?: { readonly plan: TableRef; readonly results: TableRef; readonly runId: string }
}

/** @param runId of the sync's run that is not in its state yet */
export async function recordSources(
  ledger: Ledger,
  syncName: string,
  runId: string | undefined,
): Promise<RecordSources> {
  const state = stateOf(ledger, syncName)
  const [plan, results] = [planOf(ledger, syncName), resultsOf(ledger, syncName)]
  return {
    ...((await hasTable(ledger, state)) ? { state } : {}),
    ...(runId === undefined ? {} : { open: { plan, results, runId } }),
  }
}
