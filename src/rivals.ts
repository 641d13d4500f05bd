import type { Problem } from './errors.ts'
import type { ListRival, ListSource, Mapping, Sync } from './types.ts'

/** A mapping whose property another sync writes, too, without either saying that this is meant. */
export interface Rivalry {
  readonly mapping: Mapping
  readonly rival: Sync
}

/** What a sync maps that another sync of the same object maps, too, unless one of them says `shared: true`. */
export function rivalries(sync: Sync, others: readonly Sync[]): readonly Rivalry[] {
  return sync.mappings.flatMap((mapping) => {
    const rival = others.find((other) => !mayShare(sync, mapping, other))
    return rival === undefined ? [] : [{ mapping, rival }]
  })
}

/** Two syncs that find records by the same property write the same value to it; an event is one of its own, and nobody overwrites it. */
function mayShare(sync: Sync, { property, isShared }: Mapping, other: Sync): boolean {
  if ([sync, other].some(({ type }) => type === 'event')) return true
  const theirs = other.mappings.find((mapping) => mapping.property === property)
  const isMatchOfBoth = [sync, other].every(({ match }) => match?.property === property)
  return theirs === undefined || isMatchOfBoth || isShared === true || theirs.isShared === true
}

export function rivalProblem(sync: Sync, { mapping, rival }: Rivalry): Problem {
  const spelling = rival.object === sync.object ? '' : `, there called ${rival.object}`
  return {
    message: `the sync ${rival.name} writes this property of ${sync.object}${spelling}, too (${placeOf(rival)})`,
    where: mapping.origin,
    sync: sync.name,
    otherSync: rival.name,
    key: mapping.key,
    hint: 'Map it in one sync only, or say `shared: true` when both may write it: the last one wins.',
  }
}

/** Of two syncs that keep one list, one removes what leaves its model: it would go although the other model has it. */
const wouldClash = (one: Sync, other: Sync): boolean =>
  [one, other].every(({ mode }) => mode === 'mirror' || mode === 'add') &&
  [one, other].some(({ mode }) => mode === 'mirror')

/** Syncs that must not keep the list of this one. */
export const listRivals = (sync: Sync, others: readonly Sync[]): readonly ListRival[] =>
  others.flatMap((other) =>
    other.list === undefined || other.name === sync.name || !wouldClash(sync, other)
      ? []
      : [
          {
            name: other.name,
            ...(other.previousName === undefined ? {} : { previousName: other.previousName }),
            target: other.list.target,
            place: placeOf(other),
          },
        ],
  )

export function listProblem(
  sync: Pick<Sync, 'name'>,
  { origins }: ListSource,
  { name, place }: Pick<ListRival, 'name' | 'place'>,
): Problem {
  return {
    message: `the sync ${name} keeps this list, too (${place}): what leaves one model would go although the other has it`,
    where: origins.list,
    sync: sync.name,
    otherSync: name,
    key: 'list',
    hint: 'Keep a list by one sync: join the models, or use `mode: add` in both.',
  }
}

/** File and line of a sync. */
export function placeOf({ origin }: Sync): string {
  return origin.line === undefined ? origin.file : `${origin.file}:${origin.line}`
}
