import { expect, test } from 'vitest'
import { check } from '../../../src/config/check.ts'
import { normaliseAssociations } from '../../../src/config/normalise-associations.ts'
import { objectSync } from '../../../src/config/object-schema.ts'

const origin = { file: 'models/people.yml', line: 3 }

function normalise(...associations: readonly Readonly<Record<string, unknown>>[]) {
  const checked = check(objectSync, { object: 'contacts', associations })
  if (!checked.ok) throw new Error(JSON.stringify(checked.findings))
  return normaliseAssociations(checked.value.associations, () => origin)
}

test('every form of an entry', () => {
  const { associations, findings } = normalise(
    { to: 'companies', sync: 'firms', key: 'firm_id', label: 'role' },
    { to: 'companies', sync: 'regions', key: ['country', 'region'], on_removed: 'remove' },
    { to: 'companies', match: { domain: 'domain' }, label: { column: 'role' } },
    { to: 'deals', id: 'deal_ids', split: ',', label: ['Buyer', 'Payer'] },
    { to: 'deals', id: 'sold_ids', label: { value: 'Seller' } },
    { to: 'deals', id: 'other_ids', type: 4 },
  )
  expect(findings).toEqual([])
  const entry = (index: number) => ({ onRemoved: 'keep', key: `associations[${index}]`, origin })
  expect(associations).toEqual([
    {
      ...entry(0),
      to: 'companies',
      target: { kind: 'sync', sync: 'firms', key: ['firm_id'] },
      labels: { kind: 'either', text: 'role' },
    },
    {
      ...entry(1),
      to: 'companies',
      target: { kind: 'sync', sync: 'regions', key: ['country', 'region'] },
      onRemoved: 'remove',
    },
    {
      ...entry(2),
      to: 'companies',
      target: { kind: 'match', property: 'domain', column: 'domain' },
      labels: { kind: 'column', column: 'role' },
    },
    {
      ...entry(3),
      to: 'deals',
      target: { kind: 'id', column: 'deal_ids' },
      split: ',',
      labels: { kind: 'static', labels: ['Buyer', 'Payer'] },
    },
    {
      ...entry(4),
      to: 'deals',
      target: { kind: 'id', column: 'sold_ids' },
      labels: { kind: 'static', labels: ['Seller'] },
    },
    { ...entry(5), to: 'deals', target: { kind: 'id', column: 'other_ids' }, type: 4 },
  ])
})

test('the same records by another name of the object are the same entry', () => {
  const { associations, findings } = normalise(
    { to: 'companies', id: 'firm_id' },
    { to: '0-2', id: 'firm_id', label: 'role' },
    { to: 'companies', id: 'other_id' },
  )
  expect(associations.map(({ key }) => key)).toEqual(['associations[0]', 'associations[2]'])
  expect(findings).toMatchObject([
    { path: ['associations', 1], message: 'finds the same records as associations[0]' },
  ])
})
