import { createHash } from 'node:crypto'
import type { Problem } from '../errors.ts'
import { parseTemplate, placeText } from '../template/parse-template.ts'
import type {
  As,
  Mapping,
  ObjectSchema,
  PropertyDefinition,
  PropertySchema,
  Sync,
} from '../types.ts'
import type { Column, WireForm } from '../warehouse/dialect.ts'
import { bindMatch, costsOf, isContactEmail, type Report, type Resolve } from './bind-match.ts'
import { bindStart } from './bind-start.ts'
import { findColumn, isColumn } from './columns.ts'
import type { DiffProperty, DiffSpec, TemplateProperty } from './diff-spec.ts'
import { type Lookup, labelLookup, maxSeveralLabels, ownerLookup } from './lookups.ts'
import { creationOf, isKeyOf, meantProperty, missingProperty } from './missing-property.ts'
import { definitionOf, propertyOf, whyNotDefinable } from './property-definition.ts'
import { exceeds, limitsOf, limitWords, type ValueLimit } from './value-limits.ts'
import { wireForm } from './wire.ts'

/** The part of a diff that follows from the sync, the model's columns and the portal's schema. */
export type BoundSync = Pick<
  DiffSpec,
  | 'keyColumns'
  | 'match'
  | 'start'
  | 'properties'
  | 'templates'
  | 'mode'
  | 'onDelete'
  | 'deletesAdopted'
  | 'seed'
  | 'filters'
  | 'requiredGroups'
>

/** Version of the wire forms. Raised when a release renders a value differently: every row is looked at again. */
const wireVersion = 1

/** The same of templates: raised when filters or the library give another text. */
const templateVersion = 1

/** A sync checked against what exists. */
export interface Binding {
  readonly bound: BoundSync | undefined
  readonly problems: readonly Problem[]
  /** What is no mistake and may surprise all the same. */
  readonly warnings: readonly Problem[]
  /** What may surprise, depending on the rows; a plan counts those. */
  readonly advice: readonly Problem[]
  /** What works, and costs more than another way would; a plan tells it. */
  readonly costs: readonly Problem[]
  /** Properties that HubSpot does not have, that are to be made, and that `bound` takes for made. */
  readonly missing: readonly PropertyDefinition[]
}

/** What of the properties that HubSpot lacks is to be made: what mappings say (`create_missing`), or all. */
export type Creates = 'as-said' | 'all'

/** Checks a sync against what exists, and reports every problem at once. */
export function bindSync(
  sync: Sync,
  portalSchema: ObjectSchema,
  columns: readonly Column[],
  quote: (identifier: string) => string,
  creates: Creates = 'as-said',
): Binding {
  const problems: Problem[] = []
  const warnings: Problem[] = []
  const advice: Problem[] = []
  const report = (key: string, problem: Omit<Problem, 'where'>, where = sync.origin) =>
    problems.push({ ...problem, sync: sync.name, key, where })
  const resolve = (name: string, key: string, where = sync.origin): Column | undefined => {
    const found = findColumn(name, columns)
    if (isColumn(found)) return found
    report(key, found, where)
    return undefined
  }

  const missing = missingProperties(sync, portalSchema, columns, creates, report)
  const schema: ObjectSchema = {
    ...portalSchema,
    properties: new Map([
      ...portalSchema.properties,
      ...missing.map((definition) => [definition.name, propertyOf(definition)] as const),
    ]),
  }
  const keyColumns = sync.primaryKey.map((name) =>
    resolve(name, 'primary_key', sync.keyOrigins.primary_key),
  )
  const mapped = sync.mappings.map((mapping) =>
    mapping.source.kind === 'template'
      ? bindTemplate(mapping, mapping.source, sync, schema, columns, report)
      : bindProperty(mapping, sync, schema, resolve, report),
  )
  const bound = mapped.flatMap((one) => (one === undefined || 'template' in one ? [] : [one]))
  const templates = mapped.flatMap((one) => (one !== undefined && 'template' in one ? [one] : []))
  const match = bindMatch(sync, schema, bound, resolve, report)
  const start = bindStart(sync, resolve, report)
  reportRequired(sync, schema, report)
  const filters = [...currentRows(sync, resolve, quote), sync.where].filter(
    (filter) => filter !== undefined,
  )
  for (const mapping of sync.mappings) {
    warnings.push(...hiddenProperty(mapping, sync, schema))
    advice.push(...backwardStages(mapping, sync, schema))
  }
  const costs = costsOf(sync, schema, match)
  if (problems.length > 0) return { bound: undefined, problems, warnings, advice, costs, missing }
  return {
    bound: {
      keyColumns: keyColumns.filter((column) => column !== undefined),
      ...(match === undefined ? {} : { match }),
      ...(start === undefined ? {} : { start }),
      properties: bound,
      ...(templates.length === 0 ? {} : { templates }),
      mode: sync.mode,
      onDelete: sync.onDelete,
      deletesAdopted: sync.deletesAdopted,
      filters,
      requiredGroups: requiredGroups(schema),
      seed: seedOf(sync, schema, bound, templates, [
        ...(match?.by === 'record_id' ? [match.column] : []),
        ...(start?.kind === 'from' ? [start.column] : []),
      ]),
    },
    problems,
    warnings,
    advice,
    costs,
    missing,
  }
}

