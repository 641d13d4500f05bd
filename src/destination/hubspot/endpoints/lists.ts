import { type CallContext, type Calls, pageAfter } from '../calls.ts'
import type { Reply } from '../exchange.ts'

/** Lists, and their members. */
export interface ListEndpoints {
  getList(listId: string, context: CallContext): Promise<Reply>
  /** Whatever the case of the name. */
  getListByName(objectTypeId: string, name: string, context: CallContext): Promise<Reply>
  /** @param offset lists before the page @param query what their names have in them */
  searchLists(offset: number, context: CallContext, query?: string): Promise<Reply>
  createList(body: unknown, context: CallContext): Promise<Reply>
  /** @param after where the page begins */
  listMembers(listId: string, after: string | undefined, context: CallContext): Promise<Reply>
  changeMembers(
    listId: string,
    kind: 'add' | 'remove',
    recordIds: readonly string[],
    context: CallContext,
  ): Promise<Reply>
}

const LISTS = '/crm/v3/lists'

const listPath = (listId: string): string => `${LISTS}/${encodeURIComponent(listId)}`

export const listEndpoints = ({ read, write, define, get, post }: Calls): ListEndpoints => ({
  getList: (listId, context) => read({ action: 'read a list' }, context, get(listPath(listId))),
  getListByName: (objectTypeId, name, context) => {
    const ofType = `${LISTS}/object-type-id/${encodeURIComponent(objectTypeId)}`
    const path = `${ofType}/name/${encodeURIComponent(name)}`
    return read({ action: 'read a list by its name' }, context, get(path))
  },
  searchLists: (offset, context, query) =>
    read(
      { action: 'list the lists' },
      context,
      post(`${LISTS}/search`, {
        offset,
        count: 500,
        additionalProperties: [],
        listIds: [],
        processingTypes: [],
        ...(query === undefined ? {} : { query }),
      }),
    ),
  createList: (body, context) => define({ action: 'create a list', size: 1 }, context, LISTS, body),
  listMembers: (listId, after, context) =>
    read(
      { action: `read the members of list ${listId}` },
      context,
      get(`${listPath(listId)}/memberships?limit=250${pageAfter(after)}`),
    ),
  changeMembers: (listId, kind, recordIds, context) => {
    const size = recordIds.length
    const where = kind === 'add' ? 'to' : 'from'
    return write(
      { action: `${kind} ${size} members ${where} list ${listId}`, size },
      context,
      post(`${listPath(listId)}/memberships/${kind}`, recordIds, 'PUT'),
    )
  },
})
