import { existsSync, readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'

const root = join(import.meta.dirname, '../../..')

/** Real artifacts of dbt 1.5 to 2, kept outside the repository: `BACKHAUL_DBT_SAMPLES`, else a folder beside it. */
export const samplesDir = resolve(
  root,
  process.env['BACKHAUL_DBT_SAMPLES'] ?? '../shared/dbt/manifest-samples',
)

export const hasSamples = existsSync(samplesDir)

if (!hasSamples) {
  console.warn(`skipped: no dbt artifacts in ${samplesDir} (set BACKHAUL_DBT_SAMPLES)`)
}

/** Names of the sample files that begin with `prefix`. */
export function samples(prefix: string): readonly string[] {
  return hasSamples ? readdirSync(samplesDir).filter((name) => name.startsWith(prefix)) : []
}

export const exampleArtifacts = join(root, 'dbt_project_example/artifacts')
