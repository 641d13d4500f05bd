import { parseTemplate } from '../template/parse-template.ts'
import type { MappingSource } from '../types.ts'
import type { Finding } from './check.ts'
import type { ObjectSync } from './object-schema.ts'
import type { PropertyInput } from './property-schema.ts'
import type { Treatment } from './treatment-rules.ts'
import { wireText } from './wire-text.ts'

/** What is wrong with where a value comes from, and with which key of the mapping where it is one. */
interface Unusable {
  readonly problems: readonly Omit<Finding, 'path'>[]
  readonly key?: string
}

/** Where the value of a property comes from, or why it comes from nowhere. */
export function sourceOf(sync: ObjectSync, input: PropertyInput): MappingSource | Unusable {
  if (typeof input === 'string') return columnSource(sync, input, {})
  const given = (['column', 'value', 'template'] as const).filter((key) => input[key] !== undefined)
  if (given.length !== 1) {
    const message =
      given.length === 0
        ? 'needs one of column, value and template'
        : `has ${given.join(' and ')}; only one of them can be the value`
    return { problems: [{ message }] }
  }
  if (input.column !== undefined) return columnSource(sync, input.column, input)
  if (input.as !== undefined || input.timezone !== undefined) {
    return { problems: [{ message: '`as` and `timezone` only go with `column`' }] }
  }
  if (input.template !== undefined) return templateSource(sync, input.template)
  return { kind: 'value', value: wireText(input.value ?? '') }
}

/** The columns that a template reads are looked for when the model is known. */
function templateSource({ timezone }: ObjectSync, template: string): MappingSource | Unusable {
  const parsed = parseTemplate(template)
  if (!parsed.ok) return { problems: parsed.problems, key: 'template' }
  return { kind: 'template', template, ...(timezone === undefined ? {} : { timezone }) }
}

export function columnSource(
  sync: ObjectSync,
  column: string,
  treatment: Treatment,
): MappingSource {
  const timezone = treatment.timezone ?? sync.timezone
  return {
    kind: 'column',
    column,
    ...(treatment.as === undefined ? {} : { as: treatment.as }),
    ...(timezone === undefined ? {} : { timezone }),
  }
}
