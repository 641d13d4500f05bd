import type { RunStatus } from '../types.ts'
import { join, raw, type Sql, sql } from '../warehouse/sql.ts'
import { cellText, type Row } from '../warehouse/warehouse.ts'
import {
  columnNames,
  hasTable,
  type Ledger,
  linksOf,
  named,
  sharedTable,
  stateOf,
} from './ledger.ts'
import { noOutcomes, type OutcomeCounts } from './runs.ts'

/** A run as `runs` has it. */
export interface RecordedRun {
  readonly runId: string
  readonly status: RunStatus
  readonly startedAt: string | null
  /** Null while it is under way, and after a kill. */
  readonly finishedAt: string | null
  /** `--row` or `--limit` kept it to some rows: it says nothing about the others. */
  readonly isLimited: boolean
  readonly rowsInModel: number | null
  readonly counts: OutcomeCounts
  readonly calls: { readonly planned: number; readonly made: number; readonly reads: number }
  readonly error: { readonly category: string; readonly message: string } | null
}

/** A run with what it was of. */
export interface ListedRun extends RecordedRun {
  readonly invocationId: string
  readonly syncName: string
  readonly portalId: string | null
}

/** Rows of a state with one status and one reason. */
export interface StateGroup {
  readonly status: string
  readonly category: string | null
  readonly rows: number
  readonly exampleRowId: string
}

export interface HeldLease {
  readonly holder: string
  readonly expiresAt: string
}

const runColumns = `sync_name, run_id, status, started_at, finished_at, rows_in_model, rows_created, rows_updated, rows_rejected,
  rows_parked, rows_skipped, rows_pending, rows_unknown, rows_left, rows_returned, calls_planned, calls_made, reads_made,
  error_category, error_message`

const laterCounts =
  'rows_waiting, links_added, links_removed, links_waiting, links_pending, links_rejected'

/**
 * `is_limited` of `runs`, and its counts of links; a table that no run has completed yet for this release lacks the columns.
 * Undefined: no table.
 */
async function laterColumns(
  ledger: Ledger,
): Promise<{ readonly limited: Sql; readonly links: Sql } | undefined> {
  const columns = await columnNames(ledger, sharedTable(ledger, 'runs'))
  if (columns === undefined) return undefined
  return {
    limited: raw(columns.has('is_limited') ? 'coalesce(is_limited, 1 = 0)' : '1 = 0'),
    links: raw(columns.has('links_added') ? `, ${laterCounts}` : ''),
  }
}

/**
 * The last run of each sync, by its name.
 *
 * @param which `whole`: of those that no `--row` or `--limit` kept to some rows
 */
export async function readLastRuns(
  ledger: Ledger,
  which: 'any' | 'whole' = 'any',
): Promise<ReadonlyMap<string, RecordedRun>> {
  const later = await laterColumns(ledger)
  if (later === undefined) return new Map()
  const { limited, links } = later
  const runs = named(ledger, sharedTable(ledger, 'runs'))
  const meant = which === 'any' ? raw('') : sql`where not (${limited}) `
  const rows = await ledger.warehouse.query(
    sql`select ${raw(runColumns)}${links}, ${limited} as is_limited from ${runs}
where run_id in (select max(run_id) from ${runs} ${meant}group by sync_name)`,
  )
  return new Map(rows.map((row) => [String(row['sync_name']), toRun(row)]))
}

/** Which runs: those that started at or after a moment, of these syncs or of all. */
export interface RunFilter {
  readonly since: Sql
  readonly syncNames?: readonly string[]
}

/** SQL condition on `runs`. */
export function isAskedRun({ since, syncNames }: RunFilter): Sql {
  const begun = sql`started_at >= ${since}`
  if (syncNames === undefined) return begun
  if (syncNames.length === 0) return raw('1 = 0')
  return sql`${begun} and sync_name in (${join(syncNames.map((name) => sql`${name}`))})`
}

/** Runs, newest first, and how many there are in all. */
export async function readRuns(
  ledger: Ledger,
  filter: RunFilter,
  limit: number,
): Promise<{ readonly runs: readonly ListedRun[]; readonly total: number }> {
  const later = await laterColumns(ledger)
  if (later === undefined) return { runs: [], total: 0 }
  const { limited, links } = later
  const runs = named(ledger, sharedTable(ledger, 'runs'))
  const asked = isAskedRun(filter)
  const [counted] = await ledger.warehouse.query(
    sql`select count(*) as total from ${runs} where ${asked}`,
  )
  const rows = await ledger.warehouse.query(
    sql`select ${raw(runColumns)}${links}, ${limited} as is_limited, invocation_id, portal_id from ${runs}
where ${asked} order by run_id desc limit ${raw(String(limit))}`,
  )
  return {
    runs: rows.map((row) => ({
      ...toRun(row),
      invocationId: String(row['invocation_id']),
      syncName: String(row['sync_name']),
      portalId: cellText(row['portal_id']),
    })),
    total: Number(counted?.['total'] ?? 0),
  }
}

