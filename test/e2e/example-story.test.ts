import { expect, test } from 'vitest'
import { editSeeds, expectedChanges } from '../../src/cli/demo/seed-edits.ts'
import { type ExampleProject, exampleProject } from '../support/example-project.ts'
import type { JudgedRequest } from '../support/openapi.ts'
import { testEngines } from '../support/warehouses.ts'

/** What HubSpot holds at the end of the first story that was told. */
let told: readonly string[] | undefined

for (const engine of testEngines()) {
  test.skipIf(engine.missing !== undefined)(
    `the example is built, planned, sent as planned, and after edits only the edits are sent (${engine.name})`,
    async () => {
      const example = await exampleProject(engine)
      const { sandbox } = example
      await example.build()
      const first = await plan(example)
      expect(callsOf(first)).toEqual({
        companies: 3,
        contacts: 4,
        deals: 3,
        job_events: 2,
        power_users: 2,
      })
      expect(sandbox.writeCalls(), 'a plan writes nothing').toBe(0)

      await run(example, '--plan', 'plan.json')
      expect(sandbox.writeCalls()).toBe(10)
      expect(sandbox.events()).toHaveLength(13)
      expect(sandbox.lists()).toMatchObject([{ name: 'Power users', members: { length: 2 } }])
      expectLinks(example)
      expect(counts(example)).toEqual({ contacts: 56, companies: 24, deals: 40 })
      expect(sandbox.findRecord('companies', 'account_key', 'acct-1003')?.properties).toMatchObject(
        {
          name: 'Nordlys Energi AS',
          city: 'Tromsø',
          annualrevenue: '101400',
          industry: 'RENEWABLES_ENVIRONMENT',
          health_score: '0.91',
          is_paying: 'true',
          customer_since: '2023-05-15',
          last_active_at: '2026-11-18T13:31:49.329Z',
        },
      )

      await run(example)
      expect(sandbox.writeCalls(), 'the second run writes nothing').toBe(10)

      editSeeds(example.dir)
      await example.build()
      const second = await plan(example)
      expect(callsOf(second)).toEqual({
        companies: 1,
        contacts: 3,
        deals: 1,
        job_events: 1,
        power_users: 1,
      })
      const changes = second.filter(isChange)
      const ofRows = changes.filter(({ operation }) => operation !== 'associate')
      expect(ofRows.map(plannedChange)).toEqual(expectedChanges.map(asPlanned))
      expect(changes.filter((change) => !ofRows.includes(change))).toMatchObject([
        { sync: 'contacts', rowId: '61' },
      ])

      await run(example, '--plan', 'plan.json')
      expect(sandbox.writeCalls()).toBe(17)
      expect(counts(example)).toEqual({ contacts: 57, companies: 24, deals: 40 })
      expect(sandbox.written().slice(4).map(sent).sort(byPath)).toEqual(expectedRequests(example))
      expect(sandbox.events()).toHaveLength(14)
      expect(sandbox.events().at(-1)).toMatchObject({
        eventName: 'pe4242424_job_scheduled',
        objectId: sandbox.findRecord('contacts', 'email', 'amelia@brightwaterplumbing.example')?.id,
        occurredAt: '2026-11-19T10:05:00.000Z',
        properties: { plan_tier: 'team', quantity: '12' },
      })
      await expectAudit(example)
      told ??= contents(example)
      expect(contents(example), 'the same as on the other engines').toEqual(told)
    },
  )
}

