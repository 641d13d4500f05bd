import { join } from 'node:path'
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { databaseFile } from '../../src/cli/demo/example-project.ts'
import { type ModelTable, tableStatements, type WordType } from './engine-words.ts'
import type { TestEngine } from './warehouses.ts'

/** The example's marts: what its syncs read. */
export const marts = [
  'hubspot_companies',
  'hubspot_contacts',
  'hubspot_deals',
  'hubspot_job_events',
]

/**
 * Reads tables that the example built on DuckDB, with all values as text, which an engine casts to the columns' types.
 *
 * @param folder the project's
 */
export async function readBuiltTables(
  folder: string,
  names: readonly string[],
): Promise<readonly ModelTable[]> {
  const file = join(folder, databaseFile)
  const instance = await DuckDBInstance.create(file, { access_mode: 'READ_ONLY' })
  const connection = await instance.connect()
  try {
    const tables: ModelTable[] = []
    for (const name of names) tables.push(await readTable(connection, name))
    return tables
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}

async function readTable(connection: DuckDBConnection, name: string): Promise<ModelTable> {
  const described = await connection.runAndReadAll(`describe ${name}`)
  const columns = described
    .getRowObjectsJson()
    .map((row) => [String(row['column_name']), wordType(String(row['column_type']))])
  const values = await connection.runAndReadAll(`select columns(*)::varchar from ${name}`)
  const rows = values.getRowsJson() as readonly (readonly (string | null)[])[]
  return { name, columns: Object.fromEntries(columns), rows }
}

const wordTypes: Readonly<Record<string, WordType>> = {
  VARCHAR: 'text',
  INTEGER: 'integer',
  DECIMAL: 'decimal',
  DOUBLE: 'float',
  BOOLEAN: 'boolean',
  DATE: 'date',
  TIMESTAMP: 'timestamp',
}

function wordType(duckdbType: string): WordType {
  const type = wordTypes[duckdbType.replace(/\(.*/, '')]
  if (type === undefined) throw new Error(`a table of the example has the type ${duckdbType}`)
  return type
}

/** Statements that make the tables on another engine. */
export const copyStatements = (
  tables: readonly ModelTable[],
  engine: Pick<TestEngine, 'name' | 'dialect'>,
): readonly string[] =>
  tables.flatMap((table) =>
    tableStatements(engine.name, asBuiltOn(engine.name, table), engine.dialect.quote),
  )

/** The table with the types that its columns have on an engine: what BigQuery calls `timestamp` has a zone. */
export function asBuiltOn(engine: TestEngine['name'], table: ModelTable): ModelTable {
  if (engine !== 'bigquery') return table
  const columns = Object.entries(table.columns).map(([column, type]) => [
    column,
    type === 'timestamp' ? 'timestamptz' : type,
  ])
  return { ...table, columns: Object.fromEntries(columns) }
}
