import type { AlertChange, AlertState } from '../alert/decide.ts'
import { type Dialect, type TableRef, tableName } from '../warehouse/dialect.ts'
import { join, raw, type Sql, sql } from '../warehouse/sql.ts'
import { cellText, type Row } from '../warehouse/warehouse.ts'
import { type Ledger, named, sharedTable } from './ledger.ts'
import { momentOf } from './status.ts'

/** How long a process has to tell what it has claimed: longer than it may take, and short, for it may die. */
const claimSeconds = 30

/** Rows that are written with one statement. */
const rowsAtOnce = 100

const alerts = (ledger: Ledger): TableRef => sharedTable(ledger, 'alerts')

/** How the alerts of a target stand. */
export async function readAlertStates(
  ledger: Ledger,
  targetName: string,
): Promise<readonly AlertState[]> {
  const rows = await ledger.warehouse.query(
    sql`select * from ${named(ledger, alerts(ledger))} where target_name = ${targetName} order by alert_name, sync_name, trouble`,
  )
  return rows.map(toState)
}

/** An alert as `backhaul alert list` tells it. */
export interface ListedAlert extends AlertState {
  readonly toldAt: string | null
  readonly lastError: string | null
}

/** Alerts that are open, or whose end is not told yet. */
export async function readOpenAlerts(
  ledger: Ledger,
  targetName: string,
): Promise<readonly ListedAlert[]> {
  const rows = await ledger.warehouse.query(
    sql`select * from ${named(ledger, alerts(ledger))} where target_name = ${targetName} and (status = 'open' or told_status = 'open')
order by alert_name, sync_name, trouble`,
  )
  return rows.map((row) => ({
    ...toState(row),
    toldAt: momentOf(row['told_at']),
    lastError: cellText(row['last_error']),
  }))
}

function toState(row: Row): AlertState {
  const told = cellText(row['told_status'])
  return {
    dedupKey: String(row['dedup_key']),
    alert: String(row['alert_name']),
    sync: cellText(row['sync_name']),
    trouble: String(row['trouble']) as AlertState['trouble'],
    status: row['status'] === 'open' ? 'open' : 'closed',
    told: told === 'open' || told === 'closed' ? told : null,
    since: momentOf(row['since']) ?? '',
    words: toWords(row),
    attempts: Number(row['attempts'] ?? 0),
  }
}

/** The words of a row; plain ones where somebody has changed them into what is no JSON. */
function toWords(row: Row): AlertState['words'] {
  try {
    return JSON.parse(String(row['message'])) as AlertState['words']
  } catch {
    const title = `${cellText(row['sync_name']) ?? 'backhaul run'}: ${row['trouble']}`
    return { title, what: [], steps: [], command: null, runId: null }
  }
}

/** Attempts to claim what another process claims for the first time at the same moment. */
const claimAttempts = 3

/**
 * Writes down how alerts stand now, and claims them: what another process is about to tell is left to it.
 *
 * @param claim `toldAlready`: of changes that went out when the warehouse could not be asked, what was told, by key;
 *   `pause` lasts differently long for each process, so that two that meet do not meet again
 * @returns the states that are this process' to tell
 */
export async function claimAlerts(
  ledger: Ledger,
  changes: readonly AlertChange[],
  claim: Claim & { readonly pause: () => Promise<void> },
): Promise<readonly AlertState[]> {
  const { warehouse } = ledger
  const { targetName, holder } = claim
  let left = changes
  for (let attempt = 1; left.length > 0 && attempt <= claimAttempts; attempt++) {
    if (attempt > 1) await claim.pause()
    for (let from = 0; from < left.length; from += rowsAtOnce) {
      const some = left.slice(from, from + rowsAtOnce)
      const statement = claimStatement(warehouse.dialect, alerts(ledger), claim, some)
      // Where a key lets one of two first claims in, it refuses all of the other: it finds the row now.
      await warehouse.execute(statement).catch(() => warehouse.execute(statement))
    }
    const lost = await withdraw(ledger, claim)
    left = left.filter(({ dedupKey }) => lost.has(dedupKey))
  }
  const claimed = await warehouse.query(
    sql`select * from ${named(ledger, alerts(ledger))} where claimed_by = ${holder} and target_name = ${targetName} order by alert_name, sync_name, trouble`,
  )
  return [...new Map(claimed.map(toState).map((state) => [state.dedupKey, state])).values()]
}

/**
 * Where no key settles a race, two first claims may both have entered a row. Whoever sees the other's takes its own back: the one that
 * does not see another's got there first, and none of them tells what another tells.
 *
 * @returns keys of what was taken back
 */
async function withdraw(
  ledger: Ledger,
  { targetName, holder }: Claim,
): Promise<ReadonlySet<string>> {
  const { warehouse } = ledger
  if (warehouse.dialect.capabilities.enforcesKeys) return new Set()
  const table = named(ledger, alerts(ledger))
  const rows = await warehouse.query(
    sql`select distinct o.dedup_key from ${table} as o join ${table} as t on t.dedup_key = o.dedup_key
where o.claimed_by = ${holder} and o.target_name = ${targetName} and (t.claimed_by is null or t.claimed_by <> ${holder})`,
  )
  const keys = rows.map((row) => String(row['dedup_key']))
  for (let from = 0; from < keys.length; from += rowsAtOnce) {
    const some = keys.slice(from, from + rowsAtOnce).map((key) => sql`${key}`)
    await warehouse.execute(
      sql`delete from ${table} where claimed_by = ${holder} and dedup_key in (${join(some)})`,
    )
  }
  return new Set(keys)
}