/** The definitions of properties to make; one that cannot be made is a problem. */
function missingProperties(
  sync: Sync,
  schema: ObjectSchema,
  columns: readonly Column[],
  creates: Creates,
  report: Report,
): readonly PropertyDefinition[] {
  return sync.mappings.flatMap((mapping) => {
    const { property, source, definition: draft, key, origin } = mapping
    if (schema.properties.has(property)) return []
    const isSaid = draft?.isCreated === true
    // What looks like the name of another property is most likely meant to be that one.
    const isAsked = creates === 'all' && meantProperty(property, schema) === undefined
    if (!isSaid && !isAsked) return []
    const column = source.kind === 'column' ? findColumn(source.column, columns) : undefined
    // That the column does not exist is told of its mapping.
    if (column !== undefined && !isColumn(column)) return []
    const definition = definitionOf(mapping, isKeyOf(sync, property), schema, column)
    const problem = whyNotDefinable(definition)
    if (problem === undefined) return [definition]
    report(key, problem, origin)
    return []
  })
}

/** HubSpot takes values of a hidden property, and shows them to nobody. */
function hiddenProperty(mapping: Mapping, sync: Sync, schema: ObjectSchema): readonly Problem[] {
  const property = schema.properties.get(mapping.property)
  if (!property?.isHidden || property.isArchived || property.isReadOnly) return []
  return [
    {
      ...placeOf(mapping, sync),
      message: `${schema.name} property ${property.name} is hidden in HubSpot: it is written, and nobody sees it`,
      hint: 'Show it in the settings of the property, or map another one.',
    },
  ]
}

/** HubSpot takes an earlier stage for an answer and keeps the later one. */
function backwardStages(mapping: Mapping, sync: Sync, schema: ObjectSchema): readonly Problem[] {
  const isStage = mapping.property === 'lifecyclestage' && schema.properties.has('lifecyclestage')
  const mayMoveBack = mapping.source.kind !== 'value' && mapping.write === 'always'
  if (!isStage || !mayMoveBack || mapping.allowsBackwards !== undefined) return []
  return [
    {
      ...placeOf(mapping, sync),
      message: 'HubSpot ignores a lifecyclestage that is earlier than the one of the record',
      hint: 'Say `allow_backwards: true` to have it cleared first, which takes a second call, or `write: create_only`.',
    },
  ]
}

const placeOf = ({ key, origin }: Mapping, sync: Sync) => ({ sync: sync.name, key, where: origin })

/** Each of these needs a value when a record is made. */
const requiredGroups = ({ requiredProperties, requiredOneOf = [] }: ObjectSchema) => [
  ...requiredProperties.map((name) => [name]),
  ...(requiredOneOf.length === 0 ? [] : [requiredOneOf]),
]

/** A sync that may make records and maps nothing to what HubSpot wants of each could make none. */
function reportRequired(sync: Sync, schema: ObjectSchema, report: Report): void {
  if (sync.mode === 'update') return
  const mapped = new Set(sync.mappings.map((mapping) => mapping.property))
  const lacking = requiredGroups(schema).filter((group) => !group.some((name) => mapped.has(name)))
  if (lacking.length === 0) return
  const names = lacking.map((group) => group.join(' or ')).join(', ')
  report('properties', {
    message: `mode ${sync.mode} creates records, and HubSpot creates no ${schema.name} without ${names}`,
    hint: `Map ${names}, or use mode update, which only touches records that exist.`,
  })
}

/** SQL that keeps the current rows of a snapshot; nothing for other models. */
function currentRows(
  sync: Sync,
  resolve: Resolve,
  quote: (identifier: string) => string,
): readonly string[] {
  const { currentRows: history } = sync.model
  if (history === undefined) return []
  const validTo = resolve(history.validToColumn, 'model')
  if (validTo === undefined) return []
  const column = quote(validTo.name)
  const current = history.validToCurrent
  const filters = [
    current === undefined ? `${column} is null` : `${column} is null or ${column} = (${current})`,
  ]
  const deleted =
    history.deletedColumn === undefined ? undefined : resolve(history.deletedColumn, 'model')
  if (deleted !== undefined) filters.push(`coalesce(${quote(deleted.name)}, 'False') <> 'True'`)
  return filters
}

/** Why a property cannot be written at all: each cause in words of its own. */
function unwritable(schema: ObjectSchema, property: PropertySchema): string | undefined {
  if (property.isArchived) return `${schema.name} property ${property.name} is archived in HubSpot`
  if (property.isCalculated)
    return `${schema.name} property ${property.name} is calculated by HubSpot`
  if (property.isReadOnly) return `${schema.name} property ${property.name} is read-only in HubSpot`
  return undefined
}

