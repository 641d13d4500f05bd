import { UserError } from '../../errors.ts'
import type { Identity } from '../../record/identity.ts'
import type { Ledger } from '../../record/ledger.ts'
import { openLeases } from '../../run/leases.ts'
import { didYouMean } from '../../suggest.ts'
import type { Sync } from '../../types.ts'
import { holderName, isHolderGone } from '../lease-holder.ts'
import type { LoadedSyncs } from '../load-syncs.ts'
import { readRunSettings } from '../run/run-options.ts'
import type { Session } from '../session.ts'
import { sleep } from '../sleep.ts'

/** The sync of that name. @throws UserError when there is none, or when it is not valid */
export function syncNamed({ all, problems, definedNames }: LoadedSyncs, name: string): Sync {
  const sync = all.find((each) => each.name === name)
  if (sync !== undefined) return sync
  const own = problems.filter(({ sync: one, otherSync }) => one === name || otherSync === name)
  if (own.length > 0) throw new UserError(own)
  throw new UserError({
    message: `The project has no sync ${name}`,
    hint: didYouMean(name, [...definedNames]),
  })
}

/** The name that the state of a sync goes by: after a renaming it is the old one until the next run. */
export function stateName(
  { name, previousName }: Pick<Sync, 'name' | 'previousName'>,
  pinned: readonly Pick<Identity, 'syncName'>[],
): string {
  const isPinned = (wanted: string) => pinned.some(({ syncName }) => syncName === wanted)
  return !isPinned(name) && previousName !== undefined && isPinned(previousName)
    ? previousName
    : name
}

/** Works on states while no run can: under their leases. A lease that is held by somebody alive is not waited for. */
export async function underLease<T>(
  session: Session,
  ledger: Ledger,
  syncs: readonly Pick<Identity, 'syncName' | 'portalId'>[],
  work: (check: () => void) => Promise<T>,
): Promise<T> {
  const [first] = syncs
  const leases = await openLeases({
    ...session,
    ledger,
    settings: readRunSettings(session),
    account: { portalId: first?.portalId ?? '' },
    holder: holderName(session),
    isHolderGone,
    clock: session.io.clock,
    sleep,
    passing: () => {},
    isHurried: true,
  })
  try {
    for (const { syncName } of syncs) await leases.take(syncName)
    return await work(leases.check)
  } finally {
    await leases.release()
  }
}
