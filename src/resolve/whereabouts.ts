import { DestinationError } from '../errors.ts'
import type { Operation } from '../types.ts'
import type { Find } from './matches.ts'
import { findPassedOver } from './passed-over.ts'

/**
 * Looks for records that were merged into others, before they are archived: HubSpot leads from the old id to the record that
 * survived, which belongs to somebody else. One read for many, unless some are merged; which ones is found by halving.
 *
 * @param find tries once more only what is worth it; an `INCOMPLETE_ANSWER` is the sign of merged records
 * @returns id of the surviving record by sequence, for merged ones only
 * @throws DestinationError when HubSpot cannot be asked
 */
export async function findMerged(
  operations: readonly Pick<Operation, 'sequence' | 'recordId'>[],
  target: { readonly objectType: string; readonly batchSize: number },
  find: Find,
): Promise<ReadonlyMap<number, string>> {
  const merged = new Map<number, string>()
  for (let from = 0; from < operations.length; from += target.batchSize) {
    await search(operations.slice(from, from + target.batchSize), target.objectType, find, merged)
  }
  return merged
}

async function search(
  operations: readonly Pick<Operation, 'sequence' | 'recordId'>[],
  objectType: string,
  find: Find,
  merged: Map<number, string>,
): Promise<void> {
  const [only, ...others] = operations
  if (only === undefined) return
  if (others.length === 0) {
    const [place] = await findPassedOver([only], objectType, find)
    if (place?.kind === 'merged') merged.set(only.sequence, place.into)
    return
  }
  const values = operations.map(({ recordId = '' }) => recordId)
  try {
    const found = await find({ objectType, property: 'hs_object_id', values, properties: [] })
    const elsewhere = new Map(found.map((record) => [record.value, record.recordId]))
    for (const { sequence, recordId = '' } of operations) {
      const into = elsewhere.get(recordId)
      if (into !== undefined && into !== recordId) merged.set(sequence, into)
    }
  } catch (error) {
    if (!(error instanceof DestinationError) || error.category !== 'INCOMPLETE_ANSWER') throw error
    const middle = Math.ceil(operations.length / 2)
    await search(operations.slice(0, middle), objectType, find, merged)
    await search(operations.slice(middle), objectType, find, merged)
  }
}
