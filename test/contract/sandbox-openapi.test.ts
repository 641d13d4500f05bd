import { describe, expect, test } from 'vitest'
import { loadOpenApiContract } from '../support/openapi.ts'
import { DEVIATIONS, type Deviation, explain } from '../support/openapi-deviations.ts'
import { type Conversation, converse, traced } from '../unit/sandbox/conversation.ts'

/** HubSpot's specs are not part of this repository; without them there is nothing to judge by. */
const contract = loadOpenApiContract()
const used = new Set<Deviation>()

interface Exchange {
  readonly name: string
  readonly request: readonly [method: string, address: string, body?: unknown]
  readonly status: number
  /** Prepares the sandbox; its records have ids from 1001. */
  readonly given?: (sandbox: Conversation) => unknown
  /** The dated paths announce another status. */
  readonly isNumberedOnly?: true
}

const CONTACTS = '/crm/v3/objects/contacts'
const PROPERTIES = '/crm/v3/properties/contacts'
const SCHEMAS = '/crm-object-schemas/v3/schemas'
const person = (email: string) => ({ properties: { email }, associations: [] })
const upsert = (email: string) => ({ id: email, idProperty: 'email', properties: { email } })
const seeded = (sandbox: Conversation) =>
  sandbox.seedRecords('contacts', [{ email: 'a@example.com' }, { email: 'b@example.com' }])
const reading = (ids: readonly string[]) => ({
  inputs: ids.map((id) => ({ id })),
  properties: ['email', 'city'],
  propertiesWithHistory: [],
})
const property = {
  name: 'score',
  label: 'Score',
  type: 'number',
  fieldType: 'number',
  groupName: 'contactinformation',
}
const car = {
  name: 'car',
  labels: { singular: 'Car', plural: 'Cars' },
  primaryDisplayProperty: 'vin',
  requiredProperties: ['vin'],
  searchableProperties: ['vin'],
  secondaryDisplayProperties: [],
  allowsSensitiveProperties: false,
  shouldCreateSameObjectAssociation: false,
  associatedObjects: ['CONTACT'],
  properties: [{ name: 'vin', label: 'VIN', type: 'string', fieldType: 'text' }],
}
const EVENTS = '/events/v3/event-definitions'
const jobDone = {
  name: 'job_done',
  label: 'Job done',
  includeDefaultProperties: true,
  propertyDefinitions: [],
}
const done = (fields: object = {}) => ({
  eventName: 'pe4242424_job_done',
  email: 'a@example.com',
  properties: { hs_page_url: 'https://example.com' },
  ...fields,
})
const LINKS = '/crm/v4/associations/contacts/companies'
/** The first label that this portal makes. */
const OWN_LABEL = 74
const LINK = '/crm/v4/objects/contacts/1001/associations'
const plainType = { associationCategory: 'HUBSPOT_DEFINED', associationTypeId: 279 }
const ends = (from: string, to: string) => ({ from: { id: from }, to: { id: to } })
const linked = (sandbox: Conversation) => {
  seeded(sandbox)
  sandbox.seedRecords('companies', [{ name: 'A' }, { name: 'B' }])
  sandbox.link(['contacts', '1001'], ['companies', '1001'], 'Primary')
}
const happening = (sandbox: Conversation) => sandbox.defineEvents([jobDone])
const LISTS = '/crm/v3/lists'
const listing = (sandbox: Conversation) => {
  const ids = seeded(sandbox)
  sandbox.addList('VIP', 'contacts', 'MANUAL', ids.slice(1))
}
const search = { after: '0', filterGroups: [], limit: 1, properties: ['city'], sorts: [] }
const limited = { match: {}, kind: 'status', status: 429 } as const

