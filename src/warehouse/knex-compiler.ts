import knex from 'knex'
import type { Sql, Statement, Value } from './sql.ts'

type Typed = (parameter: string, value: Value) => string

/** A knex client that only compiles: no pool, no driver. Parameters are `$1`, `$2`, …. */
class CompilingClient extends knex.Client {
  typed: Typed = (parameter) => parameter
  bindings: readonly Value[] = []

  override positionBindings(text: string): string {
    let position = 0
    return text.replace(/\?/g, () => {
      const value = this.bindings[position++] ?? null
      return this.typed(`$${position}`, value)
    })
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
  typed: Typed = (parameter) => parameter,
): Statement {
  // Literal question marks stand aside while knex counts; two bindings side by side would be its identifier binding, `??`.
  const mark = unusedCharacter(statement.text)
  const text = statement.text.replaceAll('\\?', mark).replace(/\?(?=\?)/g, '? ')
  client.typed = typed
  client.bindings = statement.bindings
  const native: { sql: string; bindings: readonly Value[] } = client
    .raw(text, [...statement.bindings])
    .toSQL()
    .toNative()
  return { sql: native.sql.replaceAll(mark, '?'), bindings: native.bindings }
}

/** A character for private use that the text does not use. */
function unusedCharacter(text: string): string {
  let code = 0xe000
  while (text.includes(String.fromCharCode(code))) code++
  return String.fromCharCode(code)
}

/** Quotes an identifier by the SQL standard. */
export function quoteStandard(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`
}

/** Quotes a text literal by the SQL standard; for constants of ours. Values are bound. */
export function quoteLiteral(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
