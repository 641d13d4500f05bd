import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { expect, test } from 'vitest'

const project = 'dbt_project_example'

interface Node {
  readonly unique_id: string
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

test('the artifacts of the example project build its tables with DuckDB alone', async () => {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  // The compiled SQL names the database, which dbt-duckdb names after the file.
  await connection.run(`attach ':memory:' as backhaul_example`)
  const { nodes }: { nodes: Record<string, Node> } = JSON.parse(
    readFileSync(join(project, 'artifacts', 'manifest.json'), 'utf8'),
  )
  const built = new Set<string>()
  for (const id of Object.keys(nodes)) await create(connection, nodes, id, built)

  const companies = 'select * from backhaul_example.main.hubspot_companies order by account_id'
  const [first] = (await connection.runAndReadAll(companies)).getRowObjectsJson()
  expect(first).toEqual({
    account_id: 1001,
    account_key: 'acct-1001',
    name: 'Brightwater Plumbing',
    domain: 'brightwaterplumbing.example',
    website: 'https://www.brightwaterplumbing.example',
    industry: 'Construction',
    employees: 84,
    annual_revenue: '14280.00',
    plan: 'team',
    is_paying: true,
    health_score: 0.82,
    seats: 4,
    city: 'Leeds',
    country: 'United Kingdom',
    created_at: '2023-02-20 14:14:00',
    last_active_at: '2026-11-08 23:40:41.737',
    renews_on: '2027-08-23',
  })
  connection.closeSync()
  instance.closeSync()
})

/** Creates a seed or model after those it reads. */
async function create(
  connection: DuckDBConnection,
  nodes: Readonly<Record<string, Node>>,
  id: string,
  built: Set<string>,
): Promise<void> {
  const node = nodes[id]
  if (node === undefined || node.resource_type === 'test' || built.has(id)) return
  for (const parent of node.depends_on.nodes ?? []) await create(connection, nodes, parent, built)
  if (node.resource_type === 'seed') {
    const types = Object.entries(node.config.column_types ?? {})
    const columns = types.map(([name, type]) => `'${name}': '${type}'`).join(', ')
    const file = join(project, node.original_file_path)
    await connection.run(
      `create table ${node.relation_name} as from read_csv('${file}', header = true, types = {${columns}})`,
    )
  } else {
    const kind = node.config.materialized === 'view' ? 'view' : 'table'
    await connection.run(`create ${kind} ${node.relation_name} as ${node.compiled_code}`)
  }
  built.add(id)
}
