import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { copyStatements, marts, readBuiltTables } from './built-tables.ts'
import type { ModelTable } from './engine-words.ts'
import type { ProjectWarehouse } from './project-warehouse.ts'
import type { TestEngine } from './warehouses.ts'

/** What a build of the example on DuckDB leaves behind. */
export interface DuckdbBuild {
  readonly tables: readonly ModelTable[]
  readonly manifest: string
  /** Undefined after a build without dbt. */
  readonly runResults: string | undefined
}

const artifact = (folder: string, name: string): string => join(folder, 'target', name)

export async function readDuckdbBuild(folder: string): Promise<DuckdbBuild> {
  const runResults = artifact(folder, 'run_results.json')
  return {
    tables: await readBuiltTables(folder, marts),
    manifest: readFileSync(artifact(folder, 'manifest.json'), 'utf8'),
    runResults: existsSync(runResults) ? readFileSync(runResults, 'utf8') : undefined,
  }
}

/**
 * Makes the marts of a build on DuckDB those of another engine, and its artifacts those of a build there.
 *
 * @param folder the project's
 * @param target what the engine is called in the profile
 */
export async function buildElsewhere(
  folder: string,
  { tables, manifest, runResults }: DuckdbBuild,
  engine: Pick<TestEngine, 'name' | 'dialect'>,
  warehouse: ProjectWarehouse,
  target: string,
): Promise<void> {
  await warehouse.sql(...copyStatements(tables, engine))
  mkdirSync(join(folder, 'target'), { recursive: true })
  const moved = manifestOf(warehouse, manifest)
  writeFileSync(artifact(folder, 'manifest.json'), JSON.stringify(moved))
  if (runResults === undefined) return
  const { results, args, ...rest } = JSON.parse(runResults)
  const build = {
    ...rest,
    results: (results as readonly NodeResult[]).map((result) => ({
      ...result,
      relation_name: moved.nodes[result.unique_id]?.relation_name ?? null,
    })),
    args: { ...args, target },
  }
  writeFileSync(artifact(folder, 'run_results.json'), JSON.stringify(build))
}

/** The manifest as dbt writes it for this warehouse. */
function manifestOf(
  warehouse: ProjectWarehouse,
  text: string,
): { readonly nodes: Readonly<Record<string, ManifestNode>> } {
  const manifest = JSON.parse(text)
  manifest.metadata.adapter_type = warehouse.adapter
  for (const node of Object.values<ManifestNode>(manifest.nodes)) {
    if (node.resource_type !== 'model') continue
    node.database = warehouse.database
    node.schema = warehouse.schema
    node.relation_name = warehouse.relation(node.alias)
  }
  return manifest
}

/** What is used of a result of dbt's build. */
interface NodeResult {
  readonly unique_id: string
  readonly relation_name: string | null
}

/** What is used of a node of dbt's manifest. */
interface ManifestNode {
  readonly resource_type: string
  readonly alias: string
  database: string
  schema: string
  relation_name: string
}
