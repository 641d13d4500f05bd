import { describe, expect, test } from 'vitest'
import { bindLinks } from '../../../../src/plan/bind/bind-links.ts'
import { findColumn, isColumn } from '../../../../src/plan/columns.ts'
import type { Association, LinkType, ObjectSchema, Sync } from '../../../../src/types.ts'
import type { Column, TypeFamily } from '../../../../src/warehouse/dialect.ts'
import { property } from '../../../support/property-schema.ts'

const origin = { file: 'models/people.yml', line: 9 }

const column = (name: string, family: TypeFamily): Column => ({
  name,
  family,
  type: family.toUpperCase(),
})
const columns = [
  column('firm_id', 'integer'),
  column('region', 'text'),
  column('role', 'text'),
  column('roles', 'array'),
  column('since', 'date'),
  column('Buyer', 'text'),
]

const types: readonly LinkType[] = [
  { category: 'HUBSPOT_DEFINED', typeId: 279, label: null, name: undefined },
  { category: 'HUBSPOT_DEFINED', typeId: 1, label: 'Primary', name: undefined },
  { category: 'USER_DEFINED', typeId: 31, label: 'Decision maker', name: 'decider' },
  { category: 'USER_DEFINED', typeId: 33, label: 'Buyer', name: 'buyer' },
  { category: 'USER_DEFINED', typeId: 35, label: 'Twin', name: undefined },
  { category: 'USER_DEFINED', typeId: 37, label: 'Twin', name: undefined },
]

const companies: ObjectSchema = {
  name: 'companies',
  objectTypeId: '0-2',
  requiredProperties: [],
  properties: new Map(
    [
      property('domain'),
      property('erp_id', { isUnique: true }),
      property('founded', { type: 'date' }),
      property('old', { isArchived: true }),
    ].map((each) => [each.name, each]),
  ),
}

function bind(entry: Partial<Association>, known = types) {
  const association: Association = {
    to: 'companies',
    target: { kind: 'id', column: 'firm_id' },
    onRemoved: 'keep',
    key: 'associations[0]',
    origin,
    ...entry,
  }
  const problems: string[] = []
  const report = (key: string, { message, hint }: { message: string; hint?: string }) =>
    problems.push(`${key}: ${message}${hint === undefined ? '' : ` | ${hint}`}`)
  const bound = bindLinks(
    { name: 'people', associations: [association] } as unknown as Sync,
    {
      ...companies,
      name: 'contacts',
      objectTypeId: '0-1',
      linked: new Map([['associations[0]', { ...companies, types: known }]]),
    },
    columns,
    (name, key) => {
      const found = findColumn(name, columns)
      if (isColumn(found)) return found
      report(key, found)
      return undefined
    },
    report,
  )
  return { link: bound.links[0], problems, costs: bound.costs, columns: bound.columns }
}

describe('targets', () => {
  test('are record ids, rows of a sync, or looked up', () => {
    expect(bind({}).link).toMatchObject({
      association: 'companies/id:firm_id',
      object: 'companies',
      objectTypeId: '0-2',
      target: { kind: 'id', column: { name: 'firm_id' } },
      labels: { kind: 'types', types: [] },
      plainType: 'HUBSPOT_DEFINED:279',
      onRemoved: 'keep',
    })
    const target = { kind: 'sync', sync: 'firms', key: ['FIRM_ID', 'region'] } as const
    expect(bind({ target, split: ';' }).link).toMatchObject({
      association: 'companies/sync:firm_id,region',
      target: { kind: 'sync', sync: 'firms', columns: [{ name: 'firm_id' }, { name: 'region' }] },
      split: ';',
    })
    const unique = bind({ target: { kind: 'match', property: 'erp_id', column: 'region' } })
    expect(unique.link?.target).toMatchObject({ by: 'unique', foldsCase: false })
    expect(unique.costs).toEqual([])
  })

  test('by a property that is not unique are searched for, which costs', () => {
    const { link, costs } = bind({
      target: { kind: 'match', property: 'domain', column: 'region' },
    })
    expect(link?.target).toMatchObject({ by: 'search', isDomain: true, foldsCase: true })
    expect(costs).toMatchObject([{ key: 'associations[0].match', where: origin }])
  })

  test.each<[string, Association['target'], string]>([
    [
      'a column that is not there',
      { kind: 'id', column: 'frim_id' },
      'associations[0].id: The model has no column frim_id | Did you mean `firm_id`?',
    ],
    [
      'ids that are no whole numbers',
      { kind: 'id', column: 'since' },
      'associations[0].id: record ids are whole numbers; column since is DATE | Map a column of text, whole numbers or a list of them.',
    ],
    [
      'a key of which one column is not there',
      { kind: 'sync', sync: 'firms', key: ['firm_id', 'reigon'] },
      'associations[0].key: The model has no column reigon | Did you mean `region`?',
    ],
    [
      'a property that is not there',
      { kind: 'match', property: 'domian', column: 'region' },
      'associations[0].match.domian: companies have no property domian | Did you mean `domain`? `backhaul inspect properties companies` lists them.',
    ],
    [
      'a property by which nothing is found',
      { kind: 'match', property: 'founded', column: 'region' },
      'associations[0].match.founded: records cannot be found by founded, a property of type date | Match by a property of text or numbers, or by one with unique values.',
    ],
    [
      'an archived property',
      { kind: 'match', property: 'old', column: 'region' },
      'associations[0].match.old: the property old of companies is archived | Restore it in HubSpot, or match by another property.',
    ],
  ])('%s is a problem', (_case, target, problem) => {
    expect(bind({ target })).toMatchObject({ link: undefined, problems: [problem] })
  })
})

