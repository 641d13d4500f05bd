import type { Destination } from '../../destination/destination.ts'
import { UserError } from '../../errors.ts'
import { writePermission } from '../../project/write-permission.ts'
import { retried } from '../../run/asking.ts'
import type { Account } from '../../types.ts'
import type { Session } from '../session.ts'
import { sleep } from '../sleep.ts'

/** What asking HubSpot takes: questions are repeated as the retry table says, until the first Ctrl-C. */
export const askingOf = <D extends Destination>(session: Session, destination: D) => ({
  ...session,
  destination,
  clock: session.io.clock,
  random: session.io.random,
  sleep,
})

/** Asks whose token it is, and refuses to go on where the target may not write. */
export async function readWritableAccount(
  session: Session,
  destination: Destination,
): Promise<Account> {
  const account = await retried(askingOf(session, destination), () =>
    destination.account(session.drain),
  )
  const { settings, targetName } = session.project
  const permission = writePermission(targetName, settings, settings.baseUrl, account)
  if (permission.allowed) return account
  throw new UserError({ message: permission.why, hint: permission.hint })
}
