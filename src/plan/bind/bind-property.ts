import type { Problem } from '../../errors.ts'
import { parseTemplate, placeText } from '../../template/parse-template.ts'
import type { As, Mapping, ObjectSchema, PropertySchema, Sync } from '../../types.ts'
import type { Column, WireForm } from '../../warehouse/dialect.ts'
import { findColumn, isColumn } from '../columns.ts'
import type { DiffProperty, TemplateProperty } from '../diff-spec.ts'
import { type Lookup, labelLookup, maxSeveralLabels, ownerLookup } from '../values/lookups.ts'
import { limitsOf, type ValueLimit } from '../values/value-limits.ts'
import { isContactEmail, type Report, type Resolve } from './bind-match.ts'
import { creationOf, isUntold, missingProperty } from './missing-property.ts'
import { optionsOf, spellingsOf, wrongValue } from './property-options.ts'
import { wireForm } from './wire.ts'

/** Why a property cannot be written at all: each cause in words of its own. */
function unwritable(schema: ObjectSchema, property: PropertySchema): string | undefined {
  if (property.isArchived) return `${schema.name} property ${property.name} is archived in HubSpot`
  if (property.isCalculated)
    return `${schema.name} property ${property.name} is calculated by HubSpot`
  if (property.isReadOnly) return `${schema.name} property ${property.name} is read-only in HubSpot`
  return undefined
}

export function bindProperty(
  mapping: Mapping,
  sync: Sync,
  schema: ObjectSchema,
  resolve: Resolve,
  report: Report,
): DiffProperty | undefined {
  const { key, source, origin } = mapping
  const property = schema.properties.get(mapping.property)
  const column = source.kind === 'column' ? resolve(source.column, key, origin) : undefined
  if (property === undefined) {
    // Of one that could not be made it has been told why.
    const isTold =
      mapping.definition?.isCreated === true &&
      source.kind === 'column' &&
      column !== undefined &&
      !isUntold(schema, mapping.property)
    if (!isTold) report(key, missingProperty(mapping, sync, schema, column), origin)
    return undefined
  }
  const refusal = unwritable(schema, property)
  if (refusal !== undefined) {
    const hint =
      {
        match: 'Match by another property.',
        tracking_property: 'Name a text property with unique values that only this sync fills.',
      }[key] ?? 'Remove this line from the mapping.'
    const restoring = property.isArchived ? ' Or restore the property in HubSpot.' : ''
    report(key, { message: refusal, hint: `${hint}${restoring}` }, origin)
    return undefined
  }
  const isMatch = sync.match?.property === mapping.property
  const isNeverCleared = isMatch || schema.requiredProperties.includes(mapping.property)
  // Mode insert sends a row in a create, or not at all.
  const write = mapping.write === 'always' || sync.mode === 'insert' ? undefined : mapping.write
  const common = {
    name: mapping.property,
    nulls: isNeverCleared || write !== undefined ? ('keep' as const) : mapping.nulls,
    ...(write === undefined ? {} : { write }),
    onInvalid: mapping.onInvalid,
    ...(isNeverCleared || mapping.nulls === 'keep' || mapping.write !== 'always'
      ? {}
      : { isClearable: true }),
    ...optionsOf(property),
    ...spellingsOf(property),
    ...(isContactEmail(schema, property.name) ? { isEmail: true } : {}),
    ...(property.isUnique && !isMatch ? { isUnique: true } : {}),
    ...(write === undefined ? stagesOf(property, mapping) : {}),
  }
  if (source.kind === 'template') return undefined
  if (source.kind === 'row_id') {
    const problem = noTracking(property, mapping, sync, schema)
    if (problem !== undefined) report(key, problem, origin)
    return { ...common, source: { kind: 'row_id' } }
  }
  if (source.kind === 'value') {
    const problem =
      property.isUnique && !isMatch
        ? {
            message: `one value for all rows cannot be ${property.name}, which is unique`,
            hint: 'Map a column that differs from row to row.',
          }
        : wrongValue(property, source.value)
    if (problem !== undefined) report(key, problem, origin)
    return { ...common, source: { kind: 'value', value: source.value } }
  }
  if (column === undefined) return undefined
  const wire = wireForm(property, column.family, source.as, source.timezone)
  if ('message' in wire) {
    report(
      key,
      { ...wire, message: `${wire.message} (column ${column.name} ${column.type})` },
      origin,
    )
    return undefined
  }
  const lookup = lookupOf(schema, property, source.as)
  if (lookup !== undefined && 'message' in lookup) {
    report(key, lookup, origin)
    return undefined
  }
  const limits = limitsOfColumn(property, column, wire)
  return {
    ...common,
    ...(limits.length === 0 || lookup !== undefined ? {} : { limits }),
    source: { kind: 'column', column, wire, ...(lookup === undefined ? {} : { lookup }) },
  }
}

