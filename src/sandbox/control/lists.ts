import type { SandboxState } from '../state.ts'
import type { ProcessingType, SandboxList, StoredList } from '../store/list.ts'
import { addList, changeMembers, membersOf } from '../store/list-members.ts'
import { foundList, foundType } from './found.ts'

/** Lists, and their members. */
export interface ListControl {
  /** Makes a list as a HubSpot user would; answers its id. */
  readonly addList: (
    name: string,
    objectType: string,
    processingType?: ProcessingType,
    members?: readonly string[],
  ) => string
  /** Changes a list as a HubSpot user would: its name, how it gets members, or that it is there. */
  readonly changeList: (
    listId: string,
    changes: Partial<Pick<StoredList, 'name' | 'processingType'>> & {
      readonly isDeleted?: boolean
    },
  ) => void
  /** Adds and removes members by hand. */
  readonly changeMembers: (
    listId: string,
    toAdd: readonly string[],
    toRemove?: readonly string[],
  ) => void
  /** All lists, oldest first. */
  readonly lists: () => readonly SandboxList[]
}

export const listControl = (state: SandboxState): ListControl => ({
  addList: (name, objectType, processingType = 'MANUAL', members = []) => {
    const now = state.options.clock()
    const { objectTypeId } = foundType(state, objectType)
    const list = addList(state.portal, { name, objectTypeId, processingType }, now)
    changeMembers(state.portal, list, members, [], now)
    return list.listId
  },
  changeList: (listId, { isDeleted, ...changes }) => {
    const list = foundList(state, listId)
    Object.assign(list, changes)
    if (isDeleted !== undefined) list.deletedAt = isDeleted ? state.options.clock() : undefined
  },
  changeMembers: (listId, toAdd, toRemove = []) => {
    const list = foundList(state, listId)
    changeMembers(state.portal, list, toAdd, toRemove, state.options.clock())
  },
  lists: () =>
    [...state.portal.lists.values()].map((list) => ({
      listId: list.listId,
      name: list.name,
      objectTypeId: list.objectTypeId,
      processingType: list.processingType,
      isDeleted: list.deletedAt !== undefined,
      members: membersOf(state.portal, list).map(([recordId]) => recordId),
    })),
})
