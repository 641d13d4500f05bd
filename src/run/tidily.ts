import { WarehouseError } from '../errors.ts'
import type { RunContext } from './context.ts'

/** Housekeeping that the warehouse refuses is worth a warning: how the syncs ended is the news. */
export async function tidily(
  context: RunContext,
  warning: string,
  work: () => Promise<unknown>,
): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (!(error instanceof WarehouseError)) throw error
    if (!context.abort.aborted) context.log.warn(warning)
  }
}