export interface Claim {
  readonly targetName: string
  readonly holder: string
  readonly toldAlready: ReadonlyMap<string, 'open'>
}

/** One row per change; rows that somebody else is about to tell stay as they are. */
export function claimStatement(
  dialect: Dialect,
  table: TableRef,
  { targetName, holder, toldAlready }: Claim,
  changes: readonly AlertChange[],
): Sql {
  const now = dialect.now()
  const until = dialect.addSeconds(now, claimSeconds)
  const text = raw(dialect.type('text'))
  const rows = changes.map(
    (one) =>
      sql`select ${one.dedupKey} as dedup_key, ${one.alert} as alert_name, cast(${one.sync} as ${text}) as sync_name, ${one.trouble} as trouble, ${one.status} as status, ${JSON.stringify(one.words)} as message, cast(${toldAlready.get(one.dedupKey) ?? null} as ${text}) as told_status`,
  )
  return sql`merge into ${raw(tableName(dialect, table))} as t
using (${join(rows, '\n  union all ')}) as n on t.dedup_key = n.dedup_key
when matched and (t.claimed_until is null or t.claimed_until <= ${now} or t.claimed_by = ${holder})
  then update set since = case when t.status = n.status then t.since else ${now} end, status = n.status, message = n.message,
    told_status = coalesce(n.told_status, t.told_status), claimed_by = ${holder}, claimed_until = ${until}, updated_at = ${now}
when not matched then insert (dedup_key, alert_name, target_name, sync_name, trouble, status, since, message, told_status, attempts, claimed_by, claimed_until, updated_at)
  values (n.dedup_key, n.alert_name, ${targetName}, n.sync_name, n.trouble, n.status, ${now}, n.message, n.told_status, 0, ${holder}, ${until}, ${now})`
}

/** What became of alerts that were claimed. */
export interface Told {
  readonly dedupKey: string
  /** Undefined: it was told. */
  readonly error?: string
}

/** Enters what was told, and gives the claims back. */
export async function settleAlerts(
  ledger: Ledger,
  holder: string,
  told: readonly Told[],
): Promise<void> {
  const { warehouse } = ledger
  const statements = settleStatements(warehouse.dialect, alerts(ledger), holder, told)
  if (statements.length > 0) await warehouse.transaction(statements)
}

/** One statement for what was told, and one for each reason why something was not. */
export function settleStatements(
  dialect: Dialect,
  table: TableRef,
  holder: string,
  told: readonly Told[],
): readonly Sql[] {
  const now = dialect.now()
  const name = raw(tableName(dialect, table))
  const byError = new Map<string | undefined, Sql[]>()
  for (const { dedupKey, error } of told) {
    byError.set(error, [...(byError.get(error) ?? []), sql`${dedupKey}`])
  }
  return [...byError].map(([error, keys]) => {
    const ours = sql`where claimed_by = ${holder} and dedup_key in (${join(keys)})`
    const free = sql`claimed_by = null, claimed_until = null, updated_at = ${now}`
    return error === undefined
      ? sql`update ${name} set told_status = status, told_at = ${now}, attempts = 0, last_error = null, ${free} ${ours}`
      : sql`update ${name} set attempts = attempts + 1, last_error = ${error}, ${free} ${ours}`
  })
}

/** When a run of a sync last got through: it succeeded, or nothing but rejected rows kept it from that. */
export interface LastThrough {
  /** Milliseconds since the epoch; where none ever got through, when the first began. */
  readonly atMs: number
  readonly hasGotThrough: boolean
}

export interface LastRuns {
  /** By name of the sync; those that never ran are left out. */
  readonly through: ReadonlyMap<string, LastThrough>
  /** The moment by the clock that runs are written with, which need not be this machine's; undefined where none was. */
  readonly nowMs: number | undefined
}

export async function readLastThrough(ledger: Ledger): Promise<LastRuns> {
  const { warehouse } = ledger
  const rows = await warehouse.query(
    throughStatement(warehouse.dialect, sharedTable(ledger, 'runs')),
  )
  const moments = rows.map((row): [string, LastThrough] => {
    const through = momentOf(row['through_at'])
    const atMs = Date.parse(through ?? momentOf(row['first_at']) ?? '')
    return [String(row['sync_name']), { atMs, hasGotThrough: through !== null }]
  })
  const nowMs = Date.parse(momentOf(rows[0]?.['moment']) ?? '')
  return {
    through: new Map(moments.filter(([, { atMs }]) => !Number.isNaN(atMs))),
    nowMs: Number.isNaN(nowMs) ? undefined : nowMs,
  }
}

export const throughStatement = (dialect: Dialect, runs: TableRef): Sql =>
  sql`select sync_name, max(case when not coalesce(is_limited, 1 = 0) and (status = 'succeeded' or error_category in ('ROWS_REJECTED', 'LINKS_REJECTED')) then finished_at end) as through_at,
  min(started_at) as first_at, ${dialect.now()} as moment from ${raw(tableName(dialect, runs))} group by sync_name`
