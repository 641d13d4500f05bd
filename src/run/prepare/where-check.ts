import { UserError, WarehouseError } from '../../errors.ts'
import type { Sync } from '../../types.ts'
import { raw, sql } from '../../warehouse/sql.ts'
import type { Warehouse } from '../../warehouse/warehouse.ts'

/**
 * Tries `where:` of a sync by itself. A planning statement that fails because of it would only name the statement.
 *
 * @throws UserError when the warehouse does not understand it
 */
export async function checkWhere(warehouse: Warehouse, sync: Sync): Promise<void> {
  const { where, model } = sync
  if (where === undefined || model.relationName === undefined) return
  const probe = sql`select 1 as one from ${raw(model.relationName)} where (${raw(where)}
) and 1 = 0`
  try {
    await warehouse.withSnapshot(() => warehouse.query(probe))
  } catch (error) {
    if (!(error instanceof WarehouseError) || error.disposition !== 'terminal') throw error
    throw new UserError(
      {
        message: `the warehouse does not understand \`${where}\`: ${error.message.replace(/^Running a statement: /, '')}`,
        sync: sync.name,
        key: 'where',
        where: sync.keyOrigins.where,
        hint: 'Write a condition over the columns of the model, as after `where` in SQL.',
      },
      { cause: error },
    )
  }
}

/** What planning failed on: the sync's own `where:`, or the error as it is. */
export async function blameWhere(
  warehouse: Warehouse,
  sync: Sync,
  error: unknown,
): Promise<unknown> {
  if (!(error instanceof WarehouseError) || error.disposition !== 'terminal') return error
  return checkWhere(warehouse, sync).then(
    () => error,
    (found: unknown) => (found instanceof UserError ? found : error),
  )
}
