import knex from 'knex'
import type { Sql, Statement, Value } from './sql.ts'

/** Stands for a literal question mark while knex numbers the bindings. No SQL holds it. */
const literalMark = '\uE000'

/** Follows a parameter, which so differs from a `$1` of the user's SQL. */
const parameterMark = '\uE001'

/** A knex client that only compiles: no pool, no driver. Parameters are `$1`, `$2`, …. */
class CompilingClient extends knex.Client {
  override positionBindings(text: string): string {
    let position = 0
    return text.replace(/\?/g, () => `$${++position}${parameterMark}`)
  }
}

const client = new CompilingClient({ client: 'pg' })

/**
 * Compiles to numbered parameters (`$1`), as PostgreSQL and DuckDB take them.
 *
 * @param typed gives a parameter the type that the engine would not see in the value by itself
 */
export function compileNumbered(
  statement: Sql,
  typed: (parameter: string, value: Value) => string = (parameter) => parameter,
): Statement {
  // Two bindings side by side would read as knex's identifier binding, `??`.
  const text = statement.text.replaceAll('\\?', literalMark).replace(/\?(?=\?)/g, '? ')
  const native: { sql: string; bindings: readonly Value[] } = client
    .raw(text, [...statement.bindings])
    .toSQL()
    .toNative()
  const { bindings } = native
  const sql = native.sql
    .replace(/\$(\d+)\uE001/g, (_, position: string) =>
      typed(`$${position}`, bindings[Number(position) - 1] ?? null),
    )
    .replaceAll(literalMark, '?')
  return { sql, bindings }
}

/** Quotes an identifier by the SQL standard. */
export function quoteStandard(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`
}

/** Quotes a text literal by the SQL standard; for constants of ours. Values are bound. */
export function quoteLiteral(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
