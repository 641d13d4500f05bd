import type { StoredList } from './list.ts'
import { findObjectType, type Portal } from './portal.ts'

const RESTORABLE_MS = 90 * 86_400_000

/** A list that is there. */
export function findList({ lists }: Portal, listId: string): StoredList | undefined {
  const list = lists.get(listId)
  return list?.deletedAt === undefined ? list : undefined
}

/** A deleted list that can be restored. */
export function findDeletedList(
  { lists }: Portal,
  listId: string,
  now: number,
): StoredList | undefined {
  const list = lists.get(listId)
  return list?.deletedAt !== undefined && now - list.deletedAt < RESTORABLE_MS ? list : undefined
}

/** Names are unique over all object types, whatever their case. */
export const findListByName = ({ lists }: Portal, name: string): StoredList | undefined =>
  [...lists.values()].find(
    (list) => list.deletedAt === undefined && list.name.toLowerCase() === name.toLowerCase(),
  )

/** Makes a list without members. */
export function addList(
  portal: Portal,
  facts: Pick<StoredList, 'name' | 'objectTypeId' | 'processingType'>,
  now: number,
): StoredList {
  const listId = String(portal.lists.size + 1)
  const list: StoredList = {
    ...facts,
    listId,
    createdAt: now,
    updatedAt: now,
    deletedAt: undefined,
    version: 1,
    members: new Map(),
  }
  portal.lists.set(listId, list)
  return list
}

/** Members whose records are there, by record id; a record that was merged away counts as the one that it is now. */
export function membersOf(
  portal: Portal,
  { objectTypeId, members }: StoredList,
): readonly (readonly [recordId: string, since: number])[] {
  const found = new Map<string, number>()
  for (const [id, since] of members) {
    const recordId = liveRecord(portal, objectTypeId, id)
    if (recordId !== undefined) found.set(recordId, Math.min(since, found.get(recordId) ?? since))
  }
  return [...found].sort(([one], [other]) => Number(one) - Number(other))
}

function liveRecord(portal: Portal, objectTypeId: string, id: string): string | undefined {
  const type = findObjectType(portal, objectTypeId)
  let recordId: string | undefined = id
  while (recordId !== undefined && type?.records.has(recordId) !== true)
    recordId = type?.merged.get(recordId)
  return recordId
}

/** What a change of members did. */
export interface MembersChanged {
  readonly added: readonly string[]
  readonly removed: readonly string[]
  /** No such record. */
  readonly missing: readonly string[]
}

/** Adds and removes records; those that are members already, or are none, are in no list of the answer. */
export function changeMembers(
  portal: Portal,
  list: StoredList,
  toAdd: readonly string[],
  toRemove: readonly string[],
  now: number,
): MembersChanged {
  const type = findObjectType(portal, list.objectTypeId)
  const exists = (id: string) => type?.records.has(id) === true
  if ((type?.merged.size ?? 0) > 0) {
    const present = membersOf(portal, list)
    list.members.clear()
    for (const [id, since] of present) list.members.set(id, since)
  }
  const added = new Set<string>()
  const removed = new Set<string>()
  for (const id of toAdd) {
    if (!exists(id) || list.members.has(id)) continue
    list.members.set(id, now)
    added.add(id)
  }
  for (const id of toRemove) if (exists(id) && list.members.delete(id)) removed.add(id)
  list.updatedAt = now
  return {
    added: [...added],
    removed: [...removed],
    missing: [...new Set([...toAdd, ...toRemove].filter((id) => !exists(id)))],
  }
}
