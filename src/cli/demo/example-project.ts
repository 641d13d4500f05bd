import { cpSync } from 'node:fs'
import { join } from 'node:path'

/** The example project as it lies in the package. */
const source = join(import.meta.dirname, '..', '..', '..', 'dbt_project_example')

/** Copied by name: what a build by hand left there stays there. */
const parts = [
  'dbt_project.yml',
  'profiles.yml',
  'backhaul.yml',
  'seeds',
  'models',
  'hubspot',
  'artifacts',
]

export function copyExampleProject(folder: string): void {
  for (const part of parts) cpSync(join(source, part), join(folder, part), { recursive: true })
}

/** Who owns deals there; HubSpot knows them by these e-mails. */
export const exampleOwners = ['mara.lindholm@tidewater.example', 'ben.osei@tidewater.example']

/** What links of contacts to companies may be called there. */
export const exampleLabels = [
  'contacts:companies:Account owner',
  'contacts:companies:Product admin',
]

/** The target `dev` of the project's profile builds in this file; Backhaul's tables are in the one beside it. */
export const databaseFile = 'backhaul_example.duckdb'
export const stateFile = 'backhaul_example_backhaul.duckdb'
export const stateSchema = 'main_backhaul'
