import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Sandbox } from '../../src/sandbox/sandbox.ts'
import { expectArtifacts } from './artifacts.ts'
import { atTestEnd } from './at-test-end.ts'
import { type CliResult, type RunningCli, runCli, startCli } from './cli.ts'
import {
  type SyncSpec,
  writeManifest,
  writeProjectFiles,
  writeRunResults,
} from './project-files.ts'
import { projectWarehouse, type Row } from './project-warehouse.ts'
import { sandboxEnv } from './sandbox.ts'
import type { TestEngine } from './warehouses.ts'

export interface ProjectSpec {
  readonly engine: TestEngine['name']
  readonly syncs: readonly SyncSpec[]
  /** Statements that make the models' tables, in the project's own schema. */
  readonly tables?: readonly string[]
  /** Content of backhaul.yml. */
  readonly settings?: Readonly<Record<string, unknown>>
  /** Where commands send to; its address and token go into `env`. */
  readonly sandbox?: Pick<Sandbox, 'url' | 'token'>
  readonly env?: Readonly<Record<string, string>>
  /** Statuses of models in run_results.json; `false` leaves the file out (an ungated run). Default: all succeeded. */
  readonly results?: Readonly<Record<string, string>> | false
}

/** A dbt project with tables and a manifest that no dbt was needed for. */
export interface TestProject {
  readonly dir: string
  readonly env: Readonly<Record<string, string>>
  /** Where the models are; Backhaul's tables are in `<schema>_backhaul`. */
  readonly schema: string
  readonly relation: (model: string) => string
  /** Runs `backhaul …` in the project, to its end. */
  readonly run: (
    args: readonly string[],
    env?: Readonly<Record<string, string>>,
  ) => Promise<CliResult>
  /** Starts `backhaul …` in the project. */
  readonly start: (args: readonly string[], env?: Readonly<Record<string, string>>) => RunningCli
  /** Changes the models' tables, as dbt would. On DuckDB not while a command runs. */
  readonly sql: (...statements: readonly string[]) => Promise<void>
  /**
   * Reads models and Backhaul's tables, both by bare name: `rows('select * from changes order by seq')`. Whole numbers
   * come as numbers, moments as ISO 8601. On DuckDB not while a command runs.
   */
  readonly rows: (query: string) => Promise<readonly Row[]>
  /** `state__<sync>`, by row id. */
  readonly state: (sync: string) => Promise<readonly Row[]>
  /** Replaces the syncs in the manifest, as editing YAML and `dbt parse` would. */
  readonly setSyncs: (syncs: readonly SyncSpec[]) => void
  /** Writes run_results.json anew. */
  readonly setResults: (statuses?: Readonly<Record<string, string>>) => void
  /** Done by itself at the end of the test; to be called after `beforeAll`. */
  readonly cleanUp: () => Promise<void>
}

/**
 * Makes a small dbt project in a temporary folder.
 *
 * ```ts
 * const sandbox = await strictSandbox()
 * const project = await createProject({
 *   engine: 'duckdb',
 *   sandbox,
 *   tables: ["create table people as select 1 as id, 'ada@shop.example' as email, 'Ada' as first_name"],
 *   syncs: [{ model: 'people', hubspot: { sync: 'contacts', object: 'contacts', primary_key: 'id',
 *     match: { email: 'email' }, properties: { firstname: 'first_name' } } }],
 * })
 * expect((await project.run(['run'])).exitCode).toBe(0)
 * ```
 *
 * Start the sandbox first: what is made last is removed first.
 */
export async function createProject(spec: ProjectSpec): Promise<TestProject> {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), 'backhaul-project-')))
  const warehouse = await projectWarehouse(spec.engine, dir)
  let isCleanedUp = false
  const cleanUp = async () => {
    if (isCleanedUp) return
    isCleanedUp = true
    try {
      await warehouse.drop()
    } finally {
      rmSync(dir, { recursive: true, force: true })
    }
  }
  atTestEnd(cleanUp)
  let { syncs } = spec
  const files = { ...warehouse, settings: spec.settings ?? {} }
  writeProjectFiles(dir, { ...files, syncs })
  if (spec.results !== false) writeRunResults(dir, syncs, spec.results)
  await warehouse.sql(...(spec.tables ?? []))
  const env = {
    DBT_PROFILES_DIR: dir,
    ...warehouse.env,
    ...(spec.sandbox === undefined ? {} : sandboxEnv(spec.sandbox)),
    ...spec.env,
  }
  return {
    dir,
    env,
    schema: warehouse.schema,
    relation: warehouse.relation,
    run: async (args, more) => {
      const result = await runCli(args, { cwd: dir, env: { ...env, ...more } })
      if (args[0] === 'run' || args[0] === 'plan') expectArtifacts(join(dir, 'target', 'backhaul'))
      return result
    },
    start: (args, more) => startCli(args, { cwd: dir, env: { ...env, ...more } }),
    sql: warehouse.sql,
    rows: warehouse.rows,
    state: (sync) =>
      warehouse.rows(`select * from ${warehouse.ownTable(`state__${sync}`)} order by row_id`),
    setSyncs: (next) => {
      syncs = next
      writeManifest(dir, { ...files, syncs })
    },
    setResults: (statuses) => writeRunResults(dir, syncs, statuses),
    cleanUp,
  }
}
