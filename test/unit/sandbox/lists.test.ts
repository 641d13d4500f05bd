import { describe, expect, test } from 'vitest'
import { converse } from './conversation.ts'

const LISTS = '/crm/v3/lists'
const vip = { name: 'VIP', objectTypeId: '0-1', processingType: 'MANUAL' }

function withList() {
  const sandbox = converse()
  const ids = sandbox.seedRecords('contacts', [{ email: 'a@x.de' }, { email: 'b@x.de' }])
  const { listId } = sandbox.send('POST', LISTS, vip).body.list
  return { sandbox, ids, at: `${LISTS}/${listId}` }
}

describe('lists', () => {
  test('are made, and found by id and by name of their object type, whatever the case', () => {
    const { sandbox, at } = withList()
    expect(sandbox.send('GET', at).body.list).toMatchObject({ ...vip, size: 0 })
    expect(sandbox.send('GET', `${LISTS}/object-type-id/0-1/name/vIp`).status).toBe(200)
    expect(sandbox.send('GET', `${LISTS}/object-type-id/0-2/name/VIP`).status).toBe(404)
    expect(sandbox.send('GET', `${LISTS}?listIds=1&listIds=9`).body.lists).toHaveLength(1)
  })

  test('have names that no other list has, of whatever object type', () => {
    const { sandbox, at } = withList()
    const again = sandbox.send('POST', LISTS, { ...vip, name: 'vip', objectTypeId: '0-2' })
    expect(again).toMatchObject({ status: 400, body: { subCategory: 'ILS.DUPLICATE_LIST_NAMES' } })
    sandbox.send('POST', LISTS, { ...vip, name: 'Other' })
    expect(sandbox.send('PUT', `${at}/update-list-name?listName=other`).status).toBe(400)
    expect(sandbox.send('PUT', `${at}/update-list-name?listName=vip`).status).toBe(200)
  })

  test('are searched page by page', () => {
    const { sandbox } = withList()
    sandbox.addList('Very VIP', 'companies')
    sandbox.addList('All', 'contacts', 'DYNAMIC')
    const body = { query: 'vip', offset: 0, count: 1, additionalProperties: [] }
    const page = sandbox.send('POST', `${LISTS}/search`, body).body
    expect(page).toMatchObject({ hasMore: true, offset: 1, total: 2, lists: [{ name: 'VIP' }] })
    expect(page.lists[0].additionalProperties).toEqual({ hs_list_size: '0' })
    const rest = sandbox.send('POST', `${LISTS}/search`, { ...body, offset: 1 }).body
    expect(rest).toMatchObject({ hasMore: false, lists: [{ name: 'Very VIP' }] })
  })

  test('take and lose members; members already and records that are none are told apart', () => {
    const { sandbox, ids, at } = withList()
    const [a = '', b = ''] = ids
    const add = (...some: string[]) => sandbox.send('PUT', `${at}/memberships/add`, some).body
    expect(add(a, '404', a)).toEqual({
      recordsIdsAdded: [a],
      recordIdsRemoved: [],
      recordIdsMissing: ['404'],
    })
    expect(add(a)).toEqual({ recordsIdsAdded: [], recordIdsRemoved: [], recordIdsMissing: [] })
    const both = { recordIdsToAdd: [b], recordIdsToRemove: [a] }
    expect(sandbox.send('PUT', `${at}/memberships/add-and-remove`, both).body).toMatchObject({
      recordsIdsAdded: [b],
      recordIdsRemoved: [a],
    })
    expect(sandbox.send('PUT', `${at}/memberships/remove`, [a]).body.recordIdsRemoved).toEqual([])
    expect(sandbox.lists()).toMatchObject([{ members: [b] }])
    sandbox.archiveRecord('contacts', b)
    expect(sandbox.send('GET', `${at}/memberships`).body.results).toEqual([])
  })

  test('give their members page by page, a merged record as the one that it is now', () => {
    const { sandbox, ids, at } = withList()
    const [a = '', b = ''] = ids
    sandbox.changeMembers('1', [a, b])
    const page = sandbox.send('GET', `${at}/memberships?limit=1`).body
    expect(page).toMatchObject({
      total: 2,
      results: [{ recordId: a }],
      paging: { next: { after: a } },
    })
    expect(sandbox.send('GET', `${at}/memberships?limit=1&after=${a}`).body.results).toMatchObject([
      { recordId: b },
    ])
    expect(sandbox.send('GET', `${at}/memberships?limit=251`).status).toBe(400)
    sandbox.mergeRecords('contacts', a, b)
    expect(sandbox.send('GET', `${at}/memberships`).body.results).toHaveLength(1)
  })

  test('that are dynamic take no members', () => {
    const { sandbox, ids, at } = withList()
    sandbox.changeList('1', { processingType: 'DYNAMIC' })
    expect(sandbox.send('PUT', `${at}/memberships/add`, ids).status).toBe(400)
  })

  test('that are deleted are gone, leave their name free, and come back within 90 days', () => {
    const { sandbox, at } = withList()
    expect(sandbox.send('DELETE', at).status).toBe(204)
    expect(sandbox.send('GET', at).status).toBe(404)
    expect(sandbox.send('PUT', `${at}/memberships/add`, ['1']).status).toBe(404)
    expect(sandbox.send('PUT', `${at}/restore`).status).toBe(204)
    expect(sandbox.send('GET', at).status).toBe(200)
    sandbox.send('DELETE', at)
    sandbox.wait(91 * 86_400_000)
    expect(sandbox.send('PUT', `${at}/restore`).status).toBe(404)
  })

  test('may take only so many ids at once, and spell an answer the old way', () => {
    const sandbox = converse({ quirks: { maxListInputs: 1, spellsAddedTheOldWay: true } })
    const ids = sandbox.seedRecords('contacts', [{ email: 'a@x.de' }, { email: 'b@x.de' }])
    const at = `${LISTS}/${sandbox.addList('VIP', 'contacts')}/memberships/add`
    expect(sandbox.send('PUT', at, ids).status).toBe(400)
    expect(sandbox.send('PUT', at, ids.slice(1)).body.recordIdsAdded).toEqual(ids.slice(1))
  })
})