const exchanges: readonly Exchange[] = [
  exchange('create', ['POST', CONTACTS, person('a@example.com')], 201),
  exchange('create what exists', ['POST', CONTACTS, person('a@example.com')], 409, seeded),
  exchange('read one', ['GET', `${CONTACTS}/1001?properties=email,city`], 200, seeded),
  exchange(
    'read one with history',
    ['GET', `${CONTACTS}/1001?propertiesWithHistory=email`],
    200,
    seeded,
  ),
  exchange(
    'read a batch with histories',
    [
      'POST',
      `${CONTACTS}/batch/read`,
      { inputs: [{ id: '1001' }], properties: [], propertiesWithHistory: ['email', 'createdate'] },
    ],
    200,
    (sandbox) => {
      seeded(sandbox)
      sandbox.changeRecord('contacts', '1001', { email: 'other@example.com' })
    },
  ),
  exchange('read none', ['GET', `${CONTACTS}/404`], 404),
  exchange('list', ['GET', `${CONTACTS}?limit=1`], 200, seeded),
  exchange('change', ['PATCH', `${CONTACTS}/1001`, { properties: { city: 'Bonn' } }], 200, seeded),
  exchange('change badly', ['PATCH', `${CONTACTS}/1001`, { properties: { x: '' } }], 400, seeded),
  exchange('archive', ['DELETE', `${CONTACTS}/1001`], 204, seeded),
  exchange(
    'merge',
    ['POST', `${CONTACTS}/merge`, { primaryObjectId: '1001', objectIdToMerge: '1002' }],
    200,
    seeded,
  ),
  exchange(
    'create a batch',
    ['POST', `${CONTACTS}/batch/create`, { inputs: [person('c@example.com')] }],
    201,
  ),
  exchange(
    'create a batch in part',
    [
      'POST',
      `${CONTACTS}/batch/create`,
      traced([person('c@example.com'), person('a@example.com'), person('x')]),
    ],
    207,
    seeded,
  ),
  exchange(
    'update a batch',
    ['POST', `${CONTACTS}/batch/update`, { inputs: [{ id: '1001', properties: { city: 'B' } }] }],
    200,
    seeded,
  ),
  exchange(
    'update a batch in part',
    ['POST', `${CONTACTS}/batch/update`, { inputs: [{ id: '404', properties: { city: 'B' } }] }],
    207,
  ),
  exchange(
    'upsert a batch',
    [
      'POST',
      `${CONTACTS}/batch/upsert`,
      { inputs: [upsert('a@example.com'), upsert('n@example.com')] },
    ],
    200,
    seeded,
  ),
  exchange(
    'upsert a batch in part',
    ['POST', `${CONTACTS}/batch/upsert`, traced([upsert('a@example.com'), upsert('x')])],
    207,
    seeded,
  ),
  exchange(
    'upsert one twice',
    [
      'POST',
      `${CONTACTS}/batch/upsert`,
      { inputs: [upsert('x@example.com'), upsert('x@example.com')] },
    ],
    400,
  ),
  exchange(
    'read a batch',
    ['POST', `${CONTACTS}/batch/read`, reading(['1001', '1002'])],
    200,
    seeded,
  ),
  exchange(
    'read a batch in part',
    ['POST', `${CONTACTS}/batch/read`, reading(['1001', '404'])],
    207,
    seeded,
  ),
  exchange(
    'archive a batch',
    ['POST', `${CONTACTS}/batch/archive`, { inputs: [{ id: '1001' }] }],
    204,
    seeded,
  ),
  exchange('search', ['POST', `${CONTACTS}/search`, search], 200, seeded),
  exchange('an unknown type', ['GET', '/crm/v3/objects/unicorns'], 404),
  exchange('a limit', ['GET', CONTACTS], 429, (sandbox) => sandbox.addFault(limited)),

  exchange('list properties', ['GET', PROPERTIES], 200),
  exchange('read a property', ['GET', `${PROPERTIES}/lifecyclestage`], 200),
  exchange('create a property', ['POST', PROPERTIES, property], 201),
  exchange('create a property twice', ['POST', PROPERTIES, { ...property, name: 'email' }], 409),
  exchange('change a property', ['PATCH', `${PROPERTIES}/city`, { label: 'Town' }], 200),
  exchange('archive a property', ['DELETE', `${PROPERTIES}/city`], 204),
  exchange(
    'create properties',
    ['POST', `${PROPERTIES}/batch/create`, { inputs: [property] }],
    201,
  ),
  exchange(
    'create properties in part',
    ['POST', `${PROPERTIES}/batch/create`, { inputs: [{ ...property, name: 'email' }] }],
    207,
  ),
  exchange(
    'read properties',
    [
      'POST',
      `${PROPERTIES}/batch/read`,
      { inputs: [{ name: 'email' }], archived: false, dataSensitivity: 'non_sensitive' },
    ],
    200,
  ),
  exchange(
    'archive properties',
    ['POST', `${PROPERTIES}/batch/archive`, { inputs: [{ name: 'city' }] }],
    204,
  ),
  exchange('list groups', ['GET', `${PROPERTIES}/groups`], 200),
  exchange(
    'create a group',
    ['POST', `${PROPERTIES}/groups`, { name: 'g', label: 'G', displayOrder: 1 }],
    201,
  ),
  exchange('validation rules', ['GET', '/crm/v3/property-validations/0-1'], 200),
  exchange('list pipelines', ['GET', '/crm/v3/pipelines/deals'], 200),
  exchange('read a pipeline', ['GET', '/crm/v3/pipelines/deals/default'], 200),
  exchange('list stages', ['GET', '/crm/v3/pipelines/deals/default/stages'], 200),
  exchange('list schemas', ['GET', SCHEMAS], 200, (sandbox) => sandbox.createObjectType(car)),
  exchange('create a schema', ['POST', SCHEMAS, car], 201),
  exchange('read a schema', ['GET', `${SCHEMAS}/p4242424_car`], 200, (sandbox) =>
    sandbox.createObjectType(car),
  ),
  exchange('list events', ['GET', `${EVENTS}?limit=1&includeProperties=true`], 200, happening),
  exchange('read an event', ['GET', `${EVENTS}/job_done`], 200, happening),
  exchange('create an event', ['POST', EVENTS, jobDone], 201),
  exchange(
    'create a property of an event',
    ['POST', `${EVENTS}/job_done/property`, { label: 'Size', name: 'size', type: 'number' }],
    201,
    happening,
  ),
  exchange('delete an event', ['DELETE', `${EVENTS}/job_done`], 204, happening),
  exchange(
    'send events',
    ['POST', '/events/v3/send/batch', { inputs: [done({ uuid: 'u' }), done()] }],
    204,
    happening,
  ),
  exchange('send an unknown event', ['POST', '/events/v3/send/batch', { inputs: [done()] }], 400),
  exchange(
    'link',
    [
      'POST',
      `${LINKS}/batch/create`,
      { inputs: [{ ...ends('1001', '1002'), types: [plainType] }] },
    ],
    201,
    linked,
  ),
  exchange(
    'link in part',
    [
      'POST',
      `${LINKS}/batch/create`,
      {
        inputs: [
          { ...ends('1001', '1001'), types: [plainType] },
          { ...ends('1001', '9'), types: [plainType] },
        ],
      },
    ],
    207,
    linked,
  ),
  exchange(
    'link with itself',
    [
      'POST',
      '/crm/v4/associations/contacts/contacts/batch/create',
      {
        inputs: [
          {
            ...ends('1001', '1001'),
            types: [{ associationCategory: 'HUBSPOT_DEFINED', associationTypeId: 449 }],
          },
        ],
      },
    ],
    207,
    linked,
  ),
  exchange(
    'link by a wrong type',
    [
      'POST',
      `${LINKS}/batch/create`,
      { inputs: [{ ...ends('1001', '1002'), types: [{ ...plainType, associationTypeId: 280 }] }] },
    ],
    400,
    linked,
  ),
  exchange(
    'link by default',
    ['POST', `${LINKS}/batch/associate/default`, { inputs: [ends('1001', '1002')] }],
    200,
    linked,
  ),
  exchange(
    'read links',
    ['POST', `${LINKS}/batch/read`, { inputs: [{ id: '1001' }] }],
    200,
    linked,
  ),
  exchange(
    'read no links',
    ['POST', `${LINKS}/batch/read`, { inputs: [{ id: '1001' }, { id: '1002' }] }],
    207,
    linked,
  ),
  {
    ...exchange(
      'unlink',
      [
        'POST',
        `${LINKS}/batch/archive`,
        { inputs: [{ from: { id: '1001' }, to: [{ id: '1001' }] }] },
      ],
      204,
      linked,
    ),
    isNumberedOnly: true,
  },
  {
    ...exchange(
      'unlabel',
      [
        'POST',
        `${LINKS}/batch/labels/archive`,
        { inputs: [{ ...ends('1001', '1001'), types: [plainType] }] },
      ],
      204,
      linked,
    ),
    isNumberedOnly: true,
  },
  exchange('list links of one', ['GET', `${LINK}/companies?limit=1`], 200, linked),
  exchange('link one', ['PUT', `${LINK}/companies/1002`, [plainType]], 201, linked),
  exchange('link one by default', ['PUT', `${LINK}/default/companies/1002`], 200, linked),
  exchange('unlink one', ['DELETE', `${LINK}/companies/1002`], 204, linked),
  exchange('list labels', ['GET', `${LINKS}/labels`], 200),
  exchange('create a label', ['POST', `${LINKS}/labels`, { name: 'buyer', label: 'Buyer' }], 200),
  exchange(
    'rename a label',
    ['PUT', `${LINKS}/labels`, { associationTypeId: OWN_LABEL, label: 'Customer' }],
    204,
    (sandbox) =>
      expect(sandbox.defineLabel('contacts', 'companies', { label: 'B' })).toContain(OWN_LABEL),
  ),
  exchange('delete a label', ['DELETE', `${LINKS}/labels/${OWN_LABEL}`], 204, (sandbox) =>
    sandbox.defineLabel('contacts', 'companies', { label: 'B' }),
  ),
  exchange(
    'create with a link',
    [
      'POST',
      CONTACTS,
      { ...person('l@example.com'), associations: [{ to: { id: '1001' }, types: [plainType] }] },
    ],
    201,
    linked,
  ),
  exchange(
    'create a list',
    ['POST', LISTS, { name: 'VIP', objectTypeId: '0-1', processingType: 'MANUAL' }],
    200,
  ),
  exchange(
    'create a list twice',
    ['POST', LISTS, { name: 'vip', objectTypeId: '0-1', processingType: 'MANUAL' }],
    400,
    listing,
  ),
  exchange('read a list', ['GET', `${LISTS}/1`], 200, listing),
  exchange('read no list', ['GET', `${LISTS}/1`], 404),
  exchange('read a list by name', ['GET', `${LISTS}/object-type-id/0-1/name/vip`], 200, listing),
  exchange('read several lists', ['GET', `${LISTS}?listIds=1&listIds=2`], 200, listing),
  exchange(
    'search lists',
    [
      'POST',
      `${LISTS}/search`,
      { offset: 0, count: 500, additionalProperties: [], listIds: [], processingTypes: [] },
    ],
    200,
    listing,
  ),
  exchange('read members', ['GET', `${LISTS}/1/memberships?limit=250`], 200, listing),
  exchange('add members', ['PUT', `${LISTS}/1/memberships/add`, ['1001', '404']], 200, listing),
  exchange('remove members', ['PUT', `${LISTS}/1/memberships/remove`, ['1002']], 200, listing),
  exchange(
    'add and remove members',
    [
      'PUT',
      `${LISTS}/1/memberships/add-and-remove`,
      { recordIdsToAdd: ['1001'], recordIdsToRemove: ['1002'] },
    ],
    200,
    listing,
  ),
  exchange('rename a list', ['PUT', `${LISTS}/1/update-list-name?listName=New`], 200, listing),
  exchange('delete a list', ['DELETE', `${LISTS}/1`], 204, listing),
  exchange('restore a list', ['PUT', `${LISTS}/1/restore`], 204, (sandbox) => {
    listing(sandbox)
    sandbox.changeList('1', { isDeleted: true })
  }),
  exchange('list owners', ['GET', '/crm/v3/owners?limit=1'], 200),
  exchange('read an owner', ['GET', '/crm/v3/owners/41629779'], 200),
  exchange('account details', ['GET', '/account-info/v3/details'], 200),
  exchange('account usage', ['GET', '/account-info/v3/api-usage/daily/private-apps'], 200),
]

