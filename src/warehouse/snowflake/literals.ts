import { raw, type Sql, sql } from '../sql.ts'

/**
 * Quotes a text literal as Snowflake reads it: a backslash escapes, also in an ordinary literal.
 * https://docs.snowflake.com/en/sql-reference/data-types-text#escape-sequences-in-single-quoted-string-constants
 */
export function quoteText(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`
}

/** A constant of ours as a literal: formats, regular expressions, words, zones. */
export const literal = (text: string): Sql => raw(quoteText(text))

/**
 * Text without the collation of its column: comparing, hashing and matching it is bytewise then, as it is
 * on the other engines.
 */
export const bytewise = (text: Sql): Sql => sql`collate(${text}, 'utf8')`

/** Text without white space around it. */
export const trimmed = (value: Sql): Sql => sql`trim(${value}, ${raw("' \\t\\r\\n'")})`