/** When each sync last succeeded as a whole, by its name. */
export async function readLastSuccesses(ledger: Ledger): Promise<ReadonlyMap<string, string>> {
  const later = await laterColumns(ledger)
  if (later === undefined) return new Map()
  const { limited } = later
  const rows = await ledger.warehouse.query(
    sql`select sync_name, max(finished_at) as finished_at from ${named(ledger, sharedTable(ledger, 'runs'))}
where status = 'succeeded' and not (${limited}) group by sync_name`,
  )
  return new Map(rows.map((row) => [String(row['sync_name']), momentOf(row['finished_at']) ?? '']))
}

/** Rows of a sync's state by status and reason, most frequent first; undefined where it has none yet. */
export async function readStateGroups(
  ledger: Ledger,
  syncName: string,
): Promise<readonly StateGroup[] | undefined> {
  const state = stateOf(ledger, syncName)
  if (!(await hasTable(ledger, state))) return undefined
  const rows = await ledger.warehouse.query(
    sql`select status, error_category, count(*) as total, min(row_id) as example_row from ${named(ledger, state)}
group by status, error_category order by count(*) desc, status, error_category`,
  )
  return rows.map(toGroup)
}

const toGroup = (row: Row): StateGroup => ({
  status: String(row['status']),
  category: cellText(row['error_category']),
  rows: Number(row['total']),
  exampleRowId: String(row['example_row']),
})

/** Links of a sync with one status and one reason, of one entry. */
export interface LinkGroup extends StateGroup {
  readonly association: string
}

/** Links of a sync by entry, status and reason, most frequent first; none where it has no table of them. */
export async function readLinkGroups(
  ledger: Ledger,
  syncName: string,
): Promise<readonly LinkGroup[]> {
  const links = linksOf(ledger, syncName)
  if (!(await hasTable(ledger, links))) return []
  const rows = await ledger.warehouse.query(
    sql`select association, status, error_category, count(*) as total, min(row_id) as example_row from ${named(ledger, links)}
group by association, status, error_category order by count(*) desc, association, status, error_category`,
  )
  return rows.map((row) => ({ ...toGroup(row), association: String(row['association']) }))
}

/** Leases that have not run out, by the warehouse's clock and the name of the sync. */
export async function readHeldLeases(ledger: Ledger): Promise<ReadonlyMap<string, HeldLease>> {
  const table = sharedTable(ledger, 'leases')
  if (!(await hasTable(ledger, table))) return new Map()
  const rows = await ledger.warehouse.query(
    sql`select sync_name, holder, expires_at from ${named(ledger, table)} where expires_at > ${ledger.warehouse.dialect.now()}`,
  )
  return new Map(
    rows.map((row) => [
      String(row['sync_name']),
      { holder: String(row['holder']), expiresAt: momentOf(row['expires_at']) ?? '' },
    ]),
  )
}

/** `rows_created`, or `links_added` of links. */
const columnOfCount = (name: keyof OutcomeCounts): string =>
  name.startsWith('links')
    ? name.replace(/[A-Z]/, (letter) => `_${letter.toLowerCase()}`)
    : `rows_${name}`

function toRun(row: Row): RecordedRun {
  const number = (column: string) => Number(row[column] ?? 0)
  const counts = { ...noOutcomes }
  for (const name of Object.keys(counts) as (keyof OutcomeCounts)[]) {
    counts[name] = number(columnOfCount(name))
  }
  const category = cellText(row['error_category'])
  return {
    runId: String(row['run_id']),
    status: String(row['status']) as RunStatus,
    isLimited: row['is_limited'] === true,
    startedAt: momentOf(row['started_at']),
    finishedAt: momentOf(row['finished_at']),
    rowsInModel: row['rows_in_model'] === null ? null : number('rows_in_model'),
    counts,
    calls: {
      planned: number('calls_planned'),
      made: number('calls_made'),
      reads: number('reads_made'),
    },
    error:
      category === null ? null : { category, message: cellText(row['error_message']) ?? category },
  }
}

/** A moment of a row in ISO 8601, whatever its precision; null where there is none. */
export function momentOf(value: Row[string] | undefined): string | null {
  const ms = Date.parse(cellText(value) ?? '')
  return Number.isNaN(ms) ? null : new Date(ms).toISOString()
}
