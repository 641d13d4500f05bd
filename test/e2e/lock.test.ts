import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createProject } from '../support/project.ts'
import { type StrictSandbox, strictSandbox } from '../support/sandbox.ts'

const tables = [
  `create table people as select * from (values
    (1, 'ada@shop.example', 'Ada', 'gold', 'Billing', 'rep@shop.example', 'shop.example'),
    (2, 'bob@shop.example', 'Bob', 'tin', null, 'nobody@shop.example', null)
  ) as t (id, email, first_name, plan, role, owner, domain)`,
  `create table deals as select 1 as id, 'One' as name, 'closedwon' as stage`,
  `create table visits as select 1 as id, 'ada@shop.example' as email, 3 as pages`,
]

const contacts = {
  sync: 'contacts',
  object: 'contacts',
  primary_key: 'id',
  match: { email: 'email' },
  properties: {
    firstname: 'first_name',
    plan: 'plan',
    hubspot_owner_id: { column: 'owner', as: 'owner_email' },
    made_here: { column: 'role', create_missing: true },
  },
  associations: [{ to: 'companies', match: { domain: 'domain' }, label: { column: 'role' } }],
}

const list = {
  sync: 'vip',
  type: 'list',
  list: 'VIP',
  primary_key: 'id',
  contact: { email: 'email' },
}

const visits = {
  sync: 'visits',
  type: 'event',
  event: 'visited',
  primary_key: 'id',
  contact: { email: 'email' },
  properties: { pages: 'pages' },
}

const syncs = [
  { model: 'people', hubspot: [contacts, list] },
  {
    model: 'deals',
    hubspot: {
      sync: 'deals',
      object: '0-3',
      mode: 'insert',
      primary_key: 'id',
      properties: { dealname: 'name', dealstage: 'stage' },
    },
  },
  { model: 'visits', hubspot: visits },
]

const offline = { HUBSPOT_ACCESS_TOKEN: '', HUBSPOT_BASE_URL: 'http://127.0.0.1:1' }

const options = (...values: readonly string[]) =>
  values.map((value, displayOrder) => ({
    value,
    label: value.toUpperCase(),
    displayOrder,
    hidden: false,
  }))

async function start(more: Partial<Parameters<typeof createProject>[0]> = {}) {
  const sandbox = await strictSandbox()
  definePlan(sandbox)
  const project = await createProject({ engine: 'duckdb', sandbox, tables, syncs, ...more })
  const file = join(project.dir, 'hubspot.lock.yml')
  return { sandbox, project, read: () => readFileSync(file, 'utf8'), file }
}

function definePlan(sandbox: StrictSandbox): void {
  sandbox.createProperty('contacts', {
    name: 'plan',
    label: 'Plan',
    type: 'enumeration',
    fieldType: 'select',
    options: options('gold', 'tin'),
  })
  sandbox.defineLabel('contacts', 'companies', { label: 'Billing', name: 'billing' })
  sandbox.defineOwner('rep@shop.example')
  sandbox.defineEvents([
    {
      name: 'visited',
      includeDefaultProperties: false,
      propertyDefinitions: [{ name: 'pages', label: 'Pages', type: 'number' }],
    },
  ])
}

