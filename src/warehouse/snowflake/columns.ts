import type { Column } from '../dialect.ts'
import { familyOf } from './family.ts'
import type { RowStatement } from './sdk.ts'

/** Columns of a described query. */
export function columnsOf(statement: RowStatement): readonly Column[] {
  return (statement.getColumns() ?? []).map((column) => {
    const name = column.getType().toUpperCase()
    const type =
      name === 'FIXED'
        ? `NUMBER(${column.getPrecision()},${column.getScale()})`
        : (spellings[name] ?? name)
    return { name: column.getName(), type, family: familyOf(type) }
  })
}

/** The types of results, as DDL spells them. */
const spellings: Readonly<Record<string, string>> = { TEXT: 'VARCHAR', REAL: 'FLOAT' }

/** Object does not exist, or is not visible to the role. */
const missingCodes = new Set(['002003', '002043'])

/** True when the error says that the relation itself is not there; any other is a broken view. */
export function isMissing(error: unknown, relationName: string): boolean {
  const { code, message } = error as { readonly code?: unknown; readonly message?: unknown }
  if (!missingCodes.has(String(code))) return false
  const missing = /(?:Object|Schema|Database|Table|View) '([^']+)' does not exist/i.exec(
    String(message),
  )?.[1]
  if (missing === undefined) return false
  // The message names what is missing of the path: the relation, its schema or its database.
  const bare = (name: string) => name.replaceAll('"', '').toUpperCase()
  return bare(relationName).includes(bare(missing)) || bare(missing).endsWith(bare(relationName))
}