/** A stage that is not always written moves nowhere. */
const stagesOf = (
  property: PropertySchema,
  { allowsBackwards }: Mapping,
): Pick<DiffProperty, 'stages' | 'clearsFirst'> =>
  property.name === 'lifecyclestage' && property.options.length > 1
    ? {
        stages: property.options.map((option) => option.value),
        ...(allowsBackwards === undefined ? {} : { clearsFirst: true }),
      }
    : {}

/** Why a property cannot hold the row id. */
function noTracking(
  { name, type, isUnique }: PropertySchema,
  mapping: Mapping,
  sync: Sync,
  schema: ObjectSchema,
): Omit<Problem, 'where'> | undefined {
  if (type === 'string' && isUnique) return undefined
  const own = `${sync.name}_row_id`.toLowerCase().replaceAll('-', '_')
  const why = type === 'string' ? 'has no unique values' : `is of type ${type}`
  return {
    message: `${schema.name} property ${name} ${why}, so it cannot hold the row's id`,
    hint: `Only a text property that is made with unique values can, such as ${own}. ${creationOf({ ...mapping, property: own }, sync, schema, undefined)}`,
  }
}

/** Limits that values of the column can be beyond, and that are understood of the form they travel in. */
function limitsOfColumn(
  property: PropertySchema,
  column: Column,
  wire: WireForm,
): readonly ValueLimit[] {
  const longest = longestText(column)
  return limitsOf(property).filter((limit) => {
    if (limit.kind === 'min_number' || limit.kind === 'max_number') return wire.kind === 'number'
    return limit.kind !== 'max_length' || longest > limit.bound
  })
}

/** Characters that a value of the column can have, as far as its type says. */
function longestText({ type, family }: Column): number {
  if (family !== 'text' && family !== 'json' && family !== 'array' && family !== 'other') {
    return 1_000
  }
  const length = /^(?:character varying|varchar|character|char|string|text)\((\d+)\)$/i.exec(type)
  return length === null ? Number.POSITIVE_INFINITY : Number(length[1])
}

/** What the column's values stand for, where `as` says that they stand for something; or why they cannot. */
function lookupOf(
  schema: ObjectSchema,
  property: PropertySchema,
  as: As | undefined,
): Lookup | Omit<Problem, 'where'> | undefined {
  if (as === 'owner_email') {
    const isOwner = property.type === 'enumeration' && property.hasExternalOptions
    return isOwner
      ? ownerLookup(schema.owners ?? [])
      : {
          message: `as: owner_email needs a property that holds an owner, and ${schema.name} property ${property.name} is ${described(property)}`,
          hint: 'Map the address to hubspot_owner_id or another owner property, or remove `as:`.',
        }
  }
  if (as !== 'option_label') return undefined
  if (property.options.length === 0) {
    const isElsewhere = property.hasExternalOptions
      ? 'its options are not listed with the property'
      : `it is ${described(property)}`
    return {
      message: `as: option_label needs a property with options, and ${schema.name} property ${property.name} has none (${isElsewhere})`,
      hint: property.hasExternalOptions
        ? 'Give internal values in the model; for owners use `as: owner_email`.'
        : 'Remove `as:`.',
    }
  }
  const lookup = labelLookup(property)
  const isSeveral = property.fieldType === 'checkbox'
  if (isSeveral && lookup.entries.length > maxSeveralLabels) {
    return {
      message: `as: option_label takes ${maxSeveralLabels} options of a property that holds several, and ${property.name} has ${lookup.entries.length}`,
      hint: 'Give the internal values in the model.',
    }
  }
  return lookup
}

const described = ({ type, fieldType }: PropertySchema): string => `of type ${type} (${fieldType})`

/** A template is a column of text that is rendered when the row is known to have changed. */
export function bindTemplate(
  mapping: Mapping,
  source: Extract<Mapping['source'], { kind: 'template' }>,
  sync: Sync,
  schema: ObjectSchema,
  columns: readonly Column[],
  report: Report,
): TemplateProperty | undefined {
  const { template, timezone } = source
  const text = { name: mapping.property, type: 'text', family: 'text' } as const
  const { key, origin } = mapping
  const rendered: Mapping = {
    ...mapping,
    source: { kind: 'column', column: text.name, ...(timezone === undefined ? {} : { timezone }) },
  }
  const property = bindProperty(rendered, sync, schema, () => text, report)
  const reads = readsOf(template, columns, (problem) => report(key, problem, origin))
  return property === undefined
    ? undefined
    : {
        property: { ...property, isRendered: true },
        template,
        reads,
        ...(timezone === undefined ? {} : { timezone }),
      }
}

function readsOf(
  template: string,
  columns: readonly Column[],
  report: (problem: Omit<Problem, 'where'>) => void,
): TemplateProperty['reads'] {
  const parsed = parseTemplate(template)
  if (!parsed.ok) return []
  return parsed.reads.flatMap(({ name, place }) => {
    const column = findColumn(name, columns)
    if (isColumn(column)) return [{ name, column }]
    report({ ...column, message: `${column.message} (${placeText(place)})` })
    return []
  })
}