test('a lock has what the syncs use, is the same each time, and stands for HubSpot', async () => {
  const { sandbox, project, read } = await start()
  const made = await project.run(['lock'])
  expect(made.exitCode, made.stderr).toBe(0)
  const text = read()
  expect(text).toMatchInlineSnapshot(`
    "# What HubSpot says of the objects, properties, pipelines, associations, events and lists that the syncs of this project use.
    # Made by \`backhaul lock\`, for \`backhaul validate\` and \`backhaul plan\` where there is no token. Not to be edited: make it
    # again with \`backhaul lock\`; \`backhaul lock --check\` compares it with HubSpot. It holds no token, no record and no person.
    version: 1
    api: v3
    portals:
      "4242424":
        account_type: DEVELOPER_TEST
        targets: [dev]
        objects:
          companies:
            id: 0-2
            properties:
              domain:
                label: Company Domain Name
                type: string
                field: text
          contacts:
            id: 0-1
            group: contactinformation
            properties:
              email:
                label: Email
                type: string
                field: text
                unique: true
              firstname:
                label: First Name
                type: string
                field: text
              hubspot_owner_id:
                label: Owner
                type: enumeration
                field: select
                options_elsewhere: true
              made_here: absent
              plan:
                label: Plan
                type: enumeration
                field: select
                options:
                  - {value: gold, label: GOLD}
                  - {value: tin, label: TIN}
          deals:
            id: 0-3
            properties:
              dealname:
                label: Deal Name
                type: string
                field: text
              dealstage:
                label: Deal Stage
                type: enumeration
                field: select
                options_elsewhere: true
            pipelines:
              pipelines:
                - {value: default, label: Sales Pipeline}
              stages:
                - {value: appointmentscheduled, label: Appointment Scheduled}
                - {value: qualifiedtobuy, label: Qualified To Buy}
                - {value: presentationscheduled, label: Presentation Scheduled}
                - {value: decisionmakerboughtin, label: Decision Maker Bought-In}
                - {value: contractsent, label: Contract Sent}
                - {value: closedwon, label: Closed Won}
                - {value: closedlost, label: Closed Lost}
        associations:
          contacts:
            companies:
              - {id: 279, category: HUBSPOT_DEFINED}
              - {id: 1, category: HUBSPOT_DEFINED, label: Primary}
              - {id: 74, category: USER_DEFINED, label: Billing}
        events:
          visited:
            full_name: pe4242424_visited
            label: visited
            about: 0-1
            tracking_type: MANUAL
            properties:
              pages:
                label: Pages
                type: number
                field: number
        absent_lists:
          - {name: VIP, object: 0-1}
    "
  `)
  expect(text).not.toContain('rep@shop.example')
  expect((await project.run(['lock'])).exitCode).toBe(0)
  expect(read()).toBe(text)
  const checked = await project.run(['lock', '--check'])
  expect(checked.exitCode, checked.stderr).toBe(0)
  expect(checked.stdout).toBe('')

  const online = await project.run(['validate', '--output', 'json'])
  const asked = sandbox.requests().length
  const withoutWarehouse = await project.run(['validate', '--offline', '--output', 'json'], offline)
  expect(withoutWarehouse.exitCode, withoutWarehouse.stderr).toBe(0)
  expect(withoutWarehouse.stderr).toContain('valid by hubspot.lock.yml, without the warehouse')
  const withoutToken = await project.run(['validate', '--output', 'json'], offline)
  expect(withoutToken.stderr).toContain('HubSpot is not asked, because there is no token')
  for (const { stdout } of [withoutWarehouse, withoutToken]) {
    expect(JSON.parse(stdout)).toEqual(JSON.parse(online.stdout))
  }
  expect(sandbox.requests()).toHaveLength(asked)
})

test('a plan by the lock is that of HubSpot, but for owners', async () => {
  const { project } = await start()
  expect((await project.run(['lock'])).exitCode).toBe(0)
  const plansOf = (stdout: string) =>
    stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
      .filter(({ kind }) => kind === 'plan')
      .map(({ runId: _, isOffline: __, ...plan }) => plan)
  const args = ['plan', '--output', 'json', '--select']
  const others = ['sync:deals', 'sync:visits', 'sync:vip']
  const online = await project.run([...args, ...others])
  const locked = await project.run([...args, ...others, '--offline'], offline)
  expect(locked.exitCode, locked.stderr).toBe(0)
  expect(locked.stderr).toContain(
    'HubSpot is not asked: what it says of portal 4242424 stands in hubspot.lock.yml',
  )
  expect(plansOf(locked.stdout)).toEqual(plansOf(online.stdout))
  const [planned] = plansOf((await project.run([...args, 'sync:contacts'], offline)).stdout)
  expect(planned).toMatchObject({
    operations: { upsert: 2, reject: 0 },
    creates: [{ name: 'made_here' }],
    warnings: [
      expect.anything(),
      { message: expect.stringContaining('owners are in no lock: hubspot_owner_id is') },
    ],
  })
  const markdown = await project.run(['plan', '--output', 'markdown'], offline)
  expect(markdown.stdout).toContain('which was not asked: what it says is in `hubspot.lock.yml`')
  // An owner that was sent stays what it was: Ada's row has nothing left to send, and Bob's was rejected for his.
  const run = await project.run(['run', '--select', 'sync:contacts'])
  expect(run.stderr).toContain('1 created')
  const [again] = plansOf((await project.run([...args, 'sync:contacts'], offline)).stdout)
  expect(again).toMatchObject({
    rows: { known: 2, unchanged: 1 },
    operations: { upsert: 1, update: 0, reject: 0 },
  })
  const sealed = await project.run(['plan', '--offline', '--out', 'plan.json'])
  expect(sealed.exitCode).toBe(1)
  expect(sealed.stderr).toContain('owners are in no lock: a run sends hubspot_owner_id')
  const rematch = await project.run(['plan', '--offline', '--rematch'])
  expect(rematch.exitCode).toBe(2)
  expect(rematch.stderr).toContain('--rematch looks known rows up in HubSpot')
})

