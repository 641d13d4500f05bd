import { asRowId } from '../../plan/asked-rows.ts'
import type { ModelSpec } from '../../plan/diff-model.ts'
import type { DiffSpec } from '../../plan/diff-spec.ts'
import { hasTable, type Ledger, stateOf } from '../../record/ledger.ts'
import type { Sync } from '../../types.ts'
import type { TableRef } from '../../warehouse/dialect.ts'
import type { PlanContext, PreparedSync, RunOptions } from '../context.ts'
import { looksUpContacts } from '../members/event-contacts.ts'

/** Where a change set is written, and where texts of templates go before they are in it. */
export interface PlanTables {
  readonly plan: TableRef
  /** Needed where the sync has templates. */
  readonly rendered?: TableRef
}

/** What the diff of a sync has to know, and whether the sync has a state yet. */
export async function diffSpecOf(
  context: PlanContext,
  prepared: PreparedSync,
  tables: PlanTables | undefined,
): Promise<{ readonly spec: ModelSpec; readonly hasState: boolean }> {
  const { ledger, settings } = context
  const { sync, bound, runId, firstRunId, state = stateOf(ledger, sync.name) } = prepared
  const hasState = await hasTable(ledger, state)
  const spec = {
    ...bound,
    ...(bound.start?.kind === 'now' ? { start: { ...bound.start, firstRunId } } : {}),
    ...(await listOf(ledger, prepared)),
    runId,
    ...(looksUpContacts(sync) ? { asksForContacts: true as const } : {}),
    relation: sync.model.relationName ?? '',
    auditValues: settings.auditValues,
    ...(hasState ? { state } : {}),
    ...tables,
    ...asked(context.options, bound.keyColumns.length),
  }
  return { spec, hasState }
}

/** What the options of a run ask for. */
const asked = (
  { isFullRefresh, isAdopting, onlyRows, limit }: RunOptions,
  keyColumns: number,
): Pick<DiffSpec, 'isFullRefresh' | 'isAdoption' | 'onlyRows' | 'limit' | 'requiredGroups'> => ({
  isFullRefresh,
  // A record that is there lacks nothing.
  ...(isAdopting === true ? { isAdoption: isAdopting, requiredGroups: [] } : {}),
  ...(onlyRows === undefined ? {} : { onlyRows: onlyRows.map((row) => asRowId(row, keyColumns)) }),
  ...(limit === undefined ? {} : { limit }),
})

/** The list whose members the rows are, with what this run knows of it. */
async function listOf(
  ledger: Ledger,
  { sync, bound, list }: PreparedSync,
): Promise<Pick<DiffSpec, 'list'>> {
  if (bound.list === undefined) return {}
  const isMadeHere = list?.isMadeHere === true
  return { list: { ...bound.list, isMadeHere, ...(await recordsOf(ledger, sync)) } }
}

/** The state of the sync whose rows are the members of a list, where it has one. */
async function recordsOf(ledger: Ledger, { list }: Sync): Promise<{ readonly records?: TableRef }> {
  if (list?.about.kind !== 'sync') return {}
  const records = stateOf(ledger, list.about.sync)
  return (await hasTable(ledger, records)) ? { records } : {}
}
