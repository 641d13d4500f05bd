import type { AssociationSpecAssociationCategoryEnum } from '@hubspot/api-client/lib/codegen/crm/associations/v4/index.js'
import type { PublicObjectSearchRequest } from '@hubspot/api-client/lib/codegen/crm/objects/index.js'
import type { LinkTypeRef, PropertyDefinition } from '../../types.ts'
import { type Call, type ExchangeOptions, exchange, type Reply } from './exchange.ts'
import type { Lane } from './limits.ts'
import {
  linksApi,
  linkTypesApi,
  objectsApi,
  propertiesApi,
  type SdkServer,
  type Send,
  schemasApi,
  searchApi,
} from './sdk.ts'
import type { SearchBody } from './search-body.ts'
import type { AccessTokens } from './tokens.ts'

export interface CreateInput {
  readonly properties: Readonly<Record<string, string>>
  readonly objectWriteTraceId: string
}

export interface UpdateInput extends CreateInput {
  readonly id: string
}

export interface UpsertInput extends UpdateInput {
  readonly idProperty: string
}

export interface ReadInputs {
  readonly ids: readonly string[]
  /** Absent: `ids` are record ids. */
  readonly idProperty?: string
  readonly properties: readonly string[]
}

/** An event, as it is sent. */
export interface EventInput {
  readonly eventName: string
  readonly uuid: string
  readonly occurredAt: string
  readonly objectId?: string
  readonly email?: string
  readonly utk?: string
  readonly properties: Readonly<Record<string, string>>
}

/** A pair of records, and the types that are set or taken off. */
export interface LinkInput {
  readonly fromId: string
  readonly toId: string
  readonly types: readonly LinkTypeRef[]
}

/** What every call is given beside its own arguments. */
export interface CallContext {
  readonly signal: AbortSignal
  /** Once aborted, a request that still waits for its turn is not sent. */
  readonly stop?: AbortSignal
  /** Counts from 1; only recorded. */
  readonly attempt: number
}

/**
 * One method per endpoint, one request per call (no repeats). An answer that is not 2xx, an answer that cannot be
 * read, and no answer at all are thrown as `DestinationError`; 207 is an answer.
 */
export interface HubspotClient {
  createBatch(type: string, inputs: readonly CreateInput[], context: CallContext): Promise<Reply>
  updateBatch(type: string, inputs: readonly UpdateInput[], context: CallContext): Promise<Reply>
  upsertBatch(type: string, inputs: readonly UpsertInput[], context: CallContext): Promise<Reply>
  archiveBatch(type: string, ids: readonly string[], context: CallContext): Promise<Reply>
  readBatch(type: string, inputs: ReadInputs, context: CallContext): Promise<Reply>
  /** @param values asked for, for the record of requests */
  search(type: string, values: number, body: SearchBody, context: CallContext): Promise<Reply>
  listProperties(type: string, isArchived: boolean, context: CallContext): Promise<Reply>
  listSchemas(context: CallContext): Promise<Reply>
  listPipelines(type: string, context: CallContext): Promise<Reply>
  createProperties(
    type: string,
    definitions: readonly PropertyDefinition[],
    context: CallContext,
  ): Promise<Reply>
  createGroup(
    type: string,
    group: { readonly name: string; readonly label: string },
    context: CallContext,
  ): Promise<Reply>
  /** Validation rules of all properties of an object type; takes its id only. */
  listRules(objectTypeId: string, context: CallContext): Promise<Reply>
  /** By internal or full name. */
  getEvent(name: string, context: CallContext): Promise<Reply>
  /** Properties included. @param after where the page begins */
  listEvents(after: string | undefined, context: CallContext): Promise<Reply>
  createEvent(body: unknown, context: CallContext): Promise<Reply>
  createEventProperty(event: string, body: unknown, context: CallContext): Promise<Reply>
  sendEvents(inputs: readonly EventInput[], context: CallContext): Promise<Reply>
  /** Types of links, with their labels. */
  listLinkTypes(from: string, to: string, context: CallContext): Promise<Reply>
  readLinks(
    from: string,
    to: string,
    records: readonly { readonly id: string; readonly after?: string }[],
    context: CallContext,
  ): Promise<Reply>
  /** Sets the types of each pair, in place of those that it has. */
  associate(
    from: string,
    to: string,
    inputs: readonly LinkInput[],
    context: CallContext,
  ): Promise<Reply>
  /** Makes the unlabelled link; labels that a pair has stay. */
  associateDefault(
    from: string,
    to: string,
    inputs: readonly LinkInput[],
    context: CallContext,
  ): Promise<Reply>
  /** Takes off all types of each pair. */
  dissociate(
    from: string,
    to: string,
    inputs: readonly LinkInput[],
    context: CallContext,
  ): Promise<Reply>
  /** Takes off the types that are named. */
  dissociateTypes(
    from: string,
    to: string,
    inputs: readonly LinkInput[],
    context: CallContext,
  ): Promise<Reply>
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
  accountDetails(context: CallContext): Promise<Reply>
  /** @param after where the page begins */
  listOwners(after: string | undefined, isArchived: boolean, context: CallContext): Promise<Reply>
  dailyUsage(context: CallContext): Promise<Reply>
  /** What the token is and may do. The token stands in the body, which is kept nowhere. */
  tokenInfo(context: CallContext): Promise<Reply>
  /** Attempts so far. */
  counts(): { readonly writes: number; readonly reads: number }
}

