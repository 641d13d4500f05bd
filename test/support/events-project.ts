import type { SandboxOptions } from '../../src/sandbox/options.ts'
import { engines, impatient } from '../fault/people-project.ts'
import { whyNoPostgres } from './postgres.ts'
import { createProject, type ProjectSpec, type TestProject } from './project.ts'
import type { SyncSpec } from './project-files.ts'
import { type StrictSandbox, strictSandbox } from './sandbox.ts'

export { engines }

export const isMissing = (engine: (typeof engines)[number]) =>
  engine === 'postgres' && whyNoPostgres() !== undefined

/** A kind of event with a property of each type. */
export const jobDone = {
  name: 'job_done',
  includeDefaultProperties: false,
  propertyDefinitions: [
    { name: 'quantity', label: 'Quantity', type: 'number' },
    {
      name: 'plan',
      label: 'Plan',
      type: 'enumeration',
      options: ['gold', 'silver'].map((value, displayOrder) => ({
        value,
        label: value.toUpperCase(),
        hidden: false,
        displayOrder,
      })),
    },
    { name: 'note', label: 'Note', type: 'string' },
    { name: 'due', label: 'Due', type: 'datetime' },
  ],
}

export const fullName = 'pe4242424_job_done'

/** A sync of `jobs`, whose columns are as `setJobs` has them. */
export const jobs = (more: Readonly<Record<string, unknown>> = {}): SyncSpec => ({
  model: 'jobs',
  hubspot: {
    sync: 'jobs',
    type: 'event',
    event: 'job_done',
    primary_key: 'id',
    contact: { email: 'email' },
    occurred_at: 'done_at',
    properties: { quantity: 'quantity', plan: 'plan', note: 'note' },
    ...more,
  },
})

/** Several syncs of one model. */
export const together = (...syncs: readonly SyncSpec[]): SyncSpec => ({
  model: syncs[0]?.model ?? '',
  hubspot: syncs.map(({ hubspot }) => hubspot),
})

export interface Job {
  readonly id: number
  readonly event?: string | null
  readonly email?: string | null
  readonly customer?: number | null
  readonly record?: string | null
  readonly utk?: string | null
  readonly at?: string | null
  readonly ms?: number | null
  readonly quantity?: number | null
  readonly plan?: string | null
  readonly note?: string | null
}

const quoted = (value: string | number | null | undefined): string =>
  value === null || value === undefined
    ? 'null'
    : typeof value === 'number'
      ? String(value)
      : `'${value.replaceAll("'", "''")}'`

export async function setJobs(project: TestProject, all: readonly Job[]): Promise<void> {
  const values = all.map(
    ({ id, event, email, customer, record, utk, at, ms, quantity, plan, note }) =>
      `(${[id, event, email, customer, record, utk].map(quoted).join(', ')}, ${at === null || at === undefined ? 'null' : `timestamp '${at}'`}, ${[ms, quantity, plan, note].map(quoted).join(', ')})`,
  )
  await project.sql(
    'drop table if exists jobs',
    'create table jobs (id integer, event varchar(80), email varchar(80), customer integer, record varchar(40), utk varchar(40), done_at timestamp, done_ms bigint, quantity integer, plan varchar(40), note varchar(400))',
    ...(values.length === 0 ? [] : [`insert into jobs values ${values.join(', ')}`]),
  )
}

/** A project with syncs of events, and a portal that has `job_done` and the contacts of the addresses. */
export async function eventsProject(
  engine: (typeof engines)[number],
  syncs: readonly SyncSpec[],
  addresses: readonly string[] = [],
  settings: ProjectSpec['settings'] = impatient,
  options: SandboxOptions = { tier: 'unlimited' },
): Promise<{ readonly sandbox: StrictSandbox; readonly project: TestProject }> {
  const sandbox = await strictSandbox(options)
  sandbox.defineEvents([jobDone])
  if (addresses.length > 0)
    sandbox.seedRecords(
      'contacts',
      addresses.map((email) => ({ email })),
    )
  const project = await createProject({ engine, sandbox, syncs, settings })
  return { sandbox, project }
}
