import { WarehouseError } from '../errors.ts'
import { sql } from '../warehouse/sql.ts'
import { type Ledger, named, sharedTable } from './ledger.ts'

export interface LeaseSpec {
  readonly syncName: string
  readonly portalId: string
  /** Unique per invocation; readable: it is shown to whoever has to wait. */
  readonly holder: string
  /** Time to live, request time-out included: a takeover must not meet a request that is still under way. */
  readonly seconds: number
}

export type LeaseAttempt =
  | { readonly isHeld: true }
  | { readonly isHeld: false; readonly holder: string; readonly secondsLeft: number }

/** Takes or renews the lease of a sync, by the warehouse's clock. Never waits. */
export async function takeLease(ledger: Ledger, spec: LeaseSpec): Promise<LeaseAttempt> {
  const { warehouse } = ledger
  const leases = named(ledger, sharedTable(ledger, 'leases'))
  const until = warehouse.dialect.addSeconds(warehouse.dialect.now(), spec.seconds)
  const merge = sql`merge into ${leases} as l
using (select ${spec.syncName} as sync_name, ${spec.portalId} as portal_id, ${spec.holder} as holder, ${until} as expires_at) as n
on l.sync_name = n.sync_name
when matched and (l.holder = n.holder or l.expires_at <= ${warehouse.dialect.now()})
  then update set portal_id = n.portal_id, holder = n.holder, expires_at = n.expires_at
when not matched then insert (sync_name, portal_id, holder, expires_at) values (n.sync_name, n.portal_id, n.holder, n.expires_at)`
  const affected = await warehouse.execute(merge).catch((error: unknown) => {
    // Two first takers: the key lets one in, the other finds the row below.
    if (error instanceof WarehouseError) return 0
    throw error
  })
  if (affected > 0) return { isHeld: true }
  const rows = await warehouse.query(
    sql`select holder, expires_at, ${warehouse.dialect.now()} as moment from ${leases} where sync_name = ${spec.syncName}`,
  )
  const [row] = rows
  const holder = String(row?.['holder'] ?? 'another run')
  if (holder === spec.holder) return { isHeld: true }
  const leftMs = Date.parse(String(row?.['expires_at'])) - Date.parse(String(row?.['moment']))
  return {
    isHeld: false,
    holder,
    secondsLeft: Number.isNaN(leftMs) ? 1 : Math.max(0, Math.ceil(leftMs / 1000)),
  }
}

/** Gives the lease back; does nothing when it is somebody else's by now. */
export async function releaseLease(
  ledger: Ledger,
  syncName: string,
  holder: string,
): Promise<void> {
  await ledger.warehouse.execute(
    sql`delete from ${named(ledger, sharedTable(ledger, 'leases'))} where sync_name = ${syncName} and holder = ${holder}`,
  )
}

/** Ends a lease whose holder is known to be gone, once its requests cannot be under way any more. */
export async function expireLease(
  ledger: Ledger,
  syncName: string,
  holder: string,
  inSeconds: number,
): Promise<void> {
  const { dialect } = ledger.warehouse
  const end = dialect.addSeconds(dialect.now(), inSeconds)
  await ledger.warehouse.execute(
    sql`update ${named(ledger, sharedTable(ledger, 'leases'))} set expires_at = ${end}
where sync_name = ${syncName} and holder = ${holder} and expires_at > ${end}`,
  )
}
