import type { RunContext } from './context.ts'
import { flushRequests } from './flush-requests.ts'
import { type Leases, openLeases } from './leases.ts'
import { tidily } from './tidily.ts'

/**
 * Does work on the state of one sync while nobody else does. Requests that are told are recorded, and the lease is given back,
 * however it ends.
 *
 * @param check to be called before anything is recorded that counts
 */
export async function underLease<T>(
  context: RunContext,
  syncName: string,
  work: (check: Leases['check']) => Promise<T>,
): Promise<T> {
  const leases = await openLeases(context)
  try {
    await leases.take(syncName)
    return await work(leases.check)
  } finally {
    await tidily(context, 'Could not record the last API requests', () =>
      flushRequests(context, null, true),
    )
    await leases.release()
  }
}
