import type { FoundRecord } from '../destination/destination.ts'
import { DestinationError } from '../errors.ts'
import type { Operation } from '../types.ts'
import type { Find } from './matches.ts'

/**
 * Reads the records that rows are bound to. A record that was merged into another one is not accounted for beside others: which
 * ones are is found by halving, and what is not accounted for even alone is left out.
 *
 * @param find tries once more only what is worth it; an `INCOMPLETE_ANSWER` is the sign of merged records
 * @returns records by sequence
 * @throws DestinationError when HubSpot cannot be asked
 */
export async function readHeld(
  operations: readonly Operation[],
  target: { readonly objectType: string; readonly batchSize: number },
  properties: readonly string[],
  find: Find,
): Promise<ReadonlyMap<number, FoundRecord>> {
  const held = new Map<number, FoundRecord>()
  for (let from = 0; from < operations.length; from += target.batchSize) {
    const part = operations.slice(from, from + target.batchSize)
    await read(part, target.objectType, properties, find, held)
  }
  return held
}

async function read(
  operations: readonly Operation[],
  objectType: string,
  properties: readonly string[],
  find: Find,
  held: Map<number, FoundRecord>,
): Promise<void> {
  const values = [...new Set(operations.map(({ recordId = '' }) => recordId))]
  try {
    const found = await find({ objectType, property: 'hs_object_id', values, properties })
    const byId = new Map(found.map((record) => [record.value, record]))
    for (const { sequence, recordId = '' } of operations) {
      const record = byId.get(recordId)
      if (record !== undefined) held.set(sequence, record)
    }
  } catch (error) {
    if (!(error instanceof DestinationError) || error.category !== 'INCOMPLETE_ANSWER') throw error
    if (operations.length === 1) return
    const middle = Math.ceil(operations.length / 2)
    await read(operations.slice(0, middle), objectType, properties, find, held)
    await read(operations.slice(middle), objectType, properties, find, held)
  }
}
