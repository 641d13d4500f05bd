import { type Compared, type Context, told } from './compared.ts'
import type { Difference } from './difference.ts'
import { eventDifferences } from './event-differences.ts'
import { linkDifferences } from './link-differences.ts'
import { listDifferences } from './list-differences.ts'
import type { LockedPortal } from './locked-portal.ts'
import { objectDifferences } from './object-differences.ts'
import { usesOf } from './sync-uses.ts'

/** What is different, in the order of the file. */
export function differences(
  locked: LockedPortal,
  live: LockedPortal,
  compared: Compared,
): readonly Difference[] {
  const context: Context = {
    locked,
    live,
    ...compared,
    uses: usesOf(compared.syncs, [locked, live]),
    isWhole: compared.broken.size === 0,
  }
  return [
    ...accountDifferences(context),
    ...objectDifferences(context),
    ...linkDifferences(context),
    ...eventDifferences(context),
    ...listDifferences(context),
  ]
}

function accountDifferences({ locked, live }: Context): readonly Difference[] {
  if (locked.accountType === live.accountType) return []
  const message = `the account was of type ${locked.accountType}, and is of type ${live.accountType}`
  return [told('account_type_changed', 'account', message, false, [])]
}