test('where HubSpot has moved, --check says what breaks whom, and what is only news', async () => {
  const { sandbox, project, file, read } = await start()
  sandbox.addList('VIP', 'contacts')
  const [, ...others] = syncs
  project.setSyncs([{ model: 'people', hubspot: [contacts, { ...list, adopt: true }] }, ...others])
  expect((await project.run(['lock'])).exitCode).toBe(0)
  const before = read()
  sandbox.changeProperty('contacts', 'plan', {
    options: options('gold', 'silver'),
    label: 'Tariff\n::error::x',
  } as never)
  sandbox.changeProperty('contacts', 'firstname', { type: 'number' })
  sandbox.archiveProperty('deals', 'dealname')
  sandbox.createProperty('contacts', { name: 'made_here', type: 'string', fieldType: 'text' })
  sandbox.setRule('companies', 'domain', 'MAX_LENGTH', '40')
  sandbox.setRule('contacts', 'email', 'MAX_LENGTH', '40')
  sandbox.removeLabel('contacts', 'companies', 'Billing')
  sandbox.addPipeline('deals', {
    id: 'second',
    label: 'Second',
    stages: [{ id: 'open', label: 'Open' }],
  } as never)
  sandbox.changeList('1', { processingType: 'DYNAMIC' })
  const checked = await project.run(['lock', '--check', '--json'])
  expect(checked.exitCode, checked.stderr).toBe(1)
  const { differences, ...facts } = JSON.parse(checked.stdout)
  expect(facts).toEqual({
    file: 'hubspot.lock.yml',
    portalId: '4242424',
    isUpToDate: false,
    error: null,
  })
  const told = (matters: boolean) =>
    differences
      .filter((each: { matters: boolean }) => each.matters === matters)
      .map(
        ({ kind, what, syncs: of }: { kind: string; what: string; syncs: readonly string[] }) =>
          `${kind}: ${what} (${of.join(', ')})`,
      )
  expect(told(true)).toEqual([
    'rule_added: contacts.email (contacts)',
    'type_changed: contacts.firstname (contacts)',
    'option_gone: contacts.plan (contacts)',
    'property_archived: deals.dealname (deals)',
    'label_gone: associations contacts to companies (contacts)',
    'list_type_changed: list 1 (VIP) (vip)',
  ])
  expect(told(false)).toEqual([
    'rule_added: companies.domain (contacts)',
    'property_appeared: contacts.made_here (contacts)',
    'option_added: contacts.plan (contacts)',
    'label_changed: contacts.plan (contacts)',
    'option_added: deals pipelines ()',
    'option_added: deals stages (deals)',
  ])
  expect(read()).toBe(before)
  const asText = await project.run(['lock', '--check'])
  expect(asText.stdout).toContain('! option tin of the contacts property plan is gone (contacts)\n')
  expect(asText.stdout, 'no line of its own').toContain('is called Tariff\\n::error::x (')
  expect(asText.stderr).toContain('When the syncs are right again: backhaul lock --target dev')

  // What the lock was never asked about is told where the mapping is.
  project.setSyncs([
    {
      model: 'people',
      hubspot: { ...contacts, properties: { lastname: 'first_name' }, associations: [] },
    },
  ])
  const unknown = await project.run(['validate', '--offline', '--output', 'json'], offline)
  expect(unknown.exitCode).toBe(1)
  expect(JSON.parse(unknown.stdout).problems).toMatchObject([
    {
      message: 'hubspot.lock.yml says nothing of the contacts property lastname',
      hint: 'Run `backhaul lock` where there is a token, and commit the file.',
      sync: 'contacts',
      key: 'properties.lastname',
    },
  ])
  const stale = await project.run(['lock', '--check'])
  expect(stale.stdout).toContain('! the lock says nothing of the contacts property lastname')

  writeFileSync(file, `<<<<<<< HEAD\n${before}=======\n${before}>>>>>>> main\n`)
  const torn = await project.run(['plan', '--offline'], offline)
  expect(torn.exitCode).toBe(1)
  expect(torn.stderr).toContain('hubspot.lock.yml:1: has marks of a merge that is not finished')
  writeFileSync(file, before.replace('4242424', '1').replace('[dev]', '[prod]'))
  const other = await project.run(['lock', '--check'])
  expect(other.stderr).toContain('hubspot.lock.yml says nothing of portal 4242424')
})

