import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { editSeeds } from '../../src/cli/demo/seed-edits.ts'
import { type ExampleProject, exampleProject } from './example-project.ts'
import { duckdbEngine } from './warehouses.ts'

/** The example project, built from dbt's artifacts, and never run. */
export async function projectBeforeFirstRun(): Promise<ExampleProject> {
  process.env['BACKHAUL_DBT'] = 'none'
  const example = await exampleProject(duckdbEngine)
  await example.build()
  return example
}

/**
 * The morning after: a first run, a night in which the seeds changed and somebody signed up without an address, a value that a
 * colleague changed in HubSpot, and an edit that nobody has sent yet.
 */
export async function projectAfterTwoRuns(): Promise<ExampleProject> {
  const example = await projectBeforeFirstRun()
  const customers = join(example.dir, 'seeds', 'raw_customers.csv')
  await example.run('run')
  editSeeds(example.dir)
  appendFileSync(
    customers,
    '62,1005,Ola,Nnamdi,none@,,Buyer,member,active,,2026-11-19 10:00:00,,false\n',
  )
  await example.build()
  await example.run('run')
  const email = 'siobhan.omalley@omalleyroofing.example'
  const record = example.sandbox.findRecord('contacts', 'email', email)
  example.sandbox.changeRecord('contacts', record?.id ?? '', { jobtitle: 'Owner' })
  writeFileSync(customers, readFileSync(customers, 'utf8').replace('Dispatcher', 'Dispatch Lead'))
  await example.build()
  return example
}

/** What people did in HubSpot since: a value changed, a record archived, a contact taken off its company. */
export async function projectWithDrift(): Promise<ExampleProject> {
  const example = await projectAfterTwoRuns()
  const { sandbox } = example
  const [archived, unlinked] = sandbox
    .records('contacts')
    .filter(({ id }) => sandbox.links('contacts', id, 'companies').length > 0)
    .slice(-2)
  const [company] = sandbox.links('contacts', unlinked?.id ?? '', 'companies')
  sandbox.unlink(['contacts', unlinked?.id ?? ''], ['companies', company?.toId ?? ''])
  sandbox.archiveRecord('contacts', archived?.id ?? '')
  return example
}
