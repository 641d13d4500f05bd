import type { PlannedOperation } from '../../record/plan-rows.ts'
import { findMerged } from '../../resolve/whereabouts.ts'
import { findOnce } from '../asking.ts'
import type { RunContext } from '../context.ts'

/** A link that is to be taken off and is not there, with the objects of its two records. */
export interface AbsentLink {
  readonly operation: PlannedOperation
  readonly from: string
  readonly to: string
  readonly recordId: string
  readonly toId: string
}

/**
 * Looks whether links are gone because one of their records was merged into another: that one has them now, and may be somebody else's.
 *
 * @returns by sequence, what became of it in words
 */
export async function findMergedEnds(
  context: RunContext,
  links: readonly AbsentLink[],
): Promise<ReadonlyMap<number, string>> {
  const ends = links.flatMap(({ operation: { sequence }, from, to, recordId, toId }) => [
    { sequence, object: from, id: recordId },
    { sequence, object: to, id: toId },
  ])
  const told = new Map<number, string>()
  for (const object of new Set(ends.map((end) => end.object))) {
    const own = ends.filter((end) => end.object === object)
    const records = [...new Set(own.map(({ id }) => id))].map((recordId, sequence) => ({
      sequence,
      recordId,
    }))
    const target = { objectType: object, batchSize: context.destination.maxBatchSize }
    const merged = await findMerged(records, target, findOnce(context))
    const into = new Map(records.map(({ sequence, recordId }) => [recordId, merged.get(sequence)]))
    for (const { sequence, id } of own) {
      const survivor = into.get(id)
      if (survivor !== undefined)
        told.set(
          sequence,
          `Record ${id} was merged into ${survivor}, whose links stay as they are.`,
        )
    }
  }
  return told
}
