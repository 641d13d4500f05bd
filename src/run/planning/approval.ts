import { WarehouseError } from '../../errors.ts'
import { planOf } from '../../record/ledger.ts'
import { noOutcomes } from '../../record/runs.ts'
import { asRun, type RunContext, type SyncReport } from '../context.ts'
import { discardRun } from '../discard-run.ts'
import type { Underway } from '../phases.ts'
import { callsOf, described, planFacts } from '../reports.ts'
import { differencesOf, sealPlan } from './sealed-plan.ts'

/** What was looked at together is sent together or not at all: syncs refer to each other's records. */
const notAlone = {
  category: 'NOT_STARTED',
  message: 'Not sent: the run does not do all that is in the plan file.',
}

/**
 * Lets a run that was given a plan file begin only where all of it is planned as it was then.
 *
 * @returns the plans to carry out: all of them, or none
 */
export async function approvedOnly(
  context: RunContext,
  planned: readonly Underway[],
  report: (entry: SyncReport) => void,
): Promise<readonly Underway[]> {
  const { approved, ledger } = context
  if (approved === undefined) return planned
  const refusals = new Map<Underway, SyncReport['error']>()
  for (const one of planned) {
    const { prepared, plan } = one
    const before = approved.plans.get(prepared.sync.name)
    const now = await asRun(context, prepared, () =>
      sealPlan(ledger, prepared, plan, planOf(ledger, prepared.sync.name), approved.seal),
    )
    const differences = before === undefined ? ['not in the file'] : differencesOf(before, now)
    if (differences.length > 0) refusals.set(one, changed(differences))
  }
  if (refusals.size === 0 && planned.length === approved.plans.size) return planned
  for (const one of planned) {
    const error = refusals.get(one) ?? notAlone
    const status = refusals.has(one) ? ('guarded' as const) : ('aborted' as const)
    await discard(context, one, status, error)
    report({
      ...described(one.prepared.sync),
      runId: one.prepared.runId,
      status,
      plan: one.plan,
      counts: noOutcomes,
      calls: callsOf(one.calls, one.plan),
      problems: [],
      error,
      durationMs: one.activeMs,
    })
  }
  return []
}

const changed = (differences: readonly string[]): NonNullable<SyncReport['error']> => ({
  category: 'PLAN_CHANGED',
  message: `Not what the plan file says: ${differences.join('; ')}.`,
  hint: 'Nothing was sent. Look at what is planned now, and write it to a new file: backhaul plan --out FILE',
})

/** That nothing is sent holds, whatever the warehouse says to the entry. */
async function discard(
  context: RunContext,
  { prepared, plan }: Underway,
  status: 'guarded' | 'aborted',
  error: SyncReport['error'],
): Promise<void> {
  try {
    await asRun(context, prepared, () =>
      discardRun(context.ledger, prepared, status, error, planFacts(plan)),
    )
  } catch (cause) {
    if (!(cause instanceof WarehouseError)) throw cause
    context.log.warn('Could not enter that a sync was not sent', { sync: prepared.sync.name })
  }
}
