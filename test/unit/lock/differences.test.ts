import { describe, expect, test } from 'vitest'
import { differences } from '../../../src/lock/differences.ts'
import { type Absent, absent, type LockedPortal } from '../../../src/lock/locked-portal.ts'
import type { LinkType, Mapping, PropertySchema, Sync } from '../../../src/types.ts'
import { property } from '../../support/property-schema.ts'

const origin = { file: 'models/schema.yml' }

const mapping = (property: string, more: Partial<Mapping> = {}): Mapping => ({
  property,
  source: { kind: 'column', column: property },
  nulls: 'clear',
  write: 'always',
  onInvalid: 'reject_row',
  key: `properties.${property}`,
  origin,
  ...more,
})

const sync = (name: string, more: Partial<Sync> = {}): Sync =>
  ({
    name,
    type: 'object',
    object: 'deals',
    mode: 'upsert',
    mappings: [],
    associations: [],
    origin,
    ...more,
  }) as Sync

const option = (value: string, label = value) => ({ value, label, isHidden: false })

const portal = (more: Partial<LockedPortal> = {}): LockedPortal => ({
  portalId: '1',
  accountType: 'STANDARD',
  targets: [],
  objects: new Map(),
  links: new Map(),
  events: new Map(),
  lists: new Map(),
  absentLists: [],
  ...more,
})

const deals = (
  properties: Readonly<Record<string, PropertySchema | Absent>>,
  more: object = {},
): LockedPortal =>
  portal({
    objects: new Map([
      [
        'deals',
        {
          objectTypeId: '0-3',
          askedAs: [],
          requiredProperties: [],
          properties: new Map(Object.entries(properties)),
          ...more,
        },
      ],
    ]),
  })

/** `! option_gone a, b` of what matters, and to whom. */
const told = (before: LockedPortal, after: LockedPortal, ...syncs: readonly Sync[]) =>
  differences(before, after, { syncs, broken: new Set() }).map(
    ({ kind, matters, syncs: of }) => `${matters ? '!' : ' '} ${kind} ${of.join(', ')}`,
  )

describe('properties', () => {
  const mapped = sync('sales', { mappings: [mapping('stage')] })
  const keyed = sync('keyed', {
    object: '0-3',
    match: { property: 'stage', column: 'stage' },
    mappings: [mapping('stage')],
  })
  const labelled = sync('labelled', {
    mappings: [mapping('stage', { source: { kind: 'column', column: 'x', as: 'option_label' } })],
  })
  const constant = sync('constant', {
    mappings: [mapping('stage', { source: { kind: 'value', value: 'b' } })],
  })
  const creating = sync('creating', {
    mappings: [mapping('stage', { definition: { isCreated: true, isUnique: false } })],
  })
  const all = [mapped, keyed, labelled, constant, creating]
  const everybody = 'constant, creating, keyed, labelled, sales'
  const before = property('stage', { options: [option('a'), option('b')], isUnique: true })
  const change = (more: Partial<PropertySchema>) =>
    told(deals({ stage: before }), deals({ stage: { ...before, ...more } }), ...all)

  test.each([
    ['type', { type: 'number' }, [`! type_changed ${everybody}`]],
    ['field', { fieldType: 'textarea' }, [`  field_changed ${everybody}`]],
    ['several values', { fieldType: 'checkbox' }, [`! field_changed ${everybody}`]],
    ['read-only', { isReadOnly: true }, [`! became_read_only ${everybody}`]],
    ['archived', { isArchived: true }, [`! property_archived ${everybody}`]],
    ['unique', { isUnique: false }, ['! not_unique keyed']],
    ['label', { label: 'Other' }, [`  label_changed ${everybody}`]],
    ['hidden', { isHidden: true }, [`  visibility_changed ${everybody}`]],
    ['rule', { rules: [{ type: 'MAX_LENGTH', arguments: ['9'] }] }, [`! rule_added ${everybody}`]],
    [
      'an option less',
      { options: [option('b')] },
      ['! option_gone creating, keyed, labelled, sales'],
    ],
    [
      'an option more',
      { options: [option('a'), option('b'), option('c')] },
      [`  option_added ${everybody}`],
    ],
    [
      'an option renamed',
      { options: [option('a', 'A'), option('b')] },
      ['! option_renamed labelled'],
    ],
    [
      'options turned',
      { options: [option('b'), option('a')] },
      [`  options_reordered ${everybody}`],
    ],
  ])('%s', (_, more, expected) => {
    expect(change(more as Partial<PropertySchema>)).toEqual(expected)
  })

  test('what is gone breaks whoever does not make it', () => {
    expect(told(deals({ stage: before }), deals({ stage: absent }), ...all)).toEqual([
      '! property_gone constant, keyed, labelled, sales',
    ])
    expect(told(deals({ stage: absent }), deals({ stage: before }), ...all)).toEqual([
      `  property_appeared ${everybody}`,
    ])
  })

  test('a lock that does not know what syncs use by now is not up to date; one that knows more is', () => {
    expect(told(deals({}), deals({ stage: before }), mapped)).toEqual(['! not_locked sales'])
    expect(told(deals({ stage: before }), deals({}))).toEqual(['  unused '])
    expect(told(portal(), deals({}), mapped)).toEqual(['! not_locked sales'])
  })

  test('stages and what HubSpot requires', () => {
    const stages = (...values: readonly string[]) =>
      deals({}, { pipelines: { pipelines: [], stages: values.map((value) => option(value)) } })
    const staged = sync('staged', { mappings: [mapping('dealstage')] })
    expect(told(stages('open', 'won'), stages('won'), staged)).toEqual(['! option_gone staged'])
    const required = deals({}, { requiredProperties: ['serial'] })
    const updating = sync('updating', { mode: 'update' })
    const giving = sync('giving', { mappings: [mapping('serial')] })
    expect(told(deals({}), required, mapped, updating, giving)).toEqual(['! required_added sales'])
  })

  test('an object that is gone, by whatever name syncs call it', () => {
    const machine = {
      objectTypeId: '2-1',
      askedAs: ['machine'],
      requiredProperties: [],
      properties: new Map(),
    }
    const before = portal({ objects: new Map([['p1_machine', machine]]) })
    const after = portal({ objects: new Map([['machine', absent]]) })
    expect(told(before, after, sync('machines', { object: 'machine' }))).toEqual([
      '! object_gone machines',
    ])
  })
})

