import type { Operation } from '../types.ts'
import type { Find } from './matches.ts'

/** What became of the record of an update that HubSpot's answer passed over. */
export type Whereabouts =
  | { readonly kind: 'there' }
  | { readonly kind: 'gone' }
  /** Merged into another record: asking for the old id leads to it. */
  | { readonly kind: 'merged'; readonly into: string }

/** Look-ups are one request each, so that the answer cannot be another's; more than these wait for the next run. */
export const maxPassedOver = 100

/**
 * Asks for the records of updates that an answer neither confirmed nor refused: HubSpot leaves out those that were merged away.
 *
 * @returns one entry per operation, in order
 * @throws DestinationError when a look-up cannot be answered
 */
export async function findPassedOver(
  operations: readonly Pick<Operation, 'recordId'>[],
  objectType: string,
  find: Find,
): Promise<readonly Whereabouts[]> {
  const found: Whereabouts[] = []
  for (const { recordId = '' } of operations) {
    const [record] = await find({
      objectType,
      property: 'hs_object_id',
      values: [recordId],
      properties: [],
    })
    if (record === undefined) found.push({ kind: 'gone' })
    else if (record.recordId === recordId) found.push({ kind: 'there' })
    else found.push({ kind: 'merged', into: record.recordId })
  }
  return found
}
