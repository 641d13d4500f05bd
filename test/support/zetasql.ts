import { createServer } from 'node:net'

/** What both analyzers share: GoogleSQL's, and the one for Snowflake that was made of it. */

/** A table of a catalog: its name's parts, and types by column. */
export interface CatalogTable {
  readonly path: readonly string[]
  readonly columns: Readonly<Record<string, string>>
}

export const statementKinds = [
  'QUERY',
  'MERGE',
  'INSERT',
  'UPDATE',
  'DELETE',
  'CREATE_TABLE',
  'CREATE_TABLE_AS_SELECT',
  'CREATE_SCHEMA',
  'DROP',
  'ALTER_TABLE',
  'BEGIN',
  'COMMIT',
].map((kind) => `RESOLVED_${kind}_STMT`)

/** Tables as the analyzer takes them. Names with several parts are catalogs within catalogs. */
export const simpleCatalog = (
  tables: readonly CatalogTable[],
  typeOf: (type: string) => object,
): object => catalogOf('root', tables, typeOf, 0)

function catalogOf(
  name: string,
  tables: readonly CatalogTable[],
  typeOf: (type: string) => object,
  depth: number,
): object {
  const own = tables.filter(({ path }) => path.length === depth + 1)
  const below = new Map<string, CatalogTable[]>()
  for (const table of tables.filter(({ path }) => path.length > depth + 1)) {
    const part = table.path[depth] ?? ''
    below.set(part, [...(below.get(part) ?? []), table])
  }
  return {
    name,
    table: own.map(({ path, columns }, index) => ({
      name: path[depth],
      fullName: path.join('.'),
      serializationId: depth * 1000 + index + 1,
      column: Object.entries(columns).map(([column, type]) => ({
        name: column,
        type: typeOf(type),
      })),
    })),
    catalog: [...below].map(([part, inside]) => catalogOf(part, inside, typeOf, depth + 1)),
  }
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() =>
        resolve(typeof address === 'object' && address !== null ? address.port : 0),
      )
    })
  })
}