test('labels break those that may set them', () => {
  const types = (...labels: readonly (string | null)[]) =>
    portal({
      links: new Map([
        [
          'deals',
          new Map<string, readonly LinkType[]>([
            [
              'contacts',
              labels.map((label, typeId) => ({
                typeId,
                category: 'USER_DEFINED',
                label,
                name: undefined,
              })),
            ],
          ]),
        ],
      ]),
    })
  const linked = (name: string, more: object) =>
    sync(name, {
      associations: [
        {
          to: 'contacts',
          target: { kind: 'id', column: 'c' },
          onRemoved: 'keep',
          key: 'associations[0]',
          origin,
          ...more,
        },
      ],
    })
  const all = [
    linked('plain', {}),
    linked('fixed', { labels: { kind: 'static', labels: ['buyer'] } }),
    linked('other', { labels: { kind: 'static', labels: ['Seller'] } }),
    linked('column', { labels: { kind: 'column', column: 'l' } }),
  ]
  expect(told(types(null, 'Buyer'), types(null), ...all)).toEqual(['! label_gone column, fixed'])
  expect(told(types(null, 'Buyer'), types(null, 'Payer'), ...all)).toEqual([
    '! label_renamed column, fixed',
  ])
  expect(told(types(null), types(null, 'Buyer'), ...all)).toEqual([
    '  label_added column, fixed, other, plain',
  ])
  expect(told(types(null), types(), ...all)).toEqual(['! label_gone column, fixed, other, plain'])
})

test('events and lists', () => {
  const event = (more: object = {}) =>
    portal({
      events: new Map([
        [
          'visited',
          {
            fullName: 'pe1_visited',
            label: 'Visited',
            about: '0-1',
            trackingType: 'MANUAL',
            properties: new Map([['n', property('n')]]),
            ...more,
          },
        ],
      ]),
    })
  const visits = sync('visits', {
    type: 'event',
    event: { name: { kind: 'name', name: 'visited' }, createsDefinition: false } as never,
    mappings: [mapping('n')],
  })
  expect(told(event(), event({ about: '0-2' }), visits)).toEqual(['! event_changed visits'])
  expect(told(event(), event({ properties: new Map([['n', absent]]) }), visits)).toEqual([
    '! property_gone visits',
  ])
  expect(told(event(), portal({ events: new Map([['visited', absent]]) }), visits)).toEqual([
    '! event_gone visits',
  ])
  const byColumn = sync('any', {
    type: 'event',
    event: { name: { kind: 'column', column: 'e' } } as never,
  })
  expect(told({ ...event(), listedFor: [] }, portal({ listedFor: [] }), byColumn)).toEqual([
    '! event_gone any',
  ])

  const list = (more: object = {}) =>
    portal({
      lists: new Map([
        ['7', { name: 'VIP', objectTypeId: '0-1', processingType: 'MANUAL', ...more }],
      ]),
    })
  const vip = sync('vip', {
    type: 'list',
    list: { target: { kind: 'name', name: 'VIP' } } as never,
  })
  const byId = sync('by_id', {
    type: 'list',
    list: { target: { kind: 'id', listId: '7' } } as never,
  })
  expect(told(list(), list({ processingType: 'DYNAMIC' }), vip)).toEqual([
    '! list_type_changed vip',
  ])
  expect(told(list(), list({ name: 'Very' }), byId)).toEqual(['  list_renamed by_id'])
  expect(told(list(), portal({ lists: new Map([['7', absent]]) }), byId)).toEqual([
    '! list_gone by_id',
  ])
  expect(
    told(list(), portal({ absentLists: [{ name: 'VIP', objectTypeId: '0-1' }] }), vip),
  ).toEqual(['! list_gone vip'])
  expect(
    told(portal(), portal({ absentLists: [{ name: 'VIP', objectTypeId: '0-1' }] }), vip),
  ).toEqual(['! not_locked vip'])
})
