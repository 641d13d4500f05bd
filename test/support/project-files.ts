import { randomUUID } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** A model with its sync, as it would stand in dbt's YAML. */
export interface SyncSpec {
  /** Name of the model and of its table. */
  readonly model: string
  /** The value of `meta.hubspot`: one sync or a list. */
  readonly hubspot: unknown
  /** As dbt infers it from tests. */
  readonly primaryKey?: readonly string[]
  /** `meta.hubspot` of columns, by column. */
  readonly columns?: Readonly<Record<string, unknown>>
  readonly tags?: readonly string[]
  /** Keys of the manifest's node that differ. */
  readonly node?: Readonly<Record<string, unknown>>
}

/** What dbt would have been told and would have written. */
export interface ProjectFiles {
  readonly syncs: readonly SyncSpec[]
  readonly adapter: string
  /** The target's keys in profiles.yml. */
  readonly output: Readonly<Record<string, unknown>>
  /** Name of the model's relation as dbt writes it. */
  readonly relation: (model: string) => string
  readonly schema: string
  readonly database: string
  /** Content of backhaul.yml beside `version: 1`. */
  readonly settings: Readonly<Record<string, unknown>>
}

const projectName = 'shop'
const targetName = 'dev'

/** The id of a model's node. */
const modelId = (model: string): string => `model.${projectName}.${model}`

/** Writes the files of a small dbt project, with the artifacts of a build. JSON is YAML. */
export function writeProjectFiles(dir: string, files: ProjectFiles): void {
  const project = { name: projectName, version: '1.0.0', profile: projectName }
  const profiles = {
    [projectName]: { target: targetName, outputs: { [targetName]: files.output } },
  }
  writeJson(join(dir, 'dbt_project.yml'), project)
  writeJson(join(dir, 'profiles.yml'), profiles)
  writeJson(join(dir, 'backhaul.yml'), { version: 1, ...files.settings })
  writeManifest(dir, files)
}

/** Writes target/manifest.json anew, as another dbt build would. */
export function writeManifest(dir: string, files: ProjectFiles): void {
  mkdirSync(join(dir, 'target'), { recursive: true })
  const nodes = files.syncs.map((sync) => [modelId(sync.model), nodeOf(sync, files)])
  writeJson(join(dir, 'target', 'manifest.json'), {
    metadata: {
      dbt_schema_version: 'https://schemas.getdbt.com/dbt/manifest/v12.json',
      dbt_version: '1.11.0',
      adapter_type: files.adapter,
      project_name: projectName,
      generated_at: new Date().toISOString(),
      invocation_id: randomUUID(),
    },
    nodes: Object.fromEntries(nodes),
    exposures: {},
    unit_tests: {},
    disabled: {},
  })
}

function nodeOf(sync: SyncSpec, files: ProjectFiles) {
  const columns = Object.entries(sync.columns ?? {}).map(([name, hubspot]) => [
    name,
    { name, config: { meta: { hubspot } }, meta: { hubspot } },
  ])
  const meta = sync.hubspot === undefined ? {} : { hubspot: sync.hubspot }
  return {
    unique_id: modelId(sync.model),
    resource_type: 'model',
    package_name: projectName,
    name: sync.model,
    fqn: [projectName, sync.model],
    path: `${sync.model}.sql`,
    original_file_path: `models/${sync.model}.sql`,
    patch_path: `${projectName}://models/schema.yml`,
    database: files.database,
    schema: files.schema,
    alias: sync.model,
    relation_name: files.relation(sync.model),
    tags: sync.tags ?? [],
    config: { enabled: true, materialized: 'table', meta, tags: sync.tags ?? [] },
    meta,
    columns: Object.fromEntries(columns),
    primary_key: sync.primaryKey ?? [],
    depends_on: { nodes: [] },
    ...sync.node,
  }
}

/**
 * Writes target/run_results.json of the build that wrote the manifest: every model with the status that is given, `success` by default. Without this file a
 * run warns that it is ungated.
 */
export function writeRunResults(
  dir: string,
  syncs: readonly SyncSpec[],
  statuses: Readonly<Record<string, string>> = {},
): void {
  const manifest = readFileSync(join(dir, 'target', 'manifest.json'), 'utf8')
  writeJson(join(dir, 'target', 'run_results.json'), {
    metadata: {
      dbt_schema_version: 'https://schemas.getdbt.com/dbt/run-results/v6.json',
      dbt_version: '1.11.0',
      generated_at: new Date().toISOString(),
      invocation_id: JSON.parse(manifest).metadata.invocation_id,
      env: {},
    },
    args: { which: 'build' },
    results: syncs.map(({ model }) => ({
      unique_id: modelId(model),
      status: statuses[model] ?? 'success',
      message: null,
      timing: [],
      execution_time: 0,
      adapter_response: {},
      failures: null,
    })),
    elapsed_time: 0,
  })
}

function writeJson(path: string, value: unknown): void {
  writeFileSync(path, `${JSON.stringify(value, undefined, 2)}\n`)
}
