import { DestinationError } from '../../errors.ts'
import type { Batch, HubspotList, Operation, RecordResult } from '../../types.ts'
import type { ListReference, MembersPage } from '../destination.ts'
import type { CallContext } from './calls.ts'
import type { ListEndpoints } from './endpoints/lists.ts'
import type { Reply } from './exchange.ts'
import { asRecord, asText, asTexts } from './json.ts'
import { listOf, nextOf, repeats, unreadable } from './listed.ts'

/**
 * Record ids per change of a list's members. HubSpot documents no limit
 * (developers.hubspot.com/docs/api-reference/legacy/crm/lists/guide, checked 2026-11-23): where a request is refused, it is halved.
 */
export const MAX_LIST_INPUTS = 1000

/** Members per page. */
export const MAX_MEMBERS_PAGE = 250

/** A list by its id, or by its name among those of an object type; undefined when there is none. */
export async function findList(
  client: ListEndpoints,
  reference: ListReference,
  context: CallContext,
): Promise<HubspotList | undefined> {
  try {
    const reply = await ('listId' in reference
      ? client.getList(reference.listId, context)
      : client.getListByName(reference.objectTypeId, reference.name, context))
    return answeredList(reply, 'read a list')
  } catch (error) {
    if (error instanceof DestinationError && error.status === 404) return undefined
    throw error
  }
}

/** Every list of the portal: a call per 500, and at least one. */
export async function searchLists(
  client: ListEndpoints,
  context: CallContext,
): Promise<readonly HubspotList[]> {
  const lists: HubspotList[] = []
  for (let offset = 0; ; ) {
    const reply = await client.searchLists(offset, context)
    const page = listOf(reply, 'list the lists', 'lists')
    lists.push(...page.flatMap((value) => readList(value) ?? []))
    offset += page.length
    if (reply.body['hasMore'] !== true || page.length === 0) return lists
  }
}

/** A list of whatever object type that has the name, in whatever case. */
export async function findNamesake(
  client: ListEndpoints,
  name: string,
  context: CallContext,
): Promise<HubspotList | undefined> {
  const reply = await client.searchLists(0, context, name)
  return listOf(reply, 'list the lists', 'lists')
    .flatMap((value) => readList(value) ?? [])
    .find((list) => list.name.toLowerCase() === name.toLowerCase())
}

/**
 * @returns undefined for a list that was deleted
 * @throws DestinationError for an answer that has none: to take it for "there is no such list" would have another one made
 */
function answeredList(reply: Reply, action: string): HubspotList | undefined {
  if (asText(asRecord(reply.body['list'])['listId']) === undefined) throw unreadable(reply, action)
  return readList(reply.body['list'])
}

function readList(value: unknown): HubspotList | undefined {
  const list = asRecord(value)
  const listId = asText(list['listId'])
  if (listId === undefined || asText(list['deletedAt']) !== undefined) return undefined
  const size = Number(
    asText(list['size']) ?? asText(asRecord(list['additionalProperties'])['hs_list_size']),
  )
  const processingType = asText(list['processingType']) ?? 'UNKNOWN'
  const whyFixed = whyNotWritable(processingType)
  return {
    listId,
    name: asText(list['name']) ?? listId,
    objectTypeId: asText(list['objectTypeId']) ?? '',
    processingType,
    ...(whyFixed === undefined ? {} : { whyFixed }),
    ...(Number.isNaN(size) ? {} : { size }),
  }
}

/** @returns undefined when a list of any object type has the name */
export async function createList(
  client: ListEndpoints,
  { name, objectTypeId }: { readonly name: string; readonly objectTypeId: string },
  context: CallContext,
): Promise<HubspotList | undefined> {
  try {
    const draft = { name, objectTypeId, processingType: 'MANUAL' }
    return answeredList(await client.createList(draft, context), 'create a list')
  } catch (error) {
    if (error instanceof DestinationError && error.category === 'LIST_NAME_TAKEN') return undefined
    throw error
  }
}

/** One page of the members of a list, by record id. */
export async function readMembers(
  client: ListEndpoints,
  listId: string,
  after: string | undefined,
  context: CallContext,
): Promise<MembersPage> {
  const reply = await client.listMembers(listId, after, context)
  const action = `read the members of list ${listId}`
  const recordIds = listOf(reply, action).map((value) => {
    const recordId = asText(asRecord(value)['recordId'])
    if (recordId === undefined) throw unreadable(reply, action)
    return recordId
  })
  const next = nextOf(reply.body)
  if (next !== undefined && next === after) throw repeats(reply, action)
  return { recordIds, ...(next === undefined ? {} : { next }) }
}

/**
 * Adds records to a list, or removes them, in one request. Several operations may name one record.
 *
 * @returns one result per operation, in order; `isCreated` of an added one says whether it was no member before
 */
export async function writeMembers(
  client: ListEndpoints,
  batch: Batch,
  context: CallContext,
): Promise<readonly RecordResult[]> {
  const { listId, kind, operations } = batch
  if (listId === undefined || (kind !== 'add' && kind !== 'remove'))
    throw new TypeError(`${kind} without a list`)
  const recordIds = [...new Set(operations.map(recordOf))]
  try {
    return accountForMembers(batch, await client.changeMembers(listId, kind, recordIds, context))
  } catch (error) {
    if (error instanceof DestinationError && (error.isContent || error.status === 404))
      await refuseList(client, listId, context)
    throw error
  }
}

/** A refusal may be the list's fault and not that of its members: then no half of them would do better. */
async function refuseList(
  client: ListEndpoints,
  listId: string,
  context: CallContext,
): Promise<void> {
  const list = await findList(client, { listId }, context)
  const trouble = list === undefined ? 'was deleted in HubSpot' : list.whyFixed
  if (trouble === undefined) return
  throw new DestinationError({
    action: `change the members of list ${listId}`,
    detail: `the list ${trouble}`,
    category: list === undefined ? 'LIST_GONE' : 'LIST_NOT_WRITABLE',
    disposition: 'terminal',
    hint: 'Run again: the next run says what can be done.',
  })
}

/** Why nobody can add members to a list by hand; undefined where one can. */
export function whyNotWritable(processingType: string): string | undefined {
  if (processingType === 'MANUAL' || processingType === 'SNAPSHOT') return undefined
  return processingType === 'DYNAMIC'
    ? 'is dynamic: its filters alone decide who is a member'
    : `has the processing type ${processingType}, of which nothing is known`
}

function recordOf({ sequence, recordId }: Operation): string {
  if (recordId === undefined) throw new TypeError(`operation ${sequence}: no record id`)
  return recordId
}

function accountForMembers({ kind, operations }: Batch, reply: Reply): readonly RecordResult[] {
  const { body, requestId, correlationId } = reply
  const addedIds = body['recordsIdsAdded'] ?? body['recordIdsAdded']
  const added = new Set(asTexts(addedIds))
  const missing = new Set(asTexts(body['recordIdsMissing']))
  const isAnswer = addedIds !== undefined || body['recordIdsRemoved'] !== undefined
  return operations.map((operation): RecordResult => {
    const recordId = recordOf(operation)
    const outcome = !isAnswer ? 'unknown' : missing.has(recordId) ? 'missing' : 'succeeded'
    return {
      sequence: operation.sequence,
      outcome,
      recordId,
      ...(kind === 'add' && outcome === 'succeeded' && addedIds !== undefined
        ? { isCreated: added.has(recordId) }
        : {}),
      requestId,
      ...(correlationId === undefined ? {} : { correlationId }),
    }
  })
}
