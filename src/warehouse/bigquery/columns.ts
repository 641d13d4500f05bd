import type { Column } from '../dialect.ts'
import { familyOf } from './family.ts'
import type { Field } from './values.ts'

const standardNames: Readonly<Record<string, string>> = {
  INTEGER: 'INT64',
  FLOAT: 'FLOAT64',
  BOOLEAN: 'BOOL',
}

/** GoogleSQL's name of a column's type, e.g. `ARRAY<STRUCT<a INT64>>`. */
function typeText(field: Field): string {
  const single =
    field.type === 'RECORD' || field.type === 'STRUCT'
      ? `STRUCT<${(field.fields ?? []).map((part) => `${part.name} ${typeText(part)}`).join(', ')}>`
      : (standardNames[field.type] ?? field.type) + precisionText(field)
  return field.mode === 'REPEATED' ? `ARRAY<${single}>` : single
}

function precisionText({ precision, scale }: Field): string {
  if (precision === undefined) return ''
  return scale === undefined ? `(${precision})` : `(${precision}, ${scale})`
}

/** The API's description of columns as the catalog's. */
export const columnsOf = (fields: readonly Field[]): readonly Column[] =>
  fields.map((field) => {
    const type = typeText(field)
    return { name: field.name, type, family: familyOf(type) }
  })

/** Where a relation is, as far as its name says. */
export interface RelationParts {
  readonly project?: string
  readonly dataset: string
  readonly table: string
}

/**
 * Splits a relation's name as dbt writes it: `project`.`dataset`.`table`, or all of it in one pair of backticks.
 *
 * @returns undefined for what is no plain table name
 */
export function relationParts(name: string): RelationParts | undefined {
  const parts = (name.match(/`[^`]*`|[^`.\s]+/g) ?? [])
    .map((part) => part.replaceAll('`', ''))
    .flatMap((part, _, all) => (all.length === 1 ? part.split('.') : [part]))
  const isPlain = parts.every((part) => /^[\p{L}\p{M}\p{N}\p{Pc}\p{Pd} :]+$/u.test(part))
  const [table, dataset, project] = parts.toReversed()
  if (!isPlain || parts.length > 3 || table === undefined || dataset === undefined) return undefined
  return { ...(project === undefined ? {} : { project }), dataset, table }
}
