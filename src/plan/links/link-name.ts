import type { Association } from '../../types.ts'
import type { DiffLink } from '../diff-spec.ts'

/** Name of an entry, by what it finds: stable while the entry moves, changes its labels, or the other sync is renamed. */
export const linkName = (object: string, target: DiffLink['target']): string =>
  `${object}/${wayOf(
    target,
    targetColumns(target).map(({ name }) => name),
  )}`

export const targetColumns = (target: DiffLink['target']) =>
  target.kind === 'sync' ? target.columns : [target.column]

/** What stands before the columns in the name of an entry: the other object, and by what its record is found. */
export const withoutColumns = (association: string): string =>
  association.slice(0, association.indexOf(':', association.indexOf('/')))

/**
 * Whether a link that is known by such a name belongs to an entry of the sync, as far as its YAML says: names of objects and of columns
 * are spelled as HubSpot and the warehouse do, which nobody has asked here.
 */
export function isOfEntry(association: string, entries: readonly Association[]): boolean {
  const found = association.slice(association.indexOf('/') + 1).toLowerCase()
  return entries.some(({ target }) => {
    const columns = target.kind === 'sync' ? target.key : [target.column]
    return wayOf(target, columns).toLowerCase() === found
  })
}

type Way = { readonly kind: 'sync' | 'id' } | { readonly kind: 'match'; readonly property: string }

/** How an entry finds the other record: what stands behind the object in the name of its links. */
const wayOf = (way: Way, columns: readonly string[]): string =>
  `${way.kind === 'match' ? way.property : way.kind}:${columns.join(',')}`
