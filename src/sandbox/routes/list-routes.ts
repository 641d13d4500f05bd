import {
  addAndRemoveMembers,
  addMembers,
  deleteList,
  getList,
  getListByName,
  getLists,
  getMembers,
  postList,
  removeMembers,
  renameList,
  restoreList,
  searchLists,
} from '../endpoints/lists.ts'
import { otherScopes } from '../scopes.ts'
import { area, DATED_VERSION, type Route } from './route.ts'

const lists = area('/crm/v3/lists', `/crm/lists/${DATED_VERSION}`, {
  read: [otherScopes.readLists],
  write: [otherScopes.writeLists],
})

/** Lists ("segments") and their members. */
export const LIST_ROUTES: readonly Route[] = [
  lists('read', 'lists.several', 'GET', getLists),
  lists('define', 'lists.create', 'POST', postList),
  lists('read', 'lists.search', 'POST /search', searchLists),
  lists(
    'read',
    'lists.byName',
    'GET /object-type-id/{objectTypeId}/name/{listName}',
    getListByName,
  ),
  lists('read', 'lists.get', 'GET /{listId}', getList),
  lists('define', 'lists.delete', 'DELETE /{listId}', deleteList),
  lists('define', 'lists.restore', 'PUT /{listId}/restore', restoreList),
  lists('define', 'lists.rename', 'PUT /{listId}/update-list-name', renameList),
  lists('read', 'lists.members', 'GET /{listId}/memberships', getMembers),
  lists('write', 'lists.members.add', 'PUT /{listId}/memberships/add', addMembers),
  lists('write', 'lists.members.remove', 'PUT /{listId}/memberships/remove', removeMembers),
  lists(
    'write',
    'lists.members.both',
    'PUT /{listId}/memberships/add-and-remove',
    addAndRemoveMembers,
  ),
]