describe.skipIf(contract === undefined)("the sandbox keeps to HubSpot's specs", () => {
  const judge = contract ?? { requestProblems: () => [], answerProblems: () => [] }

  test.each([...exchanges, ...exchanges.filter((each) => each.isNumberedOnly !== true).map(dated)])(
    '$name',
    ({ request, status, given }) => {
      const sandbox = converse({ validateRequest: judge.requestProblems })
      given?.(sandbox)
      const [method, address, body] = request
      const reply = sandbox.send(method, address, body)
      expect(sandbox.violations).toEqual([])
      expect(reply.status, JSON.stringify(reply.body)).toBe(status)
      const [path = ''] = address.split('?')
      const wire: unknown =
        reply.body === undefined ? undefined : JSON.parse(JSON.stringify(reply.body))
      const unexplained = judge.answerProblems({ method, path }, status, wire).filter((problem) => {
        const deviation = explain(problem)
        if (deviation !== undefined) used.add(deviation)
        return deviation === undefined
      })
      expect(unexplained).toEqual([])
    },
  )

  test.each<[string, string, string, unknown]>([
    ['an unknown path', 'GET', '/crm/v3/nothing', undefined],
    ['an unknown query parameter', 'GET', `${CONTACTS}?size=3`, undefined],
    ['a bad query parameter', 'GET', `${CONTACTS}?limit=many`, undefined],
    ['a create without associations', 'POST', CONTACTS, { properties: {} }],
    ['a value that is not text', 'POST', CONTACTS, { properties: { n: 1 }, associations: [] }],
    ['a value that is null', 'PATCH', `${CONTACTS}/1`, { properties: { n: null } }],
    [
      'a read without propertiesWithHistory',
      'POST',
      `${CONTACTS}/batch/read`,
      { inputs: [], properties: [] },
    ],
    ['a missing body', 'POST', CONTACTS, undefined],
  ])('strict mode refuses and remembers %s', (_case, method, address, body) => {
    const sandbox = converse({ validateRequest: judge.requestProblems })
    expect(sandbox.send(method, address, body).status).toBe(400)
    expect(sandbox.violations).toHaveLength(1)
  })

  test('no known deviation is left unexercised', () => {
    const unused = DEVIATIONS.filter((deviation) => !used.has(deviation))
    expect(unused.map(({ what }) => what)).toEqual([])
  })
})

function exchange(
  name: string,
  request: Exchange['request'],
  status: number,
  given?: Exchange['given'],
): Exchange {
  return given === undefined ? { name, request, status } : { name, request, status, given }
}

/** The same exchange under the dated paths. */
function dated(numbered: Exchange): Exchange {
  const [method, address, body] = numbered.request
  const moved = address
    .replace(/^\/crm\/v[34]\/([a-z-]+)/, '/crm/$1/2026-03')
    .replace(/^\/(crm-object-schemas|account-info|events)\/v3/, '/$1/2026-03')
  return { ...numbered, name: `${numbered.name} (2026-03)`, request: [method, moved, body] }
}
