import { join, raw, type Sql, sql } from '../../warehouse/sql.ts'

/** One of the values is in the column. */
export const isAmong = (column: string, values: readonly string[]): Sql =>
  values.length === 0
    ? raw('1 = 0')
    : sql`${raw(column)} in (${join(values.map((value) => sql`${value}`))})`

/** One of the conditions holds; without any, none does. */
export const any = (conditions: readonly Sql[]): Sql =>
  conditions.length === 0 ? raw('1 = 0') : sql`(${join(conditions, ' or ')})`

/** The text occurs in the column: in the words of every engine. */
export const holds = (column: string, text: string): Sql =>
  sql`replace(coalesce(${raw(column)}, ''), ${text}, '') <> coalesce(${raw(column)}, '')`
