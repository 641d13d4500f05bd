import { WarehouseError } from '../errors.ts'
import { join, sql } from '../warehouse/sql.ts'
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

/** Takes the lease of a sync, by the warehouse's clock. Never waits. */
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
  if (affected > 0) return withoutRival(ledger, spec)
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

/**
 * Where no key settles a race, two first takers may both have entered a row. Whoever sees the other's steps back, and both may:
 * the next attempt has the row to meet at.
 */
async function withoutRival(ledger: Ledger, spec: LeaseSpec): Promise<LeaseAttempt> {
  const { warehouse } = ledger
  if (warehouse.dialect.capabilities.enforcesKeys) return { isHeld: true }
  const rivals = await warehouse.query(
    sql`select holder from ${named(ledger, sharedTable(ledger, 'leases'))}
where sync_name = ${spec.syncName} and holder <> ${spec.holder} and expires_at > ${warehouse.dialect.now()}`,
  )
  const [rival] = rivals
  if (rival === undefined) return { isHeld: true }
  await releaseLease(ledger, spec.syncName, spec.holder)
  return { isHeld: false, holder: String(rival['holder']), secondsLeft: 1 }
}

/**
 * Renews the leases that a holder has, by the warehouse's clock.
 *
 * @returns the syncs whose lease is somebody else's by now, and whose
 */
export async function renewLeases(
  ledger: Ledger,
  {
    syncNames,
    holder,
    seconds,
  }: Omit<LeaseSpec, 'syncName' | 'portalId'> & {
    readonly syncNames: readonly string[]
  },
): Promise<readonly { readonly syncName: string; readonly holder: string }[]> {
  const { warehouse } = ledger
  const leases = named(ledger, sharedTable(ledger, 'leases'))
  const ours = sql`sync_name in (${join(syncNames.map((name) => sql`${name}`))})`
  const until = warehouse.dialect.addSeconds(warehouse.dialect.now(), seconds)
  const affected = await warehouse.execute(
    sql`update ${leases} set expires_at = ${until} where holder = ${holder} and ${ours}`,
  )
  if (affected >= syncNames.length) return []
  const rows = await warehouse.query(sql`select sync_name, holder from ${leases} where ${ours}`)
  const kept = rows.filter((row) => row['holder'] === holder).map((row) => row['sync_name'])
  return syncNames
    .filter((name) => !kept.includes(name))
    .map((syncName) => ({
      syncName,
      holder: String(rows.find((row) => row['sync_name'] === syncName)?.['holder'] ?? 'nobody'),
    }))
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
