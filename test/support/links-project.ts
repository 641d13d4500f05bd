import type { SandboxOptions } from '../../src/sandbox/options.ts'
import { engines, impatient } from '../fault/people-project.ts'
import { isMissing } from './events-project.ts'
import { createProject, type TestProject } from './project.ts'
import type { SyncSpec } from './project-files.ts'
import { type StrictSandbox, strictSandbox } from './sandbox.ts'

export { engines, isMissing }

type Keys = Readonly<Record<string, unknown>>

/** A sync of `people`, whose rows say which firms they belong to. */
export const contacts = (associations: readonly Keys[], more: Keys = {}): SyncSpec => ({
  model: 'people',
  hubspot: {
    sync: 'contacts',
    object: 'contacts',
    primary_key: 'id',
    match: { email: 'email' },
    properties: { firstname: 'first_name' },
    associations,
    ...more,
  },
})

/** A sync of `firms`. */
export const companies = (more: Keys = {}): SyncSpec => ({
  model: 'firms',
  hubspot: {
    sync: 'companies',
    object: 'companies',
    primary_key: 'id',
    mode: 'insert',
    properties: { name: 'name' },
    ...more,
  },
})

export async function linksProject(
  engine: (typeof engines)[number],
  syncs: readonly SyncSpec[],
  options: SandboxOptions = {},
): Promise<{ readonly sandbox: StrictSandbox; readonly project: TestProject }> {
  const sandbox = await strictSandbox({ tier: 'unlimited', ...options })
  const project = await createProject({ engine, sandbox, settings: impatient, syncs })
  return { sandbox, project }
}

const literal = (value: string | number | null): string =>
  value === null
    ? 'null'
    : typeof value === 'number'
      ? String(value)
      : `'${value.replaceAll("'", "''")}'`

/** Makes a model anew. Columns with NULLs only are text. */
export async function setRows(
  project: TestProject,
  table: string,
  rows: readonly Readonly<Record<string, string | number | null>>[],
): Promise<void> {
  const columns = Object.keys(rows[0] ?? {})
  const type = (column: string) =>
    rows.some((row) => typeof row[column] === 'number') ? 'bigint' : 'text'
  const values = rows.map(
    (row) => `(${columns.map((column) => literal(row[column] ?? null)).join(', ')})`,
  )
  await project.sql(
    `drop table if exists ${table}`,
    `create table ${table} (${columns.map((column) => `${column} ${type(column)}`).join(', ')})`,
    ...(values.length === 0 ? [] : [`insert into ${table} values ${values.join(', ')}`]),
  )
}

/** Links of the contacts, by the address of the one and the name of the other. */
export function linked(
  sandbox: StrictSandbox,
  object = 'companies',
  name = 'name',
): Readonly<Record<string, readonly (string | null)[]>> {
  const others = new Map(
    sandbox.records(object).map(({ id, properties }) => [id, properties[name]]),
  )
  return Object.fromEntries(
    sandbox
      .records('contacts')
      .flatMap(({ id, properties }) =>
        sandbox
          .links('contacts', id, object)
          .map(({ toId, labels }) => [
            `${properties['email']} ${others.get(toId)}`,
            [...labels].filter((label) => label !== null).sort(),
          ]),
      ),
  )
}
