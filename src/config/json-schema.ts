import { z } from 'zod'
import { eventSync } from './event-schema.ts'
import { listSync } from './list-schema.ts'
import { objectSync } from './object-schema.ts'
import { columnMapping } from './property-schema.ts'
import { settingsSchema } from './settings-schema.ts'

type JsonSchema = { [key: string]: unknown }

/**
 * JSON Schema (draft-07) for dbt's YAML files that constrains `meta.hubspot` and nothing else, so that an editor
 * combines it with dbt's own schema. Committed as `schema.json`.
 */
export function jsonSchema(): JsonSchema {
  const sync = { anyOf: [objectSync, eventSync, listSync].map(toJsonSchema).map(withDefaults) }
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: "Backhaul: syncs in dbt's YAML",
    type: 'object',
    properties: {
      models: list('node'),
      seeds: list('node'),
      snapshots: list('node'),
      exposures: list('node'),
    },
    definitions: {
      sync,
      syncDefaults: defaults(toJsonSchema(objectSync)),
      columnMapping: toJsonSchema(columnMapping),
      nodeMeta: {
        type: 'object',
        properties: {
          hubspot: {
            description: 'One sync to HubSpot, or a list of them.',
            examples: [
              {
                object: 'contacts',
                match: { email: 'email' },
                properties: { firstname: 'first_name' },
              },
            ],
            anyOf: [ref('sync'), { type: 'array', items: ref('sync') }],
          },
          hubspot_defaults: {
            description: 'Keys that every sync of the model inherits unless it says otherwise.',
            ...ref('syncDefaults'),
          },
        },
      },
      columnMeta: {
        type: 'object',
        properties: {
          hubspot: {
            description: 'The HubSpot property that this column fills.',
            examples: [{ property: 'firstname' }],
            anyOf: [ref('columnMapping'), { type: 'array', items: ref('columnMapping') }],
          },
        },
      },
      column: holder('columnMeta'),
      node: holder('nodeMeta', { columns: list('column'), versions: list('node') }),
    },
  }
}

/** JSON Schema (draft-07) of backhaul.yml. */
export function settingsJsonSchema(): JsonSchema {
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Backhaul: backhaul.yml',
    ...toJsonSchema(settingsSchema),
  }
}

const ref = (name: string): JsonSchema => ({ $ref: `#/definitions/${name}` })

const list = (name: string): JsonSchema => ({ type: 'array', items: ref(name) })

/** Something with `config.meta`, or `meta` of its own as in old dbt versions. */
function holder(meta: string, more: JsonSchema = {}): JsonSchema {
  return {
    type: 'object',
    properties: {
      meta: ref(meta),
      config: { type: 'object', properties: { meta: ref(meta) } },
      ...more,
    },
  }
}

function toJsonSchema(schema: z.ZodType): JsonSchema {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { target: 'draft-7', io: 'input' })
  return editable(rest) as JsonSchema
}

/** What a sync lacks may stand in defaults, some of them in another file; `type` alone tells which of its kind it is. */
function withDefaults({ required, ...rest }: JsonSchema): JsonSchema {
  const own = Array.isArray(required) ? required.filter((key) => key === 'type') : []
  return own.length === 0 ? rest : { ...rest, required: own }
}

/** Nothing is required of defaults, and those of other types of sync may stand among them. */
function defaults(schema: JsonSchema): JsonSchema {
  const { required: _, additionalProperties: __, ...rest } = schema
  return rest
}

/** A value that dbt renders: where a type or a set of values is asked for, Jinja may stand. */
const JINJA = { type: 'string', pattern: '\\{\\{.*\\}\\}' }

/** Drops what only our reference reads, and lets Jinja stand where no text is expected. */
function editable(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(editable)
  if (typeof node !== 'object' || node === null) return node
  const { defaultText, ...rest } = node as JsonSchema
  const walked: JsonSchema = {}
  for (const [key, value] of Object.entries(rest)) {
    walked[key] = ['default', 'examples', 'enum', 'const'].includes(key) ? value : editable(value)
  }
  if (typeof defaultText === 'string') {
    walked['description'] = `${String(walked['description'] ?? '')} Default: ${defaultText}.`
  }
  return orJinja(walked)
}

function orJinja(schema: JsonSchema): JsonSchema {
  const isTyped = ['number', 'integer', 'boolean'].includes(String(schema['type']))
  const isNarrow = ['enum', 'const', 'pattern', 'format'].some((keyword) => keyword in schema)
  if (!isTyped && !isNarrow) return schema
  const { description, default: fallback, examples, ...constraint } = schema
  const facts = { description, default: fallback, examples }
  return {
    ...Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined)),
    anyOf: [constraint, JINJA],
  }
}
