import { join, raw, type Sql, sql } from '../warehouse/sql.ts'
import { hasTable, type Ledger, linksOf, named, stateOf } from './ledger.ts'
import { afterRetry } from './transitions.ts'

/** Which parked rows are meant; all of them where nothing is said. */
export interface ParkedRows {
  readonly rowIds?: readonly string[]
  /** Upper case. */
  readonly categories?: readonly string[]
}

function isMeant({ rowIds, categories }: ParkedRows): Sql {
  const among = (column: string, values: readonly string[] | undefined) =>
    values === undefined
      ? []
      : [sql`${raw(column)} in (${join(values.map((value) => sql`${value}`))})`]
  return join(
    [
      raw("status = 'parked'"),
      ...among('row_id', rowIds),
      ...among('upper(error_category)', categories),
    ],
    ' and ',
  )
}

/** @param of rows of the state, or links */
export async function countParked(
  ledger: Ledger,
  syncName: string,
  parked: ParkedRows,
  of: 'rows' | 'links' = 'rows',
): Promise<number> {
  const state = of === 'rows' ? stateOf(ledger, syncName) : linksOf(ledger, syncName)
  if (!(await hasTable(ledger, state))) return 0
  const [row] = await ledger.warehouse.query(
    sql`select count(*) as total from ${named(ledger, state)} where ${isMeant(parked)}`,
  )
  return Number(row?.['total'] ?? 0)
}

/**
 * Lets the next run try parked links again, those of the rows that are meant. Called under the lease.
 *
 * @returns how many
 */
export function retryLinks(ledger: Ledger, syncName: string, parked: ParkedRows): Promise<number> {
  return ledger.warehouse.execute(
    sql`update ${named(ledger, linksOf(ledger, syncName))} set status = 'pending', attempts = 0, next_attempt_at = null, updated_at = ${ledger.warehouse.dialect.now()} where ${isMeant(parked)}`,
  )
}

/**
 * Lets the next run try parked rows again. Called under the lease.
 *
 * @returns how many
 */
export function retryRows(ledger: Ledger, syncName: string, parked: ParkedRows): Promise<number> {
  const { dialect } = ledger.warehouse
  return ledger.warehouse.execute(
    sql`update ${named(ledger, stateOf(ledger, syncName))} set ${join(
      afterRetry(dialect).map(({ column, value }) => sql`${raw(column)} = ${value}`),
    )} where ${isMeant(parked)}`,
  )
}
