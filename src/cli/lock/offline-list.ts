import { listName } from '../../plan/bind/bind-list.ts'
import type { Identity } from '../../record/identity.ts'
import type { AskingContext } from '../../run/asking.ts'
import type { TargetList } from '../../run/context.ts'
import { findTargetList } from '../../run/members/list.ts'
import type { ListSource, ObjectSchema, Sync } from '../../types.ts'
import type { Offline } from './portal-source.ts'

/**
 * The list that a sync writes. One that a run has made since the lock was is taken to be as the run left it: else every first run
 * of a list would make the lock useless.
 */
export function findList(
  { asking, offline }: { readonly asking: AskingContext; readonly offline?: Offline | undefined },
  sync: Sync,
  list: ListSource,
  schema: ObjectSchema,
  own: Identity | undefined,
  pinned: readonly Identity[],
): Promise<TargetList> | TargetList {
  const listId = own?.listId
  if (offline === undefined || listId === undefined || offline.portal.lists.has(listId))
    return findTargetList(asking, sync, list, schema, own, pinned)
  return {
    listId,
    name: listName(list),
    isMadeHere: own?.isListMadeHere === true,
    warnings: [
      {
        message: `${offline.file} says nothing of list ${listId}: it is taken to be as the last run left it`,
        hint: offline.renew,
        sync: sync.name,
        key: 'list',
        where: list.origins.list,
      },
    ],
  }
}