/** What the marts say of contacts, companies and deals. */
function expectLinks({ sandbox }: ExampleProject): void {
  const idOf = (type: string, property: string, value: string) =>
    sandbox.findRecord(type, property, value)?.id ?? ''
  const [company, owner, admin, member] = [
    idOf('companies', 'account_key', 'acct-1001'),
    ...['amelia', 'priya', 'tom.hargreaves'].map((name) =>
      idOf('contacts', 'email', `${name}@brightwaterplumbing.example`),
    ),
  ]
  const labelsOf = (contact = '') =>
    sandbox.links('contacts', contact, 'companies').map(({ toId, labels }) => [toId, ...labels])
  expect(labelsOf(owner)).toEqual([[company, 'Account owner']])
  expect(labelsOf(admin)).toEqual([[company, 'Product admin']])
  expect(labelsOf(member)).toEqual([[company]])
  const deal = idOf('deals', 'deal_key', 'deal-5001')
  const others = (type: string) => sandbox.links('deals', deal, type).map(({ toId }) => toId)
  expect(others('companies')).toEqual([company])
  expect(others('contacts').sort()).toEqual([owner, admin].sort())
}

async function expectAudit(example: ExampleProject): Promise<void> {
  const runs = await example.rows(
    `select sync_name, status, rows_created, rows_updated, rows_unchanged, calls_planned, calls_made
     from runs order by run_id`,
  )
  expect(runs.map((row) => Object.values(row))).toEqual([
    ['companies', 'succeeded', 24, 0, 0, 2, 2],
    ['contacts', 'succeeded', 56, 0, 0, 3, 3],
    ['deals', 'succeeded', 40, 0, 0, 3, 3],
    ['job_events', 'succeeded', 13, 0, 0, 2, 2],
    ['power_users', 'succeeded', 2, 0, 0, 2, 2],
    ['companies', 'succeeded', 0, 0, 24, 0, 0],
    ['contacts', 'succeeded', 0, 0, 56, 0, 0],
    ['deals', 'succeeded', 0, 0, 40, 0, 0],
    ['job_events', 'succeeded', 0, 0, 13, 0, 0],
    ['power_users', 'succeeded', 0, 0, 2, 0, 0],
    ['companies', 'succeeded', 0, 1, 23, 1, 1],
    ['contacts', 'succeeded', 1, 2, 54, 3, 3],
    ['deals', 'succeeded', 0, 1, 39, 1, 1],
    ['job_events', 'succeeded', 1, 0, 13, 1, 1],
    ['power_users', 'succeeded', 1, 0, 2, 1, 1],
  ])
  const changes = await example.rows(
    `select sync_name, row_id, operation, outcome, old_values, new_values from changes
     where run_id in (select run_id from (select run_id from runs order by run_id desc limit 5) as last)
     order by sync_name, row_id`,
  )
  const updates = changes.filter((row) => row['operation'] === 'update')
  expect(changes.every((row) => row['outcome'] === 'succeeded')).toBe(true)
  expect(changes).toHaveLength(8)
  expect(
    updates.map((row) => [row['row_id'], parsed(row['old_values']), parsed(row['new_values'])]),
  ).toEqual([
    ['1005', { seats: '3' }, { seats: '4' }],
    [
      '1',
      { jobs_scheduled_30d: '8', jobtitle: 'Operations Director' },
      { jobs_scheduled_30d: '20', jobtitle: 'Chief Operating Officer' },
    ],
    [
      '4',
      { email: 'siobhan@omalleyroofing.example' },
      { email: 'siobhan.omalley@omalleyroofing.example' },
    ],
    [
      '5039',
      { amount: '16900', dealstage: 'appointmentscheduled' },
      { amount: '21500', dealstage: 'decisionmakerboughtin' },
    ],
  ])
}

const parsed = (text: unknown): unknown => JSON.parse(String(text))

