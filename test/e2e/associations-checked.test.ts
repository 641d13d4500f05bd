import { expect, test } from 'vitest'
import { strictSandbox } from '../support/sandbox.ts'
import { contacts, smallShop } from '../support/small-shop.ts'

const tables = [
  "create table people as select 1 as id, 'ada@shop.example' as email, 'Ada' as first_name, 7 as firm_id, 'Buyer' as role, date '2026-01-01' as since",
  "create table firms as select 7 as id, 'Acme' as name",
]
const firms = {
  model: 'firms',
  hubspot: {
    sync: 'firms',
    object: 'companies',
    primary_key: 'id',
    match: { name: 'name' },
    properties: {},
  },
}

test('associations are checked before the first call, all problems at once', async () => {
  const sandbox = await strictSandbox()
  sandbox.defineLabel('contacts', 'companies', { label: 'Decision maker' })
  const associations = [
    { to: 'companies', sync: 'firms', key: 'firm_ids' },
    { to: 'companies', id: 'firm_id', label: 'Decision makers' },
    { to: 'companies', id: 'since', type: 'Primery' },
    { to: 'companies', match: { domian: 'role' } },
    { to: 'companies', match: { name: 'role' }, label: { column: 'role' } },
  ]
  const project = await smallShop({
    sandbox,
    tables,
    syncs: [contacts({ associations }), firms],
  })
  const result = await project.run(['validate'])
  expect(result.exitCode).toBe(1)
  const problems = result.stdout
    .split('\n')
    .filter((line) => line.includes('associations['))
    .map((line) => line.replace(/^.*?(associations\[)/, '$1'))
  expect(problems).toEqual([
    'associations[0].key: The model has no column firm_ids',
    'associations[1].label: Decision makers is neither a column of the model nor a label of links from contacts to companies',
    'associations[2].id: record ids are whole numbers; column since is DATE',
    'associations[2].type: links from contacts to companies have no type Primery',
    'associations[3].match.domian: companies have no property domian',
  ])
  expect(result.stdout).toContain(
    'Did you mean `Decision maker`? Labels are: Primary, Decision maker.',
  )
  expect(result.stdout).toContain('Types are: 279 (unlabelled), 1 (Primary)')
  expect(sandbox.counts().byOperation['associations.labels']).toBe(1)
  expect(sandbox.writeCalls()).toBe(0)
})

test('objects that HubSpot does not have, or does not link, are told of the association', async () => {
  const sandbox = await strictSandbox()
  sandbox.createObjectType({
    name: 'machine',
    labels: { singular: 'Machine', plural: 'Machines' },
    requiredProperties: ['serial'],
    properties: [{ name: 'serial', label: 'Serial', type: 'string', fieldType: 'text' }],
    associatedObjects: ['DEAL'],
  })
  const messages: string[] = []
  for (const objects of [['machine'], ['machin', 'companies', 'Deal']]) {
    const associations = objects.map((to) => ({ to, id: 'firm_id' }))
    const syncs = [contacts({ associations })]
    const project = await smallShop({ sandbox, tables, syncs })
    messages.push((await project.run(['validate'])).stdout)
  }
  expect(messages[0]).toContain(
    'associations[0].to: HubSpot has no association between contacts and',
  )
  expect(messages[1]).toContain(
    'associations[0].to: HubSpot has no object type machin that this token may see',
  )
  expect(messages[1]).toContain('associations[2].to: HubSpot has no object type Deal that')
})

test('scopes of both ends are needed', async () => {
  const token = 'pat-na1-secret-token'
  const scopes = [
    'crm.objects.contacts.read',
    'crm.objects.contacts.write',
    'crm.objects.companies.read',
  ]
  const sandbox = await strictSandbox({ tokens: [{ token, scopes }] })
  const project = await smallShop({
    sandbox: { ...sandbox, token },
    tables,
    syncs: [contacts({ associations: [{ to: 'companies', id: 'firm_id' }] })],
  })
  const result = await project.run(['inspect', 'scopes'])
  expect(result.exitCode).toBe(1)
  expect(result.stdout).toContain('Missing: crm.objects.companies.write.')
})
