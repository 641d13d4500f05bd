type EngineName = 'duckdb' | 'postgres' | 'snowflake' | 'bigquery'

/** Types of columns that all engines have, whatever they call them. */
export type WordType =
  | 'text'
  | 'integer'
  | 'decimal'
  | 'float'
  | 'boolean'
  | 'date'
  | 'timestamp'
  | 'timestamptz'

interface Words {
  readonly types: Readonly<Record<WordType, string>>
  /** A text literal. */
  readonly text: (value: string) => string
}

const doubled = (value: string) => `'${value.replaceAll("'", "''")}'`
const escaped = (value: string) =>
  `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\n', '\\n').replaceAll('\r', '\\r')}'`

const standard: Words['types'] = {
  text: 'varchar',
  integer: 'bigint',
  decimal: 'decimal(18, 6)',
  float: 'double precision',
  boolean: 'boolean',
  date: 'date',
  timestamp: 'timestamp',
  timestamptz: 'timestamp with time zone',
}

/** How models are written down on each engine: what dbt's seeds and casts would come to. */
const words: Readonly<Record<EngineName, Words>> = {
  duckdb: { types: standard, text: doubled },
  postgres: { types: standard, text: doubled },
  snowflake: {
    types: {
      ...standard,
      integer: 'number(38, 0)',
      float: 'float',
      timestamp: 'timestamp_ntz',
      timestamptz: 'timestamp_tz',
    },
    text: (value) => doubled(value.replaceAll('\\', '\\\\')),
  },
  bigquery: {
    types: {
      text: 'string',
      integer: 'int64',
      decimal: 'numeric(18, 6)',
      float: 'float64',
      boolean: 'bool',
      date: 'date',
      timestamp: 'datetime',
      timestamptz: 'timestamp',
    },
    text: escaped,
  },
}

/** What an engine calls the types. */
export const typeNames = (engine: EngineName): Words['types'] => words[engine].types

/** A value of a model's row: text is cast to the column's type. */
export type Cell = string | number | boolean | null

export interface ModelTable {
  readonly name: string
  readonly columns: Readonly<Record<string, WordType>>
  readonly rows: readonly (readonly Cell[])[]
}

/** Names that no engine reserves or folds into another. */
const isPlain = (column: string) =>
  /^[a-z][a-z0-9_]*$/.test(column) && !['order', 'select', 'hash'].includes(column)

/** Rows per statement: engines limit how long one may be. */
const rowsPerInsert = 1000

/**
 * Statements that make a table anew and fill it, as dbt would.
 *
 * @param quote of the engine's dialect; column names that the engine would fold are written bare
 */
export function tableStatements(
  engine: EngineName,
  { name, columns, rows }: ModelTable,
  quote: (identifier: string) => string,
): readonly string[] {
  const { types, text } = words[engine]
  const named = (column: string) => (isPlain(column) ? column : quote(column))
  const kinds = Object.values(columns)
  const cell = (value: Cell, index: number) => {
    const type = types[kinds[index] ?? 'text']
    if (value === null) return `cast(null as ${type})`
    const isText = typeof value === 'string'
    if (isText && kinds[index] === 'text') return text(value)
    return isText ? `cast(${text(value)} as ${type})` : String(value)
  }
  const definitions = Object.entries(columns).map(
    ([column, kind]) => `${named(column)} ${types[kind]}`,
  )
  const inserts: string[] = []
  for (let from = 0; from < rows.length; from += rowsPerInsert) {
    const part = rows.slice(from, from + rowsPerInsert)
    const values = part.map((row) => `(${row.map(cell).join(', ')})`)
    inserts.push(`insert into ${name} values ${values.join(', ')}`)
  }
  return [
    `drop table if exists ${name}`,
    `create table ${name} (${definitions.join(', ')})`,
    ...inserts,
  ]
}
