import type { SandboxOptions } from '../../src/sandbox/options.ts'
import { engines, impatient } from '../fault/people-project.ts'
import { isMissing, together } from './events-project.ts'
import { createProject, type TestProject } from './project.ts'
import type { SyncSpec } from './project-files.ts'
import { type StrictSandbox, strictSandbox } from './sandbox.ts'

export { engines, isMissing, together }

/** A sync of `fans`, whose columns are as `setFans` has them. */
export const fans = (more: Readonly<Record<string, unknown>> = {}): SyncSpec => ({
  model: 'fans',
  hubspot: {
    sync: 'vip',
    type: 'list',
    list: 'VIP customers',
    primary_key: 'id',
    contact: { email: 'email' },
    ...more,
  },
})

/** Contacts, as a sync of records. */
export const people: SyncSpec = {
  model: 'people',
  hubspot: { sync: 'contacts', object: 'contacts', primary_key: 'id', match: { email: 'email' } },
}

export interface Fan {
  readonly id: number
  readonly email?: string | null
  readonly person?: number | null
  readonly record?: string | null
}

const quoted = (value: string | number | null | undefined): string =>
  value === null || value === undefined
    ? 'null'
    : typeof value === 'number'
      ? String(value)
      : `'${value.replaceAll("'", "''")}'`

export async function setFans(project: TestProject, all: readonly Fan[]): Promise<void> {
  const values = all.map(
    ({ id, email, person, record }) => `(${[id, email, person, record].map(quoted).join(', ')})`,
  )
  await project.sql(
    'drop table if exists fans',
    'create table fans (id integer, email varchar(80), person integer, record varchar(40))',
    ...(values.length === 0 ? [] : [`insert into fans values ${values.join(', ')}`]),
  )
}

export async function setPeople(project: TestProject, ids: readonly number[]): Promise<void> {
  await project.sql(
    'drop table if exists people',
    'create table people (id integer, email varchar(80))',
    ...(ids.length === 0
      ? []
      : [`insert into people values ${ids.map((id) => `(${id}, '${emailOf(id)}')`).join(', ')}`]),
  )
}

export const emailOf = (id: number): string => `p${id}@shop.example`

/** A project with syncs of lists, and a portal with contacts 1001, 1002, … of these addresses. */
export async function listsProject(
  engine: (typeof engines)[number],
  syncs: readonly SyncSpec[],
  addresses: readonly string[] = [],
  options: SandboxOptions = { tier: 'unlimited' },
): Promise<{ readonly sandbox: StrictSandbox; readonly project: TestProject }> {
  const sandbox = await strictSandbox(options)
  if (addresses.length > 0)
    sandbox.seedRecords(
      'contacts',
      addresses.map((email) => ({ email })),
    )
  const project = await createProject({ engine, sandbox, syncs, settings: impatient })
  return { sandbox, project }
}

/** Members of the only list, or of the one that is named. */
export function membersOf(sandbox: StrictSandbox, name?: string): readonly string[] | undefined {
  const lists = sandbox.lists().filter((list) => name === undefined || list.name === name)
  return lists[0]?.members
}
