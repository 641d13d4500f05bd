import { expect, test } from 'vitest'
import { definitionOf, editsOf } from '../../../src/plan/sync-definition.ts'
import type { Mapping, Sync } from '../../../src/types.ts'

const origin = { file: 'models/schema.yml', line: 7, column: 9 }

const mapping = (property: string, column: string, facts: Partial<Mapping> = {}): Mapping => ({
  property,
  source: { kind: 'column', column },
  nulls: 'clear',
  write: 'always',
  onInvalid: 'reject_row',
  key: `properties.${property}`,
  origin,
  ...facts,
})

const sync = (facts: Partial<Sync> = {}): Sync =>
  ({
    name: 'contacts',
    type: 'object',
    model: { name: 'people' },
    object: 'contacts',
    mode: 'upsert',
    primaryKey: ['id'],
    match: { property: 'email', column: 'email' },
    mappings: [mapping('firstname', 'first_name')],
    associations: [],
    onDelete: 'nothing',
    deletesAdopted: false,
    origin,
    ...facts,
  }) as unknown as Sync

test('a sync says what it sends by the keys of its YAML', () => {
  expect(definitionOf(sync())).toEqual({
    model: 'people',
    object: 'contacts',
    mode: 'upsert',
    primary_key: 'id',
    match: 'email: email',
    on_delete: 'nothing',
    delete_adopted: 'false',
    'properties.firstname': 'first_name',
  })
})

test('keys that were added, removed or changed are told; where something is written does not count', () => {
  const before = sync({
    mappings: [mapping('firstname', 'first_name'), mapping('jobtitle', 'job')],
  })
  const link = {
    to: 'companies',
    target: { kind: 'id', column: 'company' },
    onRemoved: 'keep',
    key: 'associations[0]',
    origin,
  } as const
  const now = sync({
    mappings: [
      mapping('firstname', 'preferred', { nulls: 'keep' }),
      mapping('phone', 'phone', { origin: { file: 'other.yml' } }),
    ],
    associations: [link as never],
  })
  expect(editsOf(definitionOf(before), definitionOf(now))).toEqual([
    {
      key: 'associations.companies',
      from: null,
      to: '{"onRemoved":"keep","target":{"column":"company","kind":"id"}}',
    },
    {
      key: 'properties.firstname',
      from: 'first_name',
      to: '{"column":"preferred","nulls":"keep"}',
    },
    { key: 'properties.jobtitle', from: 'job', to: null },
    { key: 'properties.phone', from: null, to: 'phone' },
  ])
  const moved = sync({ mappings: [mapping('firstname', 'first_name', { origin: { file: 'x' } })] })
  expect(editsOf(definitionOf(sync()), definitionOf(moved))).toEqual([])
})