describe('labels', () => {
  test('of a column, with all that may stand there', () => {
    const { link, columns: read } = bind({ labels: { kind: 'either', text: 'ROLE' } })
    expect(link?.labels).toEqual({ kind: 'column', column: columns[2] })
    expect(read.map(({ name }) => name)).toEqual(['firm_id', 'role'])
    expect(link?.lookup.entries).toEqual([
      { term: 'Buyer', meaning: 'USER_DEFINED:33' },
      { term: 'Decision maker', meaning: 'USER_DEFINED:31' },
      { term: 'Primary', meaning: 'HUBSPOT_DEFINED:1' },
      {
        term: 'Twin',
        trouble: 'is the label of several types (USER_DEFINED:35, USER_DEFINED:37)',
      },
      { term: 'buyer', meaning: 'USER_DEFINED:33' },
      { term: 'decider', trouble: 'is the internal name of the label Decision maker' },
      { term: 'decision maker', meaning: 'USER_DEFINED:31' },
      { term: 'primary', meaning: 'HUBSPOT_DEFINED:1' },
      {
        term: 'twin',
        trouble: 'is the label of several types (USER_DEFINED:35, USER_DEFINED:37)',
      },
    ])
    expect(bind({ labels: { kind: 'column', column: 'roles' } }).link?.labels).toMatchObject({
      column: { name: 'roles' },
    })
  })

  test('for all links, whatever their case', () => {
    const static_ = { kind: 'static', labels: ['decision MAKER', 'Primary'] } as const
    expect(bind({ labels: static_ }).link?.labels).toEqual({
      kind: 'types',
      types: ['USER_DEFINED:31', 'HUBSPOT_DEFINED:1'],
    })
    expect(bind({ labels: { kind: 'either', text: 'Decision maker' } }).link?.labels).toEqual({
      kind: 'types',
      types: ['USER_DEFINED:31'],
    })
  })

  test.each<[string, Association['labels'], string]>([
    [
      'a label that is missing',
      { kind: 'static', labels: ['Primary', 'Decission maker'] },
      'associations[0].label: links from contacts to companies have no label Decission maker | Did you mean `Decision maker`? Labels are: Primary, Decision maker, Buyer, Twin. `backhaul inspect associations contacts companies` lists them.',
    ],
    [
      'neither a column nor a label',
      { kind: 'either', text: 'position' },
      'associations[0].label: position is neither a column of the model nor a label of links from contacts to companies | Labels are: Primary, Decision maker, Buyer, Twin. `backhaul inspect associations contacts companies` lists them.',
    ],
    [
      'both a column and a label',
      { kind: 'either', text: 'Buyer' },
      'associations[0].label: Buyer is a column of the model, and a label in HubSpot | Write `label: {column: Buyer}` or `label: {value: Buyer}`.',
    ],
    [
      'an internal name',
      { kind: 'static', labels: ['decider'] },
      'associations[0].label: decider is the internal name of the label Decision maker | Labels are: Primary, Decision maker, Buyer, Twin. `backhaul inspect associations contacts companies` lists them.',
    ],
    [
      'an ambiguous label',
      { kind: 'static', labels: ['Twin'] },
      'associations[0].label: Twin is the label of several types (USER_DEFINED:35, USER_DEFINED:37) | Labels are: Primary, Decision maker, Buyer, Twin. `backhaul inspect associations contacts companies` lists them.',
    ],
    [
      'a column that holds no text',
      { kind: 'column', column: 'since' },
      'associations[0].label: column since is DATE, and labels are text | Name the column that holds the label, or a list of labels.',
    ],
    [
      'a column that is not there',
      { kind: 'column', column: 'rolle' },
      'associations[0].label.column: The model has no column rolle | Did you mean `role`?',
    ],
  ])('%s is a problem', (_case, labels, problem) => {
    expect(bind({ ...(labels === undefined ? {} : { labels }) })).toMatchObject({
      link: undefined,
      problems: [problem],
    })
  })

  test('of an account that made none need a tier that has them', () => {
    const { problems } = bind({ labels: { kind: 'static', labels: ['Buyer'] } }, types.slice(0, 2))
    expect(problems).toEqual([
      'associations[0].label: links from contacts to companies have no label Buyer | Labels are: Primary. Labels are made in HubSpot (Settings, Objects, Associations), from the Professional tier on.',
    ])
  })
})

describe('types', () => {
  test.each([
    [1, ['HUBSPOT_DEFINED:1']],
    ['1', ['HUBSPOT_DEFINED:1']],
    ['primary', ['HUBSPOT_DEFINED:1']],
    ['decider', ['USER_DEFINED:31']],
    [279, []],
  ])('%s', (type, named) => {
    expect(bind({ type }).link?.labels).toEqual({ kind: 'types', types: named })
  })

  test('that are not there are told with those that are', () => {
    expect(bind({ type: 'Primery' }).problems).toEqual([
      'associations[0].type: links from contacts to companies have no type Primery | Did you mean `Primary`? Types are: 279 (unlabelled), 1 (Primary), 31 (Decision maker, decider), 33 (Buyer, buyer), 35 (Twin), 37 (Twin).',
    ])
    expect(bind({ type: 280 }).problems[0]).toContain('have no type 280')
    expect(bind({ type: 'Twin' }).problems[0]).toContain('names several types')
  })

  test('of objects that HubSpot does not associate are none', () => {
    expect(bind({}, []).problems).toEqual([
      'associations[0].to: HubSpot has no association between contacts and companies | Associate the two objects in HubSpot (Settings, Objects, Associations), or link to another object.',
    ])
  })
})
