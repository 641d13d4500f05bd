import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { resolveSyncs } from '../../../src/config/resolve-syncs.ts'
import { renderFile } from '../../../src/exposures/exposures-file.ts'
import { type ExposureFacts, generateExposures } from '../../../src/exposures/generate.ts'
import type { Sync } from '../../../src/types.ts'
import { manifestFromYaml } from '../config/manifest-from-yaml.ts'

/** The syncs of a YAML file in dbt's words. */
function syncsIn(yaml: string): readonly Sync[] {
  const file = 'models/schema.yml'
  const { syncs, problems } = resolveSyncs(manifestFromYaml(yaml, file), {
    projectDir: '/shop',
    readFile: () => yaml,
  })
  expect(problems).toEqual([])
  return syncs
}

const contacts = (keys = '') =>
  `{object: contacts, primary_key: id, match: {email: email}, properties: {firstname: first_name}${keys === '' ? '' : `, ${keys}`}}`

const model = (name: string, hubspot: string, more = '') =>
  `{name: ${name}, config: {${more} meta: {owner: revops@shop.example, hubspot: ${hubspot}}}}`

const facts: ExposureFacts = { projectName: 'shop', groups: [], others: [] }

const generate = (yaml: string, more: Partial<ExposureFacts> = {}) =>
  generateExposures(syncsIn(yaml), { ...facts, ...more })

const one = (yaml: string, more: Partial<ExposureFacts> = {}) => {
  const { exposures } = generate(yaml, more)
  expect(exposures).toHaveLength(1)
  return exposures[0]
}

test('an exposure of a sync of records', () => {
  const portal = { portalId: '4242', uiDomain: 'app-eu1.hubspot.com' }
  const keys = 'sync: newsletter, mode: update, where: "is_test = false", on_delete: clear'
  expect(one(`models: [${model('people', contacts(keys))}]`, { portal })).toEqual({
    name: 'hubspot_sync_newsletter',
    label: 'HubSpot contacts (newsletter)',
    type: 'application',
    url: 'https://app-eu1.hubspot.com/contacts/4242/objects/0-1/views/all/list',
    description: `Rows of \`people\` for which its filter (\`where\`) holds go to HubSpot as contacts, by the Backhaul sync \`newsletter\`.

- Mode: update (updates records, makes none)
- Matched by: \`email\` (column \`email\`)
- Properties: 2
- Rows that leave: what the sync sent is cleared`,
    depends_on: ["ref('people')"],
    owner: { email: 'revops@shop.example' },
    config: { tags: ['hubspot'], meta: { backhaul_sync: 'newsletter' } },
  })
})

test('an exposure of a sync of events', () => {
  const sync =
    '{sync: logins, type: event, event: login, primary_key: id, contact: {sync: contacts, key: person}, properties: {plan: plan}}'
  const yaml = `models: [${model('people', contacts('sync: contacts'))}, ${model('logins', sync)}]`
  const portal = { portalId: '4242', uiDomain: 'app.hubspot.com' }
  const { exposures } = generate(yaml, { portal })
  expect(exposures[1]).toMatchObject({
    label: 'HubSpot event login (logins)',
    url: 'https://app.hubspot.com/contacts/4242/objects/0-1/views/all/list',
    description: `Rows of \`logins\` go to HubSpot as events \`login\`, by the Backhaul sync \`logins\`.

- Sent: each row once
- About: records of the sync \`contacts\` (column \`person\`)
- Properties: 1`,
  })
})

test('an exposure of a sync of list members', () => {
  const list = (list: string, mode: string) =>
    one(
      `models: [${model('trials', `{sync: trials, type: list, list: ${list}, mode: ${mode}, primary_key: id, contact: {email: email}}`)}]`,
      { portal: { portalId: '4242', uiDomain: 'app.hubspot.com' } },
    )
  expect(list('Trial users', 'mirror')).toMatchObject({
    label: 'HubSpot list Trial users (trials)',
    url: 'https://app.hubspot.com/contacts/4242/objects/0-1/views/all/list',
    description: `Rows of \`trials\` go to HubSpot as members of the list \`Trial users\`, by the Backhaul sync \`trials\`.

- Mode: mirror (adds rows, and removes rows that left)
- Members: contacts by e-mail (column \`email\`)`,
  })
  expect(list('{id: 42}', 'remove')?.label).toBe('HubSpot list 42 (trials)')
  expect(list('{id: 42}', 'remove')?.description).toMatch(
    /^Rows of `trials` are taken off the HubSpot list `42`, by/,
  )
})