/** The requests that the edits come to, by path. */
function expectedRequests({ sandbox }: ExampleProject) {
  const idOf = (type: string, property: string, value: string) =>
    sandbox.findRecord(type, property, value)?.id
  const path = '/crm/v3/objects'
  const company = idOf('companies', 'account_key', 'acct-1005')
  const deal = idOf('deals', 'deal_key', 'deal-5039')
  return [
    {
      path: `${path}/companies/batch/update`,
      inputs: [{ id: company, properties: { seats: '4' } }],
    },
    {
      path: `${path}/contacts/batch/create`,
      inputs: [{ associations: [], properties: newContact }],
    },
    {
      path: `${path}/contacts/batch/update`,
      inputs: [
        {
          id: idOf('contacts', 'email', 'amelia@brightwaterplumbing.example'),
          properties: { jobs_scheduled_30d: '20', jobtitle: 'Chief Operating Officer' },
        },
        {
          id: idOf('contacts', 'email', 'siobhan.omalley@omalleyroofing.example'),
          properties: { email: 'siobhan.omalley@omalleyroofing.example' },
        },
      ],
    },
    {
      path: `${path}/deals/batch/update`,
      inputs: [{ id: deal, properties: { amount: '21500', dealstage: 'decisionmakerboughtin' } }],
    },
  ]
}

const newContact = {
  email: 'noor.haddad@helixdx.example',
  firstname: 'Noor',
  is_product_admin: 'false',
  jobtitle: 'Lab Planner',
  lastname: 'Haddad',
  lifecyclestage: 'customer',
  logins_30d: '0',
  plan_tier: 'enterprise',
  record_source_system: 'tidewater',
  salutation: 'Hi Noor',
  signup_date: '2026-11-19',
}

/** A request without its trace ids. */
function sent({ path, body }: JudgedRequest) {
  const { inputs } = body as { readonly inputs: readonly Readonly<Record<string, unknown>>[] }
  return { path, inputs: inputs.map(({ objectWriteTraceId, ...input }) => input) }
}

const byPath = (one: { readonly path: string }, other: { readonly path: string }) =>
  one.path.localeCompare(other.path)

type PlanLine = Readonly<Record<string, unknown>> & {
  readonly kind: string
  readonly sync: string
  readonly calls: { readonly writes: number }
}

async function plan(example: ExampleProject): Promise<readonly PlanLine[]> {
  const { exitCode, stdout, stderr } = await example.run(
    ...['plan', '--all', '--output', 'json', '--out', 'plan.json'],
  )
  expect(exitCode, stderr).toBe(0)
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
}

const callsOf = (lines: readonly PlanLine[]) =>
  Object.fromEntries(
    lines.filter(({ kind }) => kind === 'plan').map(({ sync, calls }) => [sync, calls.writes]),
  )

const isChange = ({ kind }: PlanLine) => kind === 'change'

const plannedChange = (line: PlanLine) => {
  const { sync, operation, new: after } = line
  const properties = Object.keys(after as object).sort()
  const isUpdate = operation === 'update'
  return { sync, row: line['rowId'], operation, ...(isUpdate ? { properties } : {}) }
}

/** Before the look-up a new record is one to create or update. */
const asPlanned = ({ properties, ...change }: (typeof expectedChanges)[number]) => ({
  ...change,
  ...(change.operation === 'create' ? { operation: 'upsert' } : {}),
  ...(properties === undefined ? {} : { properties }),
})

async function run(example: ExampleProject, ...args: readonly string[]): Promise<void> {
  const { exitCode, stderr } = await example.run('run', ...args)
  expect(exitCode, stderr).toBe(0)
}

/** All records with their properties, but for ids and moments of writing. */
const contents = ({ sandbox }: ExampleProject): readonly string[] => [
  ...sandbox
    .events()
    .map(({ uuid, eventName }) => `${eventName} ${uuid}`)
    .sort(),
  ...types.flatMap((type) =>
    sandbox
      .records(type)
      .map(({ properties }) => {
        const lasting = Object.entries(properties).filter(([name]) => !ofHubspot.test(name))
        return `${type} ${JSON.stringify(lasting.sort())}`
      })
      .sort(),
  ),
]

const ofHubspot = /^(hs_object_id|createdate|(hs_)?lastmodifieddate)$/

const types = ['contacts', 'companies', 'deals']

const counts = ({ sandbox }: ExampleProject) =>
  Object.fromEntries(types.map((type) => [type, sandbox.countRecords(type)]))
