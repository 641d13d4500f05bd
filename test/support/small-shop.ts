import { mkdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { stringify } from 'yaml'
import type { Sandbox } from '../../src/sandbox/sandbox.ts'
import { createProject, type ProjectSpec, type TestProject } from './project.ts'
import type { SyncSpec } from './project-files.ts'

/** A sync of the table `people` to contacts; keys of the sync differ as given. */
export const contacts = (keys: Readonly<Record<string, unknown>> = {}): SyncSpec => ({
  model: 'people',
  hubspot: {
    sync: 'contacts',
    object: 'contacts',
    primary_key: 'id',
    match: { email: 'email' },
    properties: { firstname: 'first_name' },
    ...keys,
  },
})

export const people = (...names: readonly string[]): string =>
  `create table people as select * from (values ${names
    .map((name, index) => `(${index + 1}, '${name.toLowerCase()}@shop.example', '${name}')`)
    .join(', ')}) as t (id, email, first_name)`

/** A project with one table of two people and one sync, with the YAML that dbt would have read. */
export async function smallShop(
  spec: Partial<ProjectSpec> & { readonly sandbox?: Pick<Sandbox, 'url' | 'token'> } = {},
): Promise<TestProject> {
  const syncs = spec.syncs ?? [contacts()]
  const project = await createProject({
    engine: 'duckdb',
    tables: [people('Ada', 'Grace')],
    ...spec,
    syncs,
  })
  const models = syncs.map(({ model, hubspot }) => ({ name: model, config: { meta: { hubspot } } }))
  writeTo(project, 'models/schema.yml', stringify({ version: 2, models }))
  // dbt read it before it wrote the manifest.
  utimesSync(join(project.dir, 'models/schema.yml'), 0, 0)
  return project
}

/** Writes a file of the project. */
export function writeTo(project: TestProject, path: string, text: string): void {
  const file = join(project.dir, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
}

/** Replaces profiles.yml, and makes the manifest that of a build with its adapter. */
export function useProfile(project: TestProject, adapter: string, profiles: string): void {
  writeTo(project, 'profiles.yml', profiles)
  const path = join(project.dir, 'target', 'manifest.json')
  const manifest = JSON.parse(readFileSync(path, 'utf8'))
  manifest.metadata.adapter_type = adapter
  writeFileSync(path, JSON.stringify(manifest))
}
