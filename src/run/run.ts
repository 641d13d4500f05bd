import { removeOldAudit } from '../record/cleaning.ts'
import { ensureSchema } from '../record/schema/ensure-tables.ts'
import type { Sync } from '../types.ts'
import { carryOut } from './carry-out.ts'
import type { RunContext } from './context.ts'
import { flushRequests } from './flush-requests.ts'
import { openLeases } from './leases.ts'
import { approvedOnly } from './planning/approval.ts'
import { planAll, prepareAll } from './planning/plan-all.ts'
import { removeStaleSpools } from './recover.ts'
import { notReached } from './reports.ts'
import { openReports } from './run-reports.ts'
import { tidily } from './tidily.ts'

/**
 * Runs syncs: plan → resolve → send → record. All syncs are planned, each from one snapshot, before anything is sent.
 * What is wrong with one sync holds only that one.
 *
 * Each sync is reported once, as it ends.
 *
 * @throws WarehouseError when the schema cannot be used at all
 */
export async function runSyncs(
  context: RunContext,
  syncs: readonly Sync[],
  definedNames: ReadonlySet<string>,
): Promise<void> {
  await ensureSchema(context.ledger)
  const leases = await openLeases(context)
  const reports = openReports(context.progress)
  try {
    await removeStaleSpools(context)
    const prepared = await prepareAll(context, syncs, definedNames, { leases, reports })
    const plans = await planAll(context, prepared, reports)
    const planned = await approvedOnly(context, plans, reports.add)
    const isRecorded = await carryOut(context, { planned, leases, reports })
    for (const sync of syncs) if (!reports.has(sync.name)) reports.add(notReached(sync))
    // A warehouse that does not take results is not asked to tidy up: Snowflake's driver waits two minutes for each answer.
    if (isRecorded) {
      await tidily(context, 'Could not remove old audit rows', () =>
        removeOldAudit(context.ledger, context.settings.retentionDays),
      )
    }
  } finally {
    await tidily(context, 'Could not record the last API requests', () =>
      flushRequests(context, null, true),
    )
    await leases.release()
  }
}
