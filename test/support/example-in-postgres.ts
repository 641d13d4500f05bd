import { createReadStream, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import pg from 'pg'
import copyStreams from 'pg-copy-streams'

/** What is used of a node of dbt's manifest. */
interface Node {
  readonly resource_type: string
  readonly relation_name: string
  readonly original_file_path: string
  readonly compiled_code?: string
  readonly config: { readonly column_types?: Readonly<Record<string, string>> }
  readonly depends_on: { readonly nodes?: readonly string[] }
}

interface Build {
  readonly client: pg.Client
  readonly folder: string
  readonly nodes: Readonly<Record<string, Node>>
  readonly built: Set<string>
}

/**
 * Builds the example's tables in a PostgreSQL schema without dbt, from the artifacts of a build on DuckDB: the compiled SQL
 * is the same but for the names of the relations.
 */
export async function buildInPostgres(folder: string, url: string, schema: string): Promise<void> {
  const database = new URL(url).pathname.slice(1)
  const manifest = readFileSync(join(folder, 'artifacts', 'manifest.json'), 'utf8')
    .replaceAll(/\\"backhaul_example\\"\.\\"main\\"\./g, `\\"${database}\\".\\"${schema}\\".`)
    .replaceAll('"adapter_type": "duckdb"', '"adapter_type": "postgres"')
  mkdirSync(join(folder, 'target'), { recursive: true })
  writeFileSync(join(folder, 'target', 'manifest.json'), manifest)
  const { nodes } = JSON.parse(manifest)
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(`drop schema ${schema} cascade; create schema ${schema}`)
    const build = { client, folder, nodes, built: new Set<string>() }
    for (const id of Object.keys(nodes)) await create(build, id)
  } finally {
    await client.end()
  }
}

async function create(build: Build, id: string): Promise<void> {
  const node = build.nodes[id]
  if (node === undefined || node.resource_type === 'test' || build.built.has(id)) return
  build.built.add(id)
  for (const parent of node.depends_on.nodes ?? []) await create(build, parent)
  if (node.resource_type === 'seed') await load(build, node)
  else await build.client.query(`create table ${node.relation_name} as ${node.compiled_code}`)
}

async function load({ client, folder }: Build, node: Node): Promise<void> {
  const file = join(folder, node.original_file_path)
  const header = readFileSync(file, 'utf8').split('\n', 1)[0] ?? ''
  const types = node.config.column_types ?? {}
  const columns = header.split(',').map((name) => `"${name}" ${types[name] ?? 'text'}`)
  await client.query(`create table ${node.relation_name} (${columns.join(', ')})`)
  const copy = `copy ${node.relation_name} from stdin with (format csv, header true)`
  await pipeline(createReadStream(file), client.query(copyStreams.from(copy)))
}
