import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { makeFolder } from '../../make-folder.ts'
import { databaseFile } from './example-project.ts'

/** What is used of a node of dbt's manifest. */
interface Node {
  readonly resource_type: string
  readonly relation_name: string
  readonly original_file_path: string
  readonly compiled_code?: string
  readonly config: {
    readonly materialized: string
    readonly column_types?: Readonly<Record<string, string>>
  }
  readonly depends_on: { readonly nodes?: readonly string[] }
}

type Nodes = Readonly<Record<string, Node>>

/**
 * Builds the example's tables without dbt: loads the seeds and runs the SQL that dbt compiled when the artifacts were made.
 * dbt's data tests do not run, so no run results are written.
 */
export async function buildFromArtifacts(folder: string): Promise<number> {
  const manifest = readFileSync(join(folder, 'artifacts', 'manifest.json'), 'utf8')
  makeFolder(join(folder, 'target'))
  writeFileSync(join(folder, 'target', 'manifest.json'), manifest)
  const { nodes } = JSON.parse(manifest) as { readonly nodes: Nodes }
  const instance = await DuckDBInstance.create(join(folder, databaseFile))
  const connection = await instance.connect()
  const built = new Set<string>()
  try {
    for (const id of Object.keys(nodes)) await create({ connection, folder, nodes, built }, id)
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
  return built.size
}

interface Build {
  readonly connection: DuckDBConnection
  readonly folder: string
  readonly nodes: Nodes
  readonly built: Set<string>
}

/** Creates a seed or model after those it reads. */
async function create(build: Build, id: string): Promise<void> {
  const node = build.nodes[id]
  if (node === undefined || node.resource_type === 'test' || build.built.has(id)) return
  for (const parent of node.depends_on.nodes ?? []) await create(build, parent)
  const kind = node.config.materialized === 'view' ? 'view' : 'table'
  const rows =
    node.resource_type === 'seed' ? `from ${readCsv(node, build.folder)}` : node.compiled_code
  await build.connection.run(`create or replace ${kind} ${node.relation_name} as ${rows}`)
  build.built.add(id)
}

function readCsv(node: Node, folder: string): string {
  const columns = Object.entries(node.config.column_types ?? {})
  const types = columns.map(([name, type]) => `${literal(name)}: ${literal(type)}`)
  const file = literal(join(folder, node.original_file_path))
  return `read_csv(${file}, header = true, types = {${types.join(', ')}})`
}

const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`
