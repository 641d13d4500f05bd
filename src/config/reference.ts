import { z } from 'zod'
import { eventSync } from './event-schema.ts'
import { listSync } from './list-schema.ts'
import { objectSync } from './object-schema.ts'
import { columnMapping, propertyObject } from './property-schema.ts'
import { settingsSchema } from './settings-schema.ts'

/** The reference of every key, from the schemas that check them. Committed as `docs/reference.md`. */
export function referenceMarkdown(): string {
  const sections: readonly (readonly [string, string, z.ZodObject])[] = [
    [
      'A sync of records (`type: object`)',
      '`config.meta.hubspot` of a model, seed, snapshot or exposure: one sync, or a list of them. The same keys may stand in `hubspot_defaults` beside it, or in `+meta` of dbt_project.yml, for every sync below.',
      objectSync,
    ],
    [
      'The long form of a property',
      'The value of a line in `properties`, where the name of a column does not say enough.',
      propertyObject,
    ],
    [
      'A mapping on a column',
      '`config.meta.hubspot` of a column: the same as a line in `properties`.',
      columnMapping,
    ],
    ['A sync of events (`type: event`)', 'Behavioural events.', eventSync],
    ['A sync of list members (`type: list`)', 'Members of a manual list ("segment").', listSync],
    [
      'backhaul.yml',
      'Beside dbt_project.yml. Optional. Values may hold `env_var`, as in profiles.yml.',
      settingsSchema,
    ],
  ]
  return [
    '# Reference',
    '',
    'Generated from the schemas that check these keys; edit the schemas, not this file.',
    '',
    ...sections.flatMap(([title, intro, schema]) => [
      `## ${title}`,
      '',
      intro,
      '',
      '| Key | Type | Default | Example | Meaning |',
      '| --- | --- | --- | --- | --- |',
      ...rows(schema, ''),
      '',
    ]),
  ].join('\n')
}

function rows(schema: z.ZodObject, prefix: string): readonly string[] {
  return Object.entries(schema.shape as Record<string, z.ZodType>).flatMap(([name, value]) => {
    const facts = value.meta() ?? {}
    const key = `${prefix}${name}`
    const cells = [
      code(key),
      typeOf(value),
      defaultOf(value, facts['defaultText']),
      exampleOf(name, facts['examples']),
      String(facts.description ?? ''),
    ]
    return [
      `| ${cells.map(cell).join(' | ')} |`,
      ...nested(value).flatMap(([inner, below]) => rows(inner, `${key}${below}`)),
    ]
  })
}

/** Mappings inside a value whose keys are listed below it; the long form of a property has a table of its own. */
function nested(value: z.ZodType): readonly (readonly [z.ZodObject, string])[] {
  const inner = unwrapped(value)
  if (inner === propertyObject) return []
  if (inner instanceof z.ZodObject) return [[inner, '.']]
  if (inner instanceof z.ZodArray) {
    return nested(inner.element as z.ZodType).map(([one, below]) => [one, `[]${below}`] as const)
  }
  if (inner instanceof z.ZodRecord) {
    return nested(inner.valueType as z.ZodType).map(([one, below]) => [one, `.*${below}`] as const)
  }
  if (inner instanceof z.ZodUnion) return inner.options.flatMap((one) => nested(one as z.ZodType))
  return []
}

function unwrapped(value: z.ZodType): z.ZodType {
  return value instanceof z.ZodOptional ||
    value instanceof z.ZodDefault ||
    value instanceof z.ZodNullable
    ? unwrapped(value.unwrap() as z.ZodType)
    : value
}

function typeOf(value: z.ZodType): string {
  const inner = unwrapped(value)
  if (inner instanceof z.ZodEnum) return inner.options.map(code).join(' or ')
  if (inner instanceof z.ZodLiteral) return [...inner.values].map(code).join(' or ')
  if (inner instanceof z.ZodUnion) {
    const kinds = inner.options.map((one) => typeOf(one as z.ZodType))
    return [...new Set(kinds)].join(' or ')
  }
  if (inner instanceof z.ZodArray) return `list of ${typeOf(inner.element as z.ZodType)}`
  if (inner instanceof z.ZodObject || inner instanceof z.ZodRecord) return 'mapping'
  if (inner instanceof z.ZodBoolean) return '`true` or `false`'
  if (inner instanceof z.ZodNumber) return inner.format?.includes('int') ? 'whole number' : 'number'
  if (inner instanceof z.ZodString || inner instanceof z.ZodURL) return 'text'
  return 'anything'
}

function defaultOf(value: z.ZodType, inWords: unknown): string {
  if (typeof inWords === 'string') return inWords
  if (value instanceof z.ZodDefault) return code(yaml(value.def.defaultValue))
  return value instanceof z.ZodOptional ? 'none' : '**required**'
}

function exampleOf(name: string, examples: unknown): string {
  const [first] = Array.isArray(examples) ? (examples as unknown[]) : []
  return first === undefined ? '' : code(`${name}: ${yaml(first)}`)
}

/** A value as YAML in one line. */
function yaml(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(yaml).join(', ')}]`
  if (typeof value === 'object' && value !== null) {
    return `{${Object.entries(value)
      .map(([key, inner]) => `${key}: ${yaml(inner)}`)
      .join(', ')}}`
  }
  const text = String(value)
  return typeof value === 'string' && /^[\s{[\d,%-]|[{}[\],]|: | #|\s$|^$/.test(text)
    ? JSON.stringify(text)
    : text
}

const code = (value: unknown): string => `\`${String(value)}\``

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ')
