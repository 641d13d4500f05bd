import type { Sync } from '../types.ts'

type Dependent = Pick<Sync, 'name' | 'associations' | 'event'>

/** Syncs that a sync names, because its links lead to their rows, or its events are about them. */
const named = ({ associations, event }: Dependent): readonly string[] => [
  ...associations.flatMap(({ target }) => (target.kind === 'sync' ? [target.sync] : [])),
  ...(event?.about.kind === 'sync' ? [event.about.sync] : []),
]

/** Syncs so that each comes after those it names; in a circle, and everywhere else, as they were. */
export function inDependencyOrder<T extends Dependent>(syncs: readonly T[]): readonly T[] {
  const byName = new Map(syncs.map((sync) => [sync.name, sync]))
  const seen = new Set<string>()
  const ordered: T[] = []
  const visit = (sync: T) => {
    if (seen.has(sync.name)) return
    seen.add(sync.name)
    for (const name of named(sync)) {
      const other = byName.get(name)
      if (other !== undefined) visit(other)
    }
    ordered.push(sync)
  }
  for (const sync of syncs) visit(sync)
  return ordered
}
