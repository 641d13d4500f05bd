import { expect, test } from 'vitest'
import { strictSandbox } from '../support/sandbox.ts'
import { contacts, smallShop } from '../support/small-shop.ts'

test('the portal as a mapping needs it, as tables and as documents', async () => {
  const sandbox = await strictSandbox({ tier: 'professional' })
  sandbox.createObjectType({
    name: 'subscription_box',
    labels: { singular: 'Box', plural: 'Boxes' },
    primaryDisplayProperty: 'box_name',
    requiredProperties: ['box_name'],
    properties: [{ name: 'box_name', label: 'Name', type: 'string', fieldType: 'text' }],
    associatedObjects: ['CONTACT'],
  })
  const project = await smallShop({ sandbox })
  const inspect = async (...args: readonly string[]) => {
    const text = await project.run(['inspect', ...args])
    const json = await project.run(['inspect', ...args, '--json'])
    expect(json.exitCode, json.stderr).toBe(text.exitCode)
    expect(text.stdout).not.toContain('\u001b')
    return { ...text, json: JSON.parse(json.stdout) }
  }
  const objects = await inspect('objects')
  expect(objects.exitCode, objects.stderr).toBe(0)
  expect(objects.stdout).toMatch(/deals +0-3 +standard +dealname, dealstage/)
  expect(objects.stdout).toMatch(/p4242424_subscription_box +2-\d+ +Boxes +custom +box_name/)
  expect(objects.json).toMatchObject({ kind: 'objects', version: 1, portalId: '4242424' })

  const properties = await inspect('properties', 'contacts')
  expect(properties.stdout).toMatch(/email +Email +string +text .*unique/)
  expect(properties.stdout).toMatch(/createdate .*read-only: set by HubSpot/)
  expect(properties.stdout).toMatch(/lifecyclestage .*\d options/)
  const one = await inspect('properties', 'contacts', 'lifecyclestage')
  expect(one.stdout).toContain('Options of lifecyclestage')
  expect(one.stdout).toMatch(/ {2}lead +Lead/)
  expect(one.json.properties).toHaveLength(1)
  expect(one.json.properties[0]).toMatchObject({ isRequired: false, readOnlyBecause: null })

  sandbox.defineLabel('contacts', 'companies', { label: 'Works for', inverseLabel: 'Employs' })
  const pair = await inspect('associations', 'contacts', '0-2')
  expect(pair.exitCode, pair.stderr).toBe(0)
  expect(pair.stdout).toMatch(/contacts +companies +279 +HUBSPOT_DEFINED +\(unlabelled\)/)
  expect(pair.stdout).toMatch(/contacts +companies +\d+ +USER_DEFINED +Works for/)
  expect(pair.stdout).toMatch(/companies +contacts +\d+ +USER_DEFINED +Employs/)
  expect(pair.json.associations).toMatchObject([
    { from: 'contacts', to: 'companies', types: [{ typeId: 279, label: null }, {}, {}] },
    { from: 'companies', to: 'contacts' },
  ])
  const box = await inspect('associations', 'subscription_box')
  expect(box.stdout).toMatch(/p4242424_subscription_box +contacts +\d+ +USER_DEFINED/)
  expect(box.stdout).not.toContain('deals')
  const all = await inspect('associations')
  expect(all.stdout).toMatch(/deals +companies|companies +deals/)
  expect(all.stdout).toContain('backhaul inspect associations FROM TO')
  sandbox.addList(
    'VIP',
    'contacts',
    'MANUAL',
    sandbox.seedRecords('contacts', [{ email: 'a@x.de' }]),
  )
  sandbox.addList('All', 'companies', 'DYNAMIC')
  const lists = await inspect('lists')
  expect(lists.stdout).toMatch(/VIP +1 +contacts +1 +manual/)
  expect(lists.stdout).toMatch(/All +2 +companies +0 +dynamic +cannot be written/)
  expect(lists.json.lists).toMatchObject([
    { id: '2', object: 'companies', processingType: 'DYNAMIC', size: 0, isWritable: false },
    { id: '1', name: 'VIP', objectTypeId: '0-1', size: 1, isWritable: true },
  ])
  expect((await inspect('lists', 'companies')).stdout).not.toContain('VIP')

  const owners = await inspect('owners')
  expect(owners.stdout).toMatch(/41629779 +\S+@\S+ +Ada Marlow/)
  const limits = await inspect('limits')
  expect(limits.stdout).toMatch(/of 625,000 used/)
  expect(limits.json).toMatchObject({
    daily: { limit: 625_000 },
    burst: { requests: 190, intervalMs: 10_000, isLearnt: true },
    recordsPerBatch: 100,
  })
  const scopes = await inspect('scopes')
  expect(scopes.exitCode, scopes.stderr).toBe(0)
  expect(scopes.stdout).toMatch(/crm\.objects\.contacts\.write +yes +write contacts +contacts/)
  expect(await project.rows('select 1 as one')).toHaveLength(1)
})

test('missing scopes are named, and the token is nowhere', async () => {
  const token = 'pat-na1-secret-token'
  const sandbox = await strictSandbox({
    tokens: [{ token, scopes: ['crm.objects.contacts.read'] }],
  })
  const project = await smallShop({ sandbox: { ...sandbox, token } })
  const result = await project.run(['inspect', 'scopes', '--debug'])
  expect(result.exitCode).toBe(1)
  expect(result.stdout).toContain('Missing: crm.objects.contacts.write.')
  expect(result.stdout + result.stderr).not.toContain(token)
  const json = await project.run(['inspect', 'scopes', '--json'])
  expect(JSON.parse(json.stdout)).toMatchObject({
    missing: ['crm.objects.contacts.write'],
    granted: ['crm.objects.contacts.read'],
  })
  const hidden = await project.run(['inspect', 'objects'])
  expect(hidden.stdout).toContain('the token lacks crm.schemas.custom.read')
  const owners = await project.run(['inspect', 'owners'])
  expect(owners.exitCode).toBe(1)
  expect(owners.stderr).toContain('crm.objects.owners.read')
})

test('a token that HubSpot says nothing about: the least it needs is named all the same', async () => {
  const sandbox = await strictSandbox()
  sandbox.addFault({ kind: 'status', status: 404, match: { path: 'access-token-info' } })
  const project = await smallShop({ sandbox, syncs: [contacts()] })
  const result = await project.run(['inspect', 'scopes'])
  expect(result.exitCode, result.stderr).toBe(0)
  expect(result.stdout).toMatch(/crm\.objects\.contacts\.read +not known/)
  expect(result.stdout).toContain('compare by hand')
})

test('what is not there is said, with what was meant', async () => {
  const sandbox = await strictSandbox()
  const project = await smallShop({ sandbox })
  const wrong = [
    [['properties'], 2, 'needs an object'],
    [['objekts'], 2, 'did you mean objects?'],
    [[], 2, 'needs one of objects'],
    [['properties', 'contact'], 1, 'Did you mean contacts?'],
    [['properties', 'contacts', 'firstnam'], 1, 'Did you mean `firstname`?'],
    [['objects', 'kontacts'], 1, 'Did you mean `contacts`?'],
    [['associations', 'contacts', 'companys'], 1, 'Did you mean `companies`?'],
    [['lists', 'contact'], 1, 'Did you mean `contacts`?'],
  ] as const
  for (const [args, exitCode, message] of wrong) {
    const result = await project.run(['inspect', ...args])
    expect(result.exitCode, `${args}`).toBe(exitCode)
    expect(result.stderr).toContain(message)
  }
})
