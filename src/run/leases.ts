import { Interrupted, UserError, WarehouseError } from '../errors.ts'
import { expireLease, releaseLease, renewLeases, takeLease } from '../record/lease.ts'
import type { Ledger } from '../record/ledger.ts'
import type { RunContext } from './context.ts'

/** The leases of one invocation, kept alive until `release`. */
export interface Leases {
  take(syncName: string): Promise<void>
  /** Aborted when a lease is another's, or could not be renewed in time: somebody else may be at work. */
  readonly lost: AbortSignal
  /** Whoever lost a lease may record nothing: the new holder does. @throws WarehouseError when `lost` is aborted */
  check(): void
  release(): Promise<void>
}

/** What of a run its leases need: other commands that change a state take them, too. */
export type LeaseContext = Pick<
  RunContext,
  | 'ledger'
  | 'settings'
  | 'holder'
  | 'isHolderGone'
  | 'drain'
  | 'abort'
  | 'log'
  | 'clock'
  | 'sleep'
  | 'passing'
> & {
  readonly account: Pick<RunContext['account'], 'portalId'>
  /** A lease that somebody alive holds is not waited for. */
  readonly isHurried?: true
}

const pollMs = 1000

/** Shortest lease where each renewal is billed. */
const billedLeaseSeconds = 300
const billedPollMs = 15_000

/**
 * Takes leases on a session of its own and renews them while the run works. A lease outlives its holder by the
 * request time-out, so that a takeover never meets a request that is still under way.
 */
export async function openLeases(context: LeaseContext): Promise<Leases> {
  const session = await context.ledger.warehouse.fork()
  const ledger: Ledger = { ...context.ledger, warehouse: session }
  const { requestTimeoutSeconds } = context.settings
  const { billsStatements } = session.dialect.capabilities
  const leaseSeconds = billsStatements
    ? Math.max(billedLeaseSeconds, context.settings.leaseSeconds)
    : context.settings.leaseSeconds
  const seconds = leaseSeconds + requestTimeoutSeconds
  const held = new Set<string>()
  const lost = new AbortController()
  let renewedMs = context.clock()
  const everyMs = Math.max(500, (leaseSeconds * 1000) / 3)
  const spec = (syncName: string) => ({
    syncName,
    portalId: context.account.portalId,
    holder: context.holder,
    seconds,
  })
  const lose = (why: string) => {
    if (!lost.signal.aborted) lost.abort(leaseLost(why))
  }
  const renew = async () => {
    if (held.size === 0) return
    const startedMs = context.clock()
    const syncNames = [...held]
    const [gone] = await renewLeases(ledger, { syncNames, holder: context.holder, seconds })
    if (gone !== undefined)
      lose(`${holderInWords(gone.holder)} has taken sync ${gone.syncName} over`)
    renewedMs = startedMs
  }
  let renewing: Promise<void> = Promise.resolve()
  const timer = setInterval(() => {
    renewing = renewing.then(renew).catch((error: unknown) => {
      const detail = error instanceof WarehouseError ? error.message : 'unknown'
      context.log.warn('Could not renew the lease', { error: detail })
    })
    if (held.size > 0 && context.clock() - renewedMs > leaseSeconds * 1000) {
      lose(`it could not be renewed for ${leaseSeconds} seconds`)
    }
  }, everyMs)
  timer.unref()
  return {
    lost: lost.signal,
    async take(syncName) {
      await waitForLease(context, ledger, spec(syncName))
      if (held.size === 0) renewedMs = context.clock()
      held.add(syncName)
      context.passing('lease-taken')
    },
    check() {
      if (lost.signal.aborted) throw lost.signal.reason
    },
    async release() {
      clearInterval(timer)
      await renewing
      try {
        for (const syncName of held) await releaseLease(ledger, syncName, context.holder)
      } catch (error) {
        // What ended the run is the news; the lease ends by itself.
        if (!(error instanceof WarehouseError)) throw error
        if (!context.abort.aborted)
          context.log.warn('Could not give the lease back; it runs out by itself')
      } finally {
        held.clear()
        await session.close()
      }
    },
  }
}

function leaseLost(why: string): WarehouseError {
  return new WarehouseError({
    action: 'Holding the lease',
    detail: why,
    disposition: 'transient',
    code: 'LEASE_LOST',
    hint: 'The process or its connection to the warehouse stood still for too long. The next run completes what this one began.',
  })
}

/** `process 21732 on vm`, of a holder that is `machine/process/invocation`; the machine may have its numbering of processes behind it. */
export function holderInWords(holder: string): string {
  const [machine, pid, invocation] = holder.split('/')
  return machine === undefined || pid === undefined || invocation === undefined
    ? holder
    : `process ${pid} on ${machine.replace(/:\d+$/, '')}`
}

const isBusy = ({ syncName }: LeaseSpec, holder: string): UserError =>
  new UserError({
    message: `Sync ${syncName} is being run by ${holderInWords(holder)}`,
    hint: 'Wait until that run has ended. If it is stuck, end that process: its lease runs out by itself.',
    sync: syncName,
  })

type LeaseSpec = Parameters<typeof takeLease>[1]

/** Waits as long as a dead holder's lease can last; a live one renews, and is reported. */
async function waitForLease(context: LeaseContext, ledger: Ledger, spec: LeaseSpec): Promise<void> {
  const endMs = context.clock() + (spec.seconds + 2) * 1000
  let isTold = false
  while (true) {
    const attempt = await takeLease(ledger, spec)
    if (attempt.isHeld) return
    const isGone = context.isHolderGone(attempt.holder)
    const requestSeconds = context.settings.requestTimeoutSeconds
    if (isGone) await expireLease(ledger, spec.syncName, attempt.holder, requestSeconds)
    if (context.isHurried && !isGone) throw isBusy(spec, attempt.holder)
    if (!isTold) {
      const holder = holderInWords(attempt.holder)
      const why = isGone
        ? `, which has ended; its requests may run for another ${Math.min(attempt.secondsLeft, requestSeconds)} s`
        : `; its lease ends in ${attempt.secondsLeft} s if it is not renewed`
      context.log.warn(`Waiting: sync ${spec.syncName} is held by ${holder}${why}`)
      isTold = true
    }
    if (context.drain.aborted) throw new Interrupted()
    if (context.clock() > endMs) {
      throw isBusy(spec, attempt.holder)
    }
    const { billsStatements } = ledger.warehouse.dialect.capabilities
    await context
      .sleep(billsStatements ? billedPollMs : pollMs, context.drain)
      .catch(() => undefined)
  }
}
