import type { Identity } from '../../record/identity.ts'
import type { Sync } from '../../types.ts'
import type { PreparedSync } from '../context.ts'
import type { IdentityVerdict } from './identity-check.ts'

/** What was pinned of a sync, by whatever name it had then. */
export function ownOf(
  sync: Sync,
  pinned: readonly Identity[],
  verdict: IdentityVerdict,
): Identity | undefined {
  const name = verdict.kind === 'renamed' ? verdict.from : sync.name
  return pinned.find(({ syncName }) => syncName === name)
}

/** What is known of a sync from its earlier runs. */
export function historyOf(
  sync: Sync,
  pinned: readonly Identity[],
  verdict: IdentityVerdict,
): Pick<PreparedSync, 'isFirstRun' | 'firstRunId'> {
  const own = ownOf(sync, pinned, verdict)
  return {
    isFirstRun: verdict.kind === 'first',
    ...(own === undefined ? {} : { firstRunId: own.firstRunId }),
  }
}
