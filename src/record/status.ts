import type { RunStatus } from '../types.ts'
import { tableName } from '../warehouse/dialect.ts'
import { raw, type Sql, sql } from '../warehouse/sql.ts'
import { cellText, type Row } from '../warehouse/warehouse.ts'
import { hasTable, type Ledger, linksOf, named, sharedTable, stateOf } from './ledger.ts'
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

const linkCounts = 'links_added, links_removed, links_waiting, links_pending, links_rejected'

/**
 * `is_limited` of `runs`, and its counts of links; a table that no run has completed yet for this release lacks the columns.
 * Undefined: no table.
 */
async function laterColumns(
  ledger: Ledger,
): Promise<{ readonly limited: Sql; readonly links: Sql } | undefined> {
  const table = tableName(ledger.warehouse.dialect, sharedTable(ledger, 'runs'))
  const columns = await ledger.warehouse.columns(table)
  if (columns === undefined) return undefined
  const isThere = (wanted: string) => columns.some(({ name }) => name.toLowerCase() === wanted)
  return {
    limited: raw(isThere('is_limited') ? 'coalesce(is_limited, 1 = 0)' : '1 = 0'),
    links: raw(isThere('links_added') ? `, ${linkCounts}` : ''),
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

/** Links of a sync by status and reason, most frequent first; none where it has no table of them. */
export async function readLinkGroups(
  ledger: Ledger,
  syncName: string,
): Promise<readonly StateGroup[]> {
  const links = linksOf(ledger, syncName)
  if (!(await hasTable(ledger, links))) return []
  const rows = await ledger.warehouse.query(
    sql`select status, error_category, count(*) as total, min(row_id) as example_row from ${named(ledger, links)}
group by status, error_category order by count(*) desc, status, error_category`,
  )
  return rows.map(toGroup)
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