const EVENTS = '/events/v3/event-definitions'
const LISTS = '/crm/v3/lists'

/**
 * One long function: a short entry per endpoint.
 *
 * @param server its `baseUrl` is scheme and host (and a path, if any), without a slash at the end
 */
export function createClient(
  server: SdkServer,
  options: ExchangeOptions & { readonly tokens: AccessTokens },
): HubspotClient {
  const counts = { writes: 0, reads: 0 }

  const write = (
    verb: string,
    type: string,
    size: number,
    context: CallContext,
    make: (send: Send) => Promise<unknown>,
  ): Promise<Reply> => {
    const action = `${verb} ${size} ${type}`
    const call: Call = { ...context, action, effect: 'write', lane: 'default', batchSize: size }
    return exchange(call, options, (send) => make(counted('writes', send)))
  }

  const read = (
    action: string,
    size: number,
    context: CallContext,
    make: (send: Send) => Promise<unknown>,
    kind: { readonly lane?: Lane; readonly holdsSecret?: boolean } = {},
  ): Promise<Reply> => {
    const call: Call = {
      ...context,
      action,
      effect: 'read',
      lane: kind.lane ?? 'default',
      batchSize: size,
      ...(kind.holdsSecret === true ? { holdsSecret: true } : {}),
    }
    return exchange(call, options, (send) => make(counted('reads', send)))
  }

  const counted =
    (kind: 'writes' | 'reads', send: Send): Send =>
    (request) => {
      counts[kind] += 1
      return send(request)
    }

  /** Definitions may be written again: what is there is there. */
  const define = (
    action: string,
    size: number,
    context: CallContext,
    path: string,
    body: unknown,
  ): Promise<Reply> => {
    const call: Call = { ...context, action, effect: 'read', lane: 'default', batchSize: size }
    return exchange(call, options, (send) => post(path, body)(counted('writes', send)))
  }

  const post =
    (path: string, body: unknown, method = 'POST') =>
    (send: Send): Promise<unknown> =>
      send({
        method,
        url: `${server.baseUrl}${path}`,
        headers: {
          Accept: 'application/json',
          'Content-Type': 'application/json',
        },
        body: JSON.stringify(body),
      })

  /** For endpoints that the SDK does not have. */
  const get =
    (path: string) =>
    (send: Send): Promise<unknown> =>
      send({
        method: 'GET',
        url: `${server.baseUrl}${path}`,
        headers: { Accept: 'application/json' },
      })

  const eventPages = (after: string | undefined): string =>
    `${EVENTS}?limit=100&includeProperties=true${after === undefined ? '' : `&after=${encodeURIComponent(after)}`}`

  const memberPages = (listId: string, after: string | undefined): string =>
    `${LISTS}/${encodeURIComponent(listId)}/memberships?limit=250${after === undefined ? '' : `&after=${encodeURIComponent(after)}`}`

  const ownerPages = (after: string | undefined, isArchived: boolean): string =>
    `/crm/v3/owners?limit=100&archived=${isArchived}${after === undefined ? '' : `&after=${encodeURIComponent(after)}`}`

  return {
    createBatch: (type, inputs, context) =>
      write('create', type, inputs.length, context, async (send) =>
        (await objectsApi(server, send)).create(type, {
          inputs: inputs.map((input) => ({ ...input, associations: [] })),
        }),
      ),
    updateBatch: (type, inputs, context) =>
      write('update', type, inputs.length, context, async (send) =>
        (await objectsApi(server, send)).update(type, { inputs: [...inputs] }),
      ),
    upsertBatch: (type, inputs, context) =>
      write('upsert', type, inputs.length, context, async (send) =>
        (await objectsApi(server, send)).upsert(type, { inputs: [...inputs] }),
      ),
    archiveBatch: (type, ids, context) =>
      write('archive', type, ids.length, context, async (send) =>
        (await objectsApi(server, send)).archive(type, { inputs: ids.map((id) => ({ id })) }),
      ),
    readBatch: (type, inputs, context) =>
      read(`read ${inputs.ids.length} ${type}`, inputs.ids.length, context, async (send) =>
        (await objectsApi(server, send)).read(
          type,
          {
            inputs: inputs.ids.map((id) => ({ id })),
            properties: [...inputs.properties],
            propertiesWithHistory: [],
            ...(inputs.idProperty === undefined ? {} : { idProperty: inputs.idProperty }),
          },
          false,
        ),
      ),
    search: (type, values, body, context) =>
      read(
        `search ${type} by ${values} values`,
        values,
        context,
        // The SDK's type wants its own enum for the operator; the text is the same.
        async (send) =>
          (await searchApi(server, send)).doSearch(
            type,
            body as unknown as PublicObjectSearchRequest,
          ),
        { lane: 'search' },
      ),
    listProperties: (type, isArchived, context) =>
      read(`list the properties of ${type}`, 0, context, async (send) =>
        (await propertiesApi(server, send)).getAll(type, isArchived),
      ),
    listSchemas: (context) =>
      read('list the custom objects', 0, context, async (send) =>
        (await schemasApi(server, send)).getAll(false),
      ),
    listPipelines: (type, context) =>
      read(
        `list the pipelines of ${type}`,
        0,
        context,
        get(`/crm/v3/pipelines/${encodeURIComponent(type)}`),
      ),
    createProperties: (type, definitions, context) =>
      define(
        `create ${definitions.length} properties of ${type}`,
        definitions.length,
        context,
        `/crm/v3/properties/${encodeURIComponent(type)}/batch/create`,
        { inputs: definitions },
      ),
    createGroup: (type, group, context) =>
      define(
        `create a group of properties of ${type}`,
        1,
        context,
        `/crm/v3/properties/${encodeURIComponent(type)}/groups`,
        group,
      ),
    listRules: (objectTypeId, context) =>
      read(
        `read the validation rules of ${objectTypeId}`,
        0,
        context,
        get(`/crm/v3/property-validations/${encodeURIComponent(objectTypeId)}`),
      ),
    getEvent: (name, context) =>
      read('read an event', 0, context, get(`${EVENTS}/${encodeURIComponent(name)}`)),
    listEvents: (after, context) => read('list the events', 0, context, get(eventPages(after))),
    createEvent: (body, context) => define('create an event', 1, context, EVENTS, body),
    createEventProperty: (event, body, context) =>
      define(
        `create a property of ${event}`,
        1,
        context,
        `${EVENTS}/${encodeURIComponent(event)}/property`,
        body,
      ),
    sendEvents: (inputs, context) => {
      const size = inputs.length
      const action = `send ${size} events`
      const call: Call = { ...context, action, effect: 'write', lane: 'events', batchSize: size }
      return exchange(call, options, (send) =>
        post('/events/v3/send/batch', { inputs })(counted('writes', send)),
      )
    },
    listLinkTypes: (from, to, context) =>
      read(`list the types of links from ${from} to ${to}`, 0, context, async (send) =>
        (await linkTypesApi(server, send)).getAll(from, to),
      ),
    readLinks: (from, to, records, context) =>
      read(
        `read the links of ${records.length} ${from} to ${to}`,
        records.length,
        context,
        async (send) =>
          // The SDK's type wants `after` always; the API does not.
          (await linksApi(server, send)).getPage(from, to, {
            inputs: records.map((record) => ({ ...record })) as { id: string; after: string }[],
          }),
      ),
    associate: (from, to, inputs, context) =>
      write('link', `${from} to ${to}`, inputs.length, context, async (send) =>
        (await linksApi(server, send)).create(from, to, { inputs: inputs.map(typedPair) }),
      ),
    associateDefault: (from, to, inputs, context) =>
      write('link', `${from} to ${to}`, inputs.length, context, async (send) =>
        (await linksApi(server, send)).createDefault(from, to, {
          inputs: inputs.map(({ fromId, toId }) => ({ _from: { id: fromId }, to: { id: toId } })),
        }),
      ),
    dissociate: (from, to, inputs, context) =>
      write('unlink', `${from} from ${to}`, inputs.length, context, async (send) =>
        (await linksApi(server, send)).archive(from, to, {
          inputs: [...endsByRecord(inputs)].map(([id, ends]) => ({
            _from: { id },
            to: ends.map((toId) => ({ id: toId })),
          })),
        }),
      ),
    dissociateTypes: (from, to, inputs, context) =>
      write('unlabel', `${from} to ${to}`, inputs.length, context, async (send) =>
        (await linksApi(server, send)).archiveLabels(from, to, { inputs: inputs.map(typedPair) }),
      ),
    getList: (listId, context) =>
      read('read a list', 0, context, get(`${LISTS}/${encodeURIComponent(listId)}`)),
    getListByName: (objectTypeId, name, context) =>
      read(
        'read a list by its name',
        0,
        context,
        get(
          `${LISTS}/object-type-id/${encodeURIComponent(objectTypeId)}/name/${encodeURIComponent(name)}`,
        ),
      ),
    searchLists: (offset, context, query) =>
      read(
        'list the lists',
        0,
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
    createList: (body, context) => define('create a list', 1, context, LISTS, body),
    listMembers: (listId, after, context) =>
      read(`read the members of list ${listId}`, 0, context, get(memberPages(listId, after))),
    changeMembers: (listId, kind, recordIds, context) =>
      write(
        kind,
        `members ${kind === 'add' ? 'to' : 'from'} list ${listId}`,
        recordIds.length,
        context,
        post(`${LISTS}/${encodeURIComponent(listId)}/memberships/${kind}`, recordIds, 'PUT'),
      ),
    accountDetails: (context) =>
      read('read the account', 0, context, get('/account-info/v3/details')),
    listOwners: (after, isArchived, context) =>
      read('list the owners', 0, context, get(ownerPages(after, isArchived))),
    dailyUsage: (context) =>
      read(
        "read the day's usage",
        0,
        context,
        get('/account-info/v3/api-usage/daily/private-apps'),
      ),
    tokenInfo: (context) =>
      read(
        'read the scopes of the token',
        0,
        context,
        async (send) =>
          send({
            method: 'POST',
            url: `${server.baseUrl}/oauth/v2/private-apps/get/access-token-info`,
            headers: { Accept: 'application/json', 'Content-Type': 'application/json' },
            body: JSON.stringify({ tokenKey: await options.tokens.current(context.signal) }),
          }),
        { holdsSecret: true },
      ),
    counts: () => ({ ...counts }),
  }
}

/** A pair in the SDK's words. */
const typedPair = ({ fromId, toId, types }: LinkInput) => ({
  _from: { id: fromId },
  to: { id: toId },
  types: types.map(({ category, typeId }) => ({
    associationCategory: category as AssociationSpecAssociationCategoryEnum,
    associationTypeId: typeId,
  })),
})

function endsByRecord(inputs: readonly LinkInput[]): ReadonlyMap<string, readonly string[]> {
  const ends = new Map<string, string[]>()
  for (const { fromId, toId } of inputs) {
    const others = ends.get(fromId)
    if (others === undefined) ends.set(fromId, [toId])
    else others.push(toId)
  }
  return ends
}