function bindProperty(
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
      mapping.definition?.isCreated === true && source.kind === 'column' && column !== undefined
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
    report(key, { message: refusal, hint }, origin)
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
      ? 'its options are not listed with the property: owners, pipelines or stages'
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
function bindTemplate(
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

function optionsOf(property: PropertySchema): Pick<DiffProperty, 'options'> {
  if (property.type !== 'enumeration' || property.hasExternalOptions) return {}
  return { options: property.options.map((option) => option.value) }
}

/** Spellings are looked for in SQL, one by one. */
const maxSpellings = 100

/** Options by their labels and their own values without case, as far as those mean one option only. */
function spellingsOf(property: PropertySchema): Pick<DiffProperty, 'spellings'> {
  if (optionsOf(property).options === undefined || property.options.length > maxSpellings) return {}
  const meanings = new Map<string, Set<string>>()
  for (const { label, value } of property.options) {
    for (const spelling of [value, label].map((text) => text.trim().toLowerCase())) {
      meanings.set(spelling, (meanings.get(spelling) ?? new Set()).add(value))
    }
  }
  const single = [...meanings].flatMap(([spelling, [first, second]]) =>
    first === undefined || second !== undefined ? [] : [[spelling, first] as const],
  )
  return single.length === 0 ? {} : { spellings: single }
}

/** What a value in the sync itself lacks to be one of the property. */
function wrongValue(property: PropertySchema, value: string): Omit<Problem, 'where'> | undefined {
  if (value === '') return undefined
  const form = constantForms[property.type]
  if (form !== undefined && !form.isValue(value)) {
    return { message: `${value} is no value of ${property.name}: it takes ${form.words}` }
  }
  const limit = limitsOf(property).find((one) => exceeds(one, value))
  if (limit !== undefined) {
    return { message: `the value ${limitWords(limit)}, which ${property.name} does not take` }
  }
  const parts = property.fieldType === 'checkbox' ? value.split(';') : [value]
  const wrong = parts.map((part) => wrongOption(property, part))
  return wrong.find((problem) => problem !== undefined)
}

const isDay = (text: string): boolean =>
  /^\d{4}-\d{2}-\d{2}$/.test(text) && new Date(text).toJSON()?.slice(0, 10) === text

/** Wire forms of values that are written in the sync. */
const constantForms: Readonly<
  Record<string, { readonly words: string; readonly isValue: (value: string) => boolean }>
> = {
  number: {
    words: 'a plain number, such as 12.5',
    isValue: (value) => /^-?\d+(\.\d+)?$/.test(value),
  },
  bool: { words: 'true or false', isValue: (value) => value === 'true' || value === 'false' },
  date: { words: 'a day, such as 2026-01-31', isValue: isDay },
  datetime: {
    words: 'a moment in UTC, such as 2026-01-31T12:00:00.000Z',
    isValue: (value) =>
      /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,3})?Z$/.test(value) &&
      isDay(value.slice(0, 10)) &&
      !Number.isNaN(Date.parse(value)),
  },
}

function wrongOption(property: PropertySchema, value: string): Omit<Problem, 'where'> | undefined {
  const { options } = optionsOf(property)
  if (options === undefined || options.includes(value)) return undefined
  const labelled = property.options.find((option) => option.label === value)
  return labelled === undefined
    ? {
        message: `${value} is not an option of ${property.name}`,
        hint: `Options: ${options.slice(0, 20).join(', ')}${options.length > 20 ? ', …' : ''}`,
      }
    : {
        message: `${value} is the label of an option of ${property.name}; its internal value is ${labelled.value}`,
        hint: `Write ${labelled.value}.`,
      }
}

/** What a lookup makes of terms; why it refuses others decides no wire value. */
const meaningsOf = (lookup: Lookup | undefined): readonly unknown[] =>
  lookup === undefined
    ? []
    : [
        lookup.entries.flatMap(({ term, meaning }) =>
          meaning === undefined ? [] : [[term, meaning]],
        ),
      ]

/**
 * Digest of all that decides wire values besides the row itself.
 *
 * @param others columns that decide without being a property
 */
function seedOf(
  sync: Sync,
  schema: ObjectSchema,
  properties: readonly DiffProperty[],
  templates: readonly TemplateProperty[],
  others: readonly Column[],
): string {
  const described = properties.map((property) => [
    property.name,
    property.nulls,
    property.onInvalid,
    property.options ?? null,
    sourceOf(property),
    ...(property.write === undefined ? [] : [property.write]),
  ])
  const rendered = templates.map(({ property, template, reads, timezone }) => [
    property.name,
    property.nulls,
    property.onInvalid,
    property.options ?? null,
    property.write ?? null,
    property.source,
    template,
    timezone ?? null,
    reads.map(({ column }) => [column.name, column.type]),
  ])
  const parts = [
    wireVersion,
    sync.mode,
    schema.objectTypeId,
    described,
    ...others.map(({ name, type }) => [name, type]),
  ]
  return createHash('sha256')
    .update(JSON.stringify(rendered.length === 0 ? parts : [...parts, templateVersion, rendered]))
    .digest('hex')
    .slice(0, 16)
}

function sourceOf({ source }: DiffProperty): readonly unknown[] {
  if (source.kind === 'value') return ['value', source.value]
  if (source.kind === 'row_id') return ['row_id']
  return [source.column.name, source.column.type, source.wire, ...meaningsOf(source.lookup)]
}
