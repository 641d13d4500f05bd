import knex from 'knex'
import type { Sql, Statement, Value } from './sql.ts'

type Typed = (parameter: string, value: Value) => string
/** SQL that stands for a binding; its position counts from 0. */
type Placeholder = (position: number, value: Value) => string

/** A knex client that only compiles: no pool, no driver. */
class CompilingClient extends knex.Client {
  placeholder: Placeholder = () => '?'
  bindings: readonly Value[] = []

  override positionBindings(text: string): string {
    let position = 0
    return text.replace(/\?/g, () => {
      const index = position++
      return this.placeholder(index, this.bindings[index] ?? null)
    })
  }
}

const client = new CompilingClient({ client: 'pg' })

/**
 * Compiles to numbered parameters (`$1`), as PostgreSQL and DuckDB take them.
 *
 * @param typed gives a parameter the type that the engine would not see in the value by itself
 */
export const compileNumbered = (
  statement: Sql,
  typed: Typed = (parameter) => parameter,
): Statement => compile(statement, (position, value) => typed(`$${position + 1}`, value))

/**
 * Compiles to named parameters (`@p0`), as BigQuery takes them: it wants the type of each, which NULL does not tell, so
 * that NULL is written out.
 */
export function compileNamed(statement: Sql): Statement {
  const bound: Value[] = []
  const { sql } = compile(statement, (_, value) =>
    value === null ? 'null' : `@p${bound.push(value) - 1}`,
  )
  return { sql, bindings: bound }
}

function compile(statement: Sql, placeholder: Placeholder): Statement {
  // Literal question marks stand aside while knex counts; two bindings side by side would be its identifier binding, `??`.
  const mark = unusedCharacter(statement.text)
  const text = statement.text.replaceAll('\\?', mark).replace(/\?(?=\?)/g, '? ')
  client.placeholder = placeholder
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
