import { createHash } from 'node:crypto'
import type { Problem } from '../errors.ts'
import { parseTemplate, placeText } from '../template/parse-template.ts'
import type { Mapping, ObjectSchema, PropertySchema, Sync } from '../types.ts'
import type { Column } from '../warehouse/dialect.ts'
import { findColumn, isColumn } from './columns.ts'
import type { DiffProperty, DiffSpec, TemplateProperty } from './diff-spec.ts'
import { missingProperty } from './missing-property.ts'
import { wireForm } from './wire.ts'

/** The part of a diff that follows from the sync, the model's columns and the portal's schema. */
export type BoundSync = Pick<
  DiffSpec,
  'keyColumns' | 'match' | 'properties' | 'templates' | 'mode' | 'onDelete' | 'seed' | 'filters'
>

/** Version of the wire forms. Raised when a release renders a value differently: every row is looked at again. */
const wireVersion = 1

/** The same of templates: raised when filters or the library give another text. */
const templateVersion = 1

/** Checks a sync against what exists, and reports every problem at once. */
export function bindSync(
  sync: Sync,
  schema: ObjectSchema,
  columns: readonly Column[],
  quote: (identifier: string) => string,
): { readonly bound: BoundSync | undefined; readonly problems: readonly Problem[] } {
  const problems: Problem[] = []
  const report = (key: string, problem: Omit<Problem, 'where'>, where = sync.origin) =>
    problems.push({ ...problem, sync: sync.name, key, where })
  const resolve = (name: string, key: string, where = sync.origin): Column | undefined => {
    const found = findColumn(name, columns)
    if (isColumn(found)) return found
    report(key, found, where)
    return undefined
  }

  const keyColumns = sync.primaryKey.map((name) =>
    resolve(name, 'primary_key', sync.keyOrigins.primary_key),
  )
  const match = bindMatch(sync, schema, columns, report)
  const mapped = sync.mappings.map((mapping) =>
    mapping.source.kind === 'template'
      ? bindTemplate(mapping, mapping.source, sync, schema, columns, report)
      : bindProperty(mapping, sync, schema, resolve, report),
  )
  const filters = [...currentRows(sync, resolve, quote), sync.where].filter(
    (filter) => filter !== undefined,
  )
  if (problems.length > 0) return { bound: undefined, problems }
  const bound = mapped.flatMap((one) => (one === undefined || 'template' in one ? [] : [one]))
  const templates = mapped.flatMap((one) => (one !== undefined && 'template' in one ? [one] : []))
  return {
    bound: {
      keyColumns: keyColumns.filter((column) => column !== undefined),
      ...(match === undefined ? {} : { match }),
      properties: bound,
      ...(templates.length === 0 ? {} : { templates }),
      mode: sync.mode,
      onDelete: sync.onDelete,
      filters,
      seed: seedOf(sync, schema, bound, templates),
    },
    problems,
  }
}

type Report = (key: string, problem: Omit<Problem, 'where'>, where?: Mapping['origin']) => void
type Resolve = (name: string, key: string, where?: Mapping['origin']) => Column | undefined

const isContactEmail = (schema: ObjectSchema, property: string): boolean =>
  schema.objectTypeId === '0-1' && property === 'email'

function bindMatch(
  sync: Sync,
  schema: ObjectSchema,
  columns: readonly Column[],
  report: Report,
): DiffSpec['match'] {
  if (sync.match === undefined) return undefined
  const { property, column: columnName } = sync.match
  const found = schema.properties.get(property)
  // That the property or the column does not exist is told of its mapping.
  if (found === undefined) return undefined
  const isEmail = isContactEmail(schema, property)
  if (!found.isUnique && !isEmail) {
    const unique = [...schema.properties.values()].filter((entry) => entry.isUnique)
    const names = unique.map((entry) => entry.name)
    if (schema.objectTypeId === '0-1' && !names.includes('email')) names.unshift('email')
    const problem = {
      message: `HubSpot does not treat ${schema.name} property ${property} as unique, so it cannot find records by it`,
      hint:
        names.length === 0
          ? `Create a property of ${schema.name} with "Require unique values" in HubSpot and map the model's key to it.`
          : `Unique properties of ${schema.name}: ${names.join(', ')}`,
    }
    report('match', problem, sync.keyOrigins.match)
    return undefined
  }
  const column = findColumn(columnName, columns)
  return isColumn(column) ? { property, column, foldsCase: isEmail } : undefined
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

/** Why a property cannot be written at all. */
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
    report(key, missingProperty(mapping, sync, schema, column), origin)
    return undefined
  }
  const refusal = unwritable(schema, property)
  if (refusal !== undefined) {
    const hint =
      key === 'match' ? 'Match by another property.' : 'Remove this line from the mapping.'
    report(key, { message: refusal, hint }, origin)
    return undefined
  }
  const isNeverCleared =
    sync.match?.property === mapping.property ||
    schema.requiredProperties.includes(mapping.property)
  // Mode insert sends a row in a create, or not at all.
  const write = mapping.write === 'always' || sync.mode === 'insert' ? undefined : mapping.write
  const common = {
    name: mapping.property,
    nulls: isNeverCleared || write !== undefined ? ('keep' as const) : mapping.nulls,
    ...(write === undefined ? {} : { write }),
    onInvalid: mapping.onInvalid,
    ...optionsOf(property),
    ...spellingsOf(property),
    ...(isContactEmail(schema, property.name) ? { isEmail: true } : {}),
  }
  if (source.kind === 'template') return undefined
  if (source.kind === 'value') {
    const problem = wrongOption(property, source.value)
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
  return { ...common, source: { kind: 'column', column, wire } }
}

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

function wrongOption(property: PropertySchema, value: string): Omit<Problem, 'where'> | undefined {
  const { options } = optionsOf(property)
  if (options === undefined || value === '' || options.includes(value)) return undefined
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

/** Digest of all that decides wire values besides the row itself. */
function seedOf(
  sync: Sync,
  schema: ObjectSchema,
  properties: readonly DiffProperty[],
  templates: readonly TemplateProperty[],
): string {
  const described = properties.map((property) => [
    property.name,
    property.nulls,
    property.onInvalid,
    property.options ?? null,
    property.source.kind === 'value'
      ? ['value', property.source.value]
      : [property.source.column.name, property.source.column.type, property.source.wire],
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
  const parts = [wireVersion, sync.mode, schema.objectTypeId, described]
  return createHash('sha256')
    .update(JSON.stringify(rendered.length === 0 ? parts : [...parts, templateVersion, rendered]))
    .digest('hex')
    .slice(0, 16)
}
