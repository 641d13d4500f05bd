import { expect, test } from 'vitest'
import { createProject } from '../support/project.ts'
import { strictSandbox } from '../support/sandbox.ts'

const tables = [
  `create table deals as select * from (values
    (1, 'One', 'closedwon', 'Closed Won'), (2, 'Two', 'Closed Won', 'Nothing'), (3, 'Three', 'nothing', 'Contract Sent')
  ) as t (id, name, stage, label)`,
]

const sync = (properties: Readonly<Record<string, unknown>>) => ({
  model: 'deals',
  hubspot: {
    sync: 'deals',
    object: 'deals',
    mode: 'insert',
    primary_key: 'id',
    properties: { dealname: 'name', ...properties },
  },
})

const start = async (properties: Readonly<Record<string, unknown>>, sandbox = strictSandbox()) => {
  const opened = await sandbox
  const project = await createProject({
    engine: 'duckdb',
    sandbox: opened,
    tables,
    syncs: [sync(properties)],
  })
  return { sandbox: opened, project }
}

const pipelineReads = ({ requests }: { requests: () => readonly { path: string }[] }) =>
  requests().filter(({ path }) => path.startsWith('/crm/v3/pipelines'))

test('a stage that no pipeline has is rejected before the call, and the label is told its internal value', async () => {
  const { sandbox, project } = await start({ dealstage: 'stage' })
  const run = await project.run(['run'])
  expect(run.exitCode).toBe(1)
  expect(sandbox.records('deals').map(({ properties }) => properties['dealname'])).toEqual(['One'])
  expect(
    sandbox.written().flatMap(({ body }) => (body as { inputs: unknown[] }).inputs),
  ).toHaveLength(1)
  expect(
    await project.rows(
      "select row_id, error_category, error_message from changes where outcome = 'rejected' order by row_id",
    ),
  ).toMatchObject([
    {
      row_id: '2',
      error_category: 'INVALID_VALUE',
      error_message: 'dealstage: "Closed Won" is no option (did you mean closedwon?)',
    },
    { row_id: '3', error_message: expect.stringContaining('(options: appointmentscheduled, ') },
  ])
})

test('stages and pipelines are found by their labels, read once per run and object', async () => {
  const byLabel = { dealstage: { column: 'label', as: 'option_label', shared: true } }
  const constant = { dealstage: { value: 'closedlost' }, pipeline: { value: 'default' } }
  const { sandbox, project } = await start(byLabel)
  project.setSyncs([
    {
      model: 'deals',
      hubspot: [sync(byLabel).hubspot, { ...sync(constant).hubspot, sync: 'others', shared: true }],
    },
  ])
  const run = await project.run(['run'])
  expect(run.exitCode, run.stderr).toBe(1)
  expect(pipelineReads(sandbox)).toHaveLength(1)
  expect(sandbox.records('deals').map(({ properties }) => properties['dealstage'])).toEqual([
    'closedwon',
    'contractsent',
    ...Array.from({ length: 3 }, () => 'closedlost'),
  ])
  expect(
    await project.rows("select row_id, error_message from changes where outcome = 'rejected'"),
  ).toMatchObject([
    { row_id: '2', error_message: expect.stringContaining('"Nothing" is no label of an option') },
  ])
  const debug = await project.run(['debug'])
  expect(debug.exitCode, debug.stdout).toBe(0)
})

test('a label of several stages means none of them, and a constant label is answered with what to write', async () => {
  const { sandbox, project } = await start({ dealstage: { column: 'label', as: 'option_label' } })
  sandbox.addPipeline('deals', {
    id: 'renewals',
    label: 'Renewals',
    displayOrder: 1,
    stages: [{ id: '77', label: 'Closed Won', displayOrder: 0, metadata: { probability: '1.0' } }],
  })
  const plan = await project.run(['plan', '--all'])
  expect(plan.stdout).toContain('"Closed Won" is the label of several options (closedwon, 77)')
  project.setSyncs([sync({ dealstage: { value: 'Closed Won' }, pipeline: { value: 'Renewals' } })])
  const validate = await project.run(['validate'])
  expect(validate.exitCode).toBe(1)
  expect(validate.stdout).toContain('Write closedwon or 77.')
  expect(validate.stdout).toContain('Write renewals.')
})

test('without the right to read pipelines stages go out unchecked, with a warning', async () => {
  const sandbox = await strictSandbox()
  sandbox.addFault({ match: { path: '/crm/v3/pipelines' }, kind: 'status', status: 403 })
  const { project } = await start({ dealstage: 'stage' }, Promise.resolve(sandbox))
  const plan = await project.run(['plan'])
  expect(plan.exitCode, plan.stderr).toBe(0)
  expect(plan.stdout).toContain('3 create')
  expect(plan.stderr).toContain('HubSpot does not tell the pipelines of deals')
})

test('inspect shows stages as options', async () => {
  const { project } = await start({ dealstage: 'stage' })
  const shown = await project.run(['inspect', 'properties', 'deals', 'dealstage'])
  expect(shown.exitCode, shown.stderr).toBe(0)
  expect(shown.stdout).toContain('Contract Sent')
})
