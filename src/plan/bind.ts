import { createHash } from 'node:crypto'
import type { Problem } from '../errors.ts'
import type { Mapping, ObjectSchema, PropertySchema, Sync } from '../types.ts'
import type { Column } from '../warehouse/dialect.ts'
import { bindMatch, isContactEmail, type Report, type Resolve, warningsOf } from './bind-match.ts'
import { bindStart } from './bind-start.ts'
import { findColumn, isColumn } from './columns.ts'
import type { DiffProperty, DiffSpec } from './diff-spec.ts'
import { missingProperty, uniqueTextProperty } from './missing-property.ts'
import { wireForm } from './wire.ts'

/** The part of a diff that follows from the sync, the model's columns and the portal's schema. */
export type BoundSync = Pick<
  DiffSpec,
  'keyColumns' | 'match' | 'start' | 'properties' | 'mode' | 'onDelete' | 'seed' | 'filters'
> & {
  /** What is worth knowing before a run, and keeps nothing from being sent. */
  readonly warnings: readonly Problem[]
}

/** Version of the wire forms. Raised when a release renders a value differently: every row is looked at again. */
const wireVersion = 1

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
  const properties = sync.mappings.map((mapping) =>
    bindProperty(mapping, sync, schema, resolve, report),
  )
  const match = bindMatch(sync, schema, properties, resolve, report)
  const start = bindStart(sync, resolve, report)
  const filters = [...currentRows(sync, resolve, quote), sync.where].filter(
    (filter) => filter !== undefined,
  )
  if (problems.length > 0) return { bound: undefined, problems }
  const bound = properties.filter((property) => property !== undefined)
  return {
    bound: {
      keyColumns: keyColumns.filter((column) => column !== undefined),
      ...(match === undefined ? {} : { match }),
      ...(start === undefined ? {} : { start }),
      properties: bound,
      mode: sync.mode,
      onDelete: sync.onDelete,
      filters,
      seed: seedOf(sync, schema, bound, [
        ...(match?.by === 'record_id' ? [match.column] : []),
        ...(start?.kind === 'from' ? [start.column] : []),
      ]),
      warnings: warningsOf(sync, schema, match),
    },
    problems,
  }
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
      {
        match: 'Match by another property.',
        tracking_property: 'Name a text property with unique values that only this sync fills.',
      }[key] ?? 'Remove this line from the mapping.'
    report(key, { message: refusal, hint }, origin)
    return undefined
  }
  const isNeverCleared =
    sync.match?.property === mapping.property ||
    schema.requiredProperties.includes(mapping.property)
  const common = {
    name: mapping.property,
    nulls: isNeverCleared ? ('keep' as const) : mapping.nulls,
    onInvalid: mapping.onInvalid,
    ...optionsOf(property),
    ...spellingsOf(property),
    ...(isContactEmail(schema, property.name) ? { isEmail: true } : {}),
  }
  if (source.kind === 'template') return undefined
  if (source.kind === 'row_id') {
    const problem = noTracking(property, sync, schema)
    if (problem !== undefined) report(key, problem, origin)
    return { ...common, source: { kind: 'row_id' } }
  }
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

/** Why a property cannot hold the row id. */
function noTracking(
  { name, type, isUnique }: PropertySchema,
  sync: Sync,
  schema: ObjectSchema,
): Omit<Problem, 'where'> | undefined {
  if (type === 'string' && isUnique) return undefined
  const why = type === 'string' ? 'has no unique values' : `is of type ${type}`
  return {
    message: `${schema.name} property ${name} ${why}, so it cannot hold the row's id`,
    hint: `Only a text property that is made with unique values can. ${uniqueTextProperty(`${sync.name}_row_id`.toLowerCase().replaceAll('-', '_'), schema)}`,
  }
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

/**
 * Digest of all that decides wire values besides the row itself.
 *
 * @param others columns that decide without being a property
 */
function seedOf(
  sync: Sync,
  schema: ObjectSchema,
  properties: readonly DiffProperty[],
  others: readonly Column[],
): string {
  const described = properties.map((property) => [
    property.name,
    property.nulls,
    property.onInvalid,
    property.options ?? null,
    sourceOf(property),
  ])
  return createHash('sha256')
    .update(
      JSON.stringify([
        wireVersion,
        sync.mode,
        schema.objectTypeId,
        described,
        ...others.map(({ name, type }) => [name, type]),
      ]),
    )
    .digest('hex')
    .slice(0, 16)
}

function sourceOf({ source }: DiffProperty): readonly unknown[] {
  if (source.kind === 'value') return ['value', source.value]
  if (source.kind === 'row_id') return ['row_id']
  return [source.column.name, source.column.type, source.wire]
}