test('objects that records are linked to', () => {
  const links =
    'associations: [{to: companies, id: company, label: a}, {to: companies, id: other}, {to: deals, id: deal}]'
  const entry = one(`models: [${model('people', contacts(links))}]`)
  expect(entry?.description).toContain('\n- Linked to: `companies`, `deals`')
})

describe('URLs', () => {
  const portal = { portalId: '4242', uiDomain: 'app.hubspot.com' }
  const urlOf = (object: string) =>
    one(
      `models: [${model('things', `{object: ${object}, primary_key: id, match: {ref: ref}, properties: {name: name}}`)}]`,
      { portal },
    )?.url

  test.each([
    ['companies', '/objects/0-2/views/all/list'],
    ['"0-3"', '/objects/0-3/views/all/list'],
    ['2-1234567', '/objects/2-1234567/views/all/list'],
    // Nobody but HubSpot knows the type id of a name, and not every object has an index page.
    ['p4242_machines', ''],
    ['line_items', ''],
  ])('of %s', (object, path) => {
    expect(urlOf(object)).toBe(`https://app.hubspot.com/contacts/4242${path}`)
  })

  test('are left out without a portal', () => {
    expect(one(`models: [${model('people', contacts())}]`)).not.toHaveProperty('url')
  })
})

describe('names', () => {
  const named = (...names: readonly string[]) =>
    `models: [${names.map((name, index) => model(`m${index}`, `{sync: ${name}, object: contacts, primary_key: id, match: {email: email}}`)).join(', ')}]`
  const namesOf = (yaml: string, more: Partial<ExposureFacts> = {}) =>
    Object.fromEntries(
      generate(yaml, more).exposures.map(({ name, config }) => [config.meta.backhaul_sync, name]),
    )

  test('are what dbt takes', () => {
    expect(namesOf(named('a-b', 'Plan'))).toEqual({
      Plan: 'hubspot_sync_Plan',
      'a-b': 'hubspot_sync_a_b',
    })
  })

  test('are not those of other exposures of the project', () => {
    const others = [{ name: 'hubspot_sync_a' }, { name: 'hubspot_sync_a_2' }]
    expect(namesOf(named('a', 'b'), { others })).toEqual({
      a: 'hubspot_sync_a_3',
      b: 'hubspot_sync_b',
    })
  })

  test('several syncs of one model have one each', () => {
    const yaml = `models: [${model('people', `[${contacts('sync: a')}, {sync: b, object: companies, primary_key: id, match: {domain: domain}, properties: {name: name}}]`)}]`
    expect(generate(yaml).exposures.map(({ name, depends_on }) => [name, ...depends_on])).toEqual([
      ['hubspot_sync_a', "ref('people')"],
      ['hubspot_sync_b', "ref('people')"],
    ])
  })
})

describe('what an exposure depends on', () => {
  const refOf = (yaml: string, more: Partial<ExposureFacts> = {}) => one(yaml, more)?.depends_on[0]

  test('is a model, seed or snapshot of the project', () => {
    expect(refOf(`models: [${model('people', contacts())}]`)).toBe("ref('people')")
    expect(refOf(`seeds: [${model('people', contacts())}]`)).toBe("ref('people')")
    expect(refOf(`snapshots: [${model('people', contacts())}]`)).toBe("ref('people')")
  })

  test('is said with its package where that is another', () => {
    const yaml = `models: [${model('people', contacts())}]`
    expect(refOf(yaml, { projectName: 'all' })).toBe("ref('shop', 'people')")
  })

  test.each([
    ['2', 'v=2'],
    ['"2024-01"', "v='2024-01'"],
  ])('is said with its version, %s', (version, said) => {
    const yaml = `models: [{name: people, latest_version: ${version}, versions: [{v: 1}, {v: ${version}}], config: {meta: {hubspot: ${contacts()}}}}]`
    expect(refOf(yaml)).toBe(`ref('people', ${said})`)
  })

  test('current rows of a snapshot are called that', () => {
    expect(one(`snapshots: [${model('people', contacts())}]`)?.description).toMatch(
      /^Current rows of `people` go/,
    )
  })
})