test('a lock from before the first run serves after it, and a mistake is told and locked all the same', async () => {
  const { sandbox, project, read } = await start()
  const missing = await project.run(['lock', '--check'])
  expect(missing.exitCode).toBe(1)
  expect(missing.stderr).toContain('there is no hubspot.lock.yml to compare HubSpot with')
  sandbox.defineEvents([
    { name: 'quoted', primaryObject: 'COMPANY', includeDefaultProperties: false },
  ])
  const event = { ...visits, event: { column: 'email' }, enabled: false }
  const mistaken = { ...contacts, sync: 'leads', properties: { frstname: 'first_name' } }
  project.setSyncs([
    { model: 'people', hubspot: [contacts, list, mistaken] },
    { model: 'visits', hubspot: event },
  ])
  writeFileSync(
    join(project.dir, 'backhaul.yml'),
    'targets: {dev: {syncs: {visits: {enabled: true}}}}\n',
  )
  const made = await project.run(['lock'])
  expect(made.exitCode, made.stderr).toBe(0)
  expect(made.stderr).toContain('sync leads, properties.frstname: HubSpot has no contacts property')
  expect(read()).toContain('frstname: absent')
  const wrong = await project.run(['validate', '--offline', '--output', 'json'], offline)
  expect(JSON.parse(wrong.stdout).problems).toMatchObject([
    { sync: 'leads', hint: 'Did you mean `firstname`?' },
  ])
  expect((await project.run(['run', '--select', 'sync:vip'])).exitCode).toBe(1)
  const news = await project.run(['lock', '--check'])
  expect(news.exitCode, news.stderr).toBe(0)
  expect(news.stdout).toBe('  there is a list 1 (VIP) now (vip)\n')
  const planned = await project.run(['plan', '--select', 'sync:vip', '--output', 'json'], offline)
  expect(planned.exitCode, planned.stderr).toBe(0)
  expect(JSON.parse(planned.stdout.split('\n')[0] ?? '')).toMatchObject({
    isOffline: true,
    list: { id: '1', name: 'VIP', size: null },
    warnings: [{ message: expect.stringContaining('hubspot.lock.yml says nothing of list 1') }],
  })
  const unsent = await project.run(['run', '--select', 'sync:vip'], offline)
  expect(unsent.stderr).toContain('there is no HubSpot access token')
  expect(unsent.stderr).toContain(
    '`backhaul validate` and `backhaul plan` need none: they read hubspot.lock.yml.',
  )
  const elsewhere = await project.run(['plan', '--offline', '--lock-file', 'other.yml'], offline)
  expect(elsewhere.stderr).toContain('Run `backhaul lock --lock-file other.yml` where there is')
})
