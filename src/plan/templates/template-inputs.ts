import type { Column, Dialect } from '../../warehouse/dialect.ts'
import { raw, type Sql, sql } from '../../warehouse/sql.ts'
import type { Row } from '../../warehouse/warehouse.ts'
import { asksWhetherSynced } from '../diff/departed.ts'
import { type DiffSpec, type TemplateProperty, unrenderable } from '../diff-spec.ts'

/** Where a column stands in `template_values`: no property is called so. */
const keyOf = (index: number): string => `#${index}`

/** Says that nothing was sent to the record yet; begins as no property does. */
export const unsyncedKey = '_unsynced'

export const hasTemplates = ({ templates = [] }: DiffSpec): boolean => templates.length > 0

/** What templates need travels with the row from step to step. */
export const carriedInputs = (spec: DiffSpec): Sql =>
  raw(hasTemplates(spec) ? ', template_values' : '')

/** A column that templates read: by a time zone of its own, where templates have one. */
interface Input {
  readonly column: Column
  readonly timezone: string | undefined
}

function inputsOf(templates: readonly TemplateProperty[]): readonly Input[] {
  const byName = new Map<string, Input>()
  for (const { reads, timezone } of templates) {
    for (const { column } of reads) byName.set(column.name, { column, timezone })
  }
  return [...byName.values()]
}

/**
 * SQL for JSON that a row's templates are rendered from, and their texts are compared with: the columns as text (moments in UTC, a
 * list's elements parted by semicolons), and what was sent before, by property.
 */
export function templateInputs(
  dialect: Dialect,
  spec: DiffSpec,
  columnSql: (column: string) => Sql,
): Sql {
  const { templates = [] } = spec
  const columns = inputsOf(templates).map(({ column, timezone }, index) => {
    const { value, isInvalid } = dialect.render(columnSql(column.name), column.family, {
      kind: 'text',
      ...(timezone === undefined ? {} : { timezone }),
    })
    return {
      name: keyOf(index),
      value:
        isInvalid === undefined
          ? value
          : sql`case when ${isInvalid} then ${unrenderable} else ${value} end`,
    }
  })
  const sent = templates.map(({ property }) => ({
    name: property.name,
    value: dialect.jsonField(raw('sent'), property.name),
  }))
  const unsynced = asksWhetherSynced(spec)
    ? [{ name: unsyncedKey, value: raw("case when is_unsynced = 1 then 'true' end") }]
    : []
  return dialect.jsonObject([...columns, ...sent, ...unsynced])
}

/** The row as a template sees it, by the names that the template uses. */
type TemplateRow =
  | { readonly isUnreadable: false; readonly values: Readonly<Record<string, unknown>> }
  | { readonly isUnreadable: true; readonly column: string }

/** Reads what `templateInputs` wrote. */
export function inputReader(
  templates: readonly TemplateProperty[],
): (row: Row) => (template: TemplateProperty) => TemplateRow {
  const inputs = inputsOf(templates)
  const keys = new Map(inputs.map(({ column }, index) => [column.name, keyOf(index)]))
  return (row) => {
    const texts = JSON.parse(String(row['template_values'])) as Record<string, string>
    return ({ reads }) => {
      const entries: [string, unknown][] = []
      for (const { name, column } of reads) {
        const text = texts[keys.get(column.name) ?? ''] ?? null
        if (text === unrenderable) return { isUnreadable: true, column: column.name }
        entries.push([name, text === null ? null : typed(text, column)])
      }
      return { isUnreadable: false, values: Object.fromEntries(entries) }
    }
  }
}

/** A cell of a column that a template reads, as the language of templates knows it. */
function typed(text: string, { family }: Column): unknown {
  switch (family) {
    case 'integer':
    case 'decimal':
    case 'float':
      return exactNumber(text)
    case 'boolean':
      return text === 'true'
    case 'array':
      return text.split(';')
    case 'json':
      return parsedJson(text)
    default:
      return text
  }
}

/** What a number of JavaScript would round stays text, and prints as it is. */
function exactNumber(text: string): number | string {
  const number = Number(text)
  return String(number) === text ? number : text
}

function parsedJson(text: string): unknown {
  if (!/^\s*[[{]/.test(text)) return text
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