describe('owners', () => {
  const groups = [
    { name: 'crm', packageName: 'shop', owner: { name: 'CRM', email: 'crm@shop.example' } },
    { name: 'crm', packageName: 'other', owner: { name: 'Somebody else' } },
  ]
  const ofGroup = `models: [{name: people, group: crm, config: {meta: {hubspot: ${contacts()}}}}]`

  test("are the model's own, then its group's, then the one that is given", () => {
    const owner = { name: 'Given' }
    const own = `models: [${model('people', contacts(), 'group: crm,')}]`
    expect(one(own, { groups, owner })?.owner).toEqual({ email: 'revops@shop.example' })
    expect(one(ofGroup, { groups, owner })?.owner).toEqual(groups[0]?.owner)
    expect(one(ofGroup, { owner })?.owner).toEqual(owner)
  })

  test('that nobody knows are told', () => {
    const { exposures, withoutOwner } = generate(ofGroup)
    expect(exposures[0]?.owner).toEqual({ name: 'Not set' })
    expect(withoutOwner).toEqual(['people'])
  })
})

test('maturity is what the model says', () => {
  const withMeta = (meta: string) =>
    one(`models: [{name: people, config: {meta: {${meta}, hubspot: ${contacts()}}}}]`)
  expect(withMeta('maturity: high')?.maturity).toBe('high')
  expect(withMeta('model_maturity: low')?.maturity).toBe('low')
  expect(withMeta('maturity: golden')).not.toHaveProperty('maturity')
})

test('a sync on an exposure is left to it', () => {
  const yaml = `models: [{name: people}]
exposures: [{name: crm, depends_on: ["ref('people')"], config: {meta: {hubspot: ${contacts()}}}}]`
  expect(generate(yaml)).toMatchObject({ exposures: [], onExposures: ['crm'] })
})

test('models that dbt keeps to their group or package get none', () => {
  const yaml = `models: [${model('a', contacts(), 'access: private, group: crm,')}, ${model('b', contacts('sync: b, properties: {}').replace('properties: {firstname: first_name}, ', ''), 'access: protected,')}]`
  const names = (more: Partial<ExposureFacts> = {}) =>
    generate(yaml, more).exposures.map(({ name }) => name)
  expect(names()).toEqual(['hubspot_sync_b'])
  const elsewhere = { projectName: 'all', restrictsAccess: (name: string) => name === 'shop' }
  expect(names(elsewhere)).toEqual([])
  expect(names({ ...elsewhere, restrictsAccess: () => false })).toEqual(['hubspot_sync_b'])
})

test('names that look like Jinja are no templates in the file', () => {
  const sync = `{sync: a, object: contacts, primary_key: id, match: {email: "{{ boom"}, properties: {firstname: "{# c #}"}}`
  const file = renderFile(generateExposures(untouched(sync), facts).exposures, '')
  expect(file).not.toMatch(/\{\{|\}\}|\{%|%\}|\{#|#\}/)
  expect(parse(file)).toHaveProperty('exposures')
})

/** dbt renders what a user writes: only `raw` lets braces through, which the sync's own checks refuse. */
function untouched(sync: string): readonly Sync[] {
  const yaml = `models: [${model('people', sync.replace('{{ boom', 'boom').replace('{# c #}', 'c'))}]`
  return syncsIn(yaml).map((each) => ({
    ...each,
    match: { property: 'email', column: '{{ boom }}{# #}{% x %}' },
  }))
}
