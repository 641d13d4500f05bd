import type { ListSource, Sync } from '../../types.ts'
import type { Column } from '../../warehouse/dialect.ts'
import { type DiffList, type DiffProperty, listParts } from '../diff-spec.ts'
import { contactOf } from './bind-event.ts'
import type { Report, Resolve } from './bind-match.ts'

/** What a sync of a list has in place of properties. */
export interface BoundList {
  readonly list: DiffList
  /** The list, for the audit. */
  readonly properties: readonly DiffProperty[]
  /** Columns that decide who is a member. */
  readonly columns: readonly Column[]
}

/** Checks how the rows of a sync of a list find their records. */
export function bindList(
  { mode }: Pick<Sync, 'mode'>,
  list: ListSource,
  resolve: Resolve,
  report: Report,
): BoundList | undefined {
  const contact = contactOf(list, resolve, report)
  if (contact === undefined) return undefined
  return {
    list: { contact, operation: mode === 'remove' ? 'remove' : 'add', isExact: list.isExact },
    properties: [
      {
        name: listParts.list,
        nulls: 'clear_always',
        onInvalid: 'reject_row',
        // A row that was taken off has no list: what the state says of a member outlives a change of mode.
        source: { kind: 'value', value: mode === 'remove' ? '' : listName(list) },
      },
    ],
    columns: contact.columns,
  }
}

/** What a list is called before HubSpot says its name. */
export const listName = ({ target }: Pick<ListSource, 'target'>): string =>
  target.kind === 'name' ? target.name : target.listId
