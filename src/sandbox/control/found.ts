import type { SandboxState } from '../state.ts'
import type { StoredList } from '../store/list.ts'
import type { ObjectType, StoredRecord } from '../store/object-type.ts'
import { findObjectType } from '../store/portal.ts'
import { SandboxUsageError } from '../usage-error.ts'

/** Whoever names what is not there has made a mistake of their own. @throws SandboxUsageError */
export function foundType({ portal }: SandboxState, name: string): ObjectType {
  const type = findObjectType(portal, name)
  if (type === undefined) throw new SandboxUsageError(`There is no object type "${name}".`)
  return type
}

export function foundRecord(type: ObjectType, id: string): StoredRecord {
  const record = type.records.get(id)
  if (record === undefined) throw new SandboxUsageError(`There is no record ${id} of ${type.name}.`)
  return record
}

export function foundList({ portal }: SandboxState, listId: string): StoredList {
  const list = portal.lists.get(listId)
  if (list === undefined) throw new SandboxUsageError(`There is no list ${listId}.`)
  return list
}
