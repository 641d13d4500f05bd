import type { Problem } from '../../errors.ts'
import type { Mapping, ObjectSchema, PropertyDefinition, Sync } from '../../types.ts'
import type { Column } from '../../warehouse/dialect.ts'
import { findColumn, isColumn } from '../columns.ts'
import type { DiffSpec } from '../diff-spec.ts'
import { bindEvent } from './bind-event.ts'
import { bindLinks } from './bind-links.ts'
import { bindList } from './bind-list.ts'
import { bindMatch, costsOf, type Report, type Resolve } from './bind-match.ts'
import { bindProperty, bindTemplate } from './bind-property.ts'
import { bindStart } from './bind-start.ts'
import { missingOfEvent, uncheckedEvents, withValueLimits } from './event-properties.ts'
import { isKeyOf, isUntold, meantProperty } from './missing-property.ts'
import { definitionOf, propertyOf, whyNotDefinable } from './property-definition.ts'
import { seedOf } from './seed.ts'

/** The part of a diff that follows from the sync, the model's columns and the portal's schema. */
export type BoundSync = Pick<
  DiffSpec,
  | 'keyColumns'
  | 'match'
  | 'event'
  | 'list'
  | 'start'
  | 'links'
  | 'properties'
  | 'templates'
  | 'mode'
  | 'onDelete'
  | 'deletesAdopted'
  | 'seed'
  | 'filters'
  | 'requiredGroups'
>

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
  const { event, list } = sync
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

  const missing =
    event === undefined
      ? missingProperties(sync, portalSchema, columns, creates, report)
      : missingOfEvent(sync, event, portalSchema, columns, creates, report)
  const wholeSchema: ObjectSchema = {
    ...portalSchema,
    properties: new Map([
      ...portalSchema.properties,
      ...missing.map((definition) => [definition.name, propertyOf(definition)] as const),
    ]),
  }
  const schema = event === undefined ? wholeSchema : withValueLimits(wholeSchema)
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
  const { links, ...ofLinks } = bindLinks(sync, schema, columns, resolve, report)
  const start = bindStart(sync, resolve, report)
  if (sync.type === 'object') reportRequired(sync, schema, report)
  const events =
    event === undefined ? undefined : bindEvent(sync, event, schema, bound, resolve, report)
  const members = list === undefined ? undefined : bindList(sync, list, resolve, report)
  const filters = [...currentRows(sync, resolve, quote), sync.where].filter(
    (filter) => filter !== undefined,
  )
  for (const mapping of sync.mappings) {
    warnings.push(...hiddenProperty(mapping, sync, schema))
    advice.push(...backwardStages(mapping, sync, schema))
  }
  if (event !== undefined) warnings.push(...uncheckedEvents(sync, event, schema))
  const costs = [...costsOf(sync, schema, match), ...ofLinks.costs]
  if (problems.length > 0) return { bound: undefined, problems, warnings, advice, costs, missing }
  return {
    bound: {
      keyColumns: keyColumns.filter((column) => column !== undefined),
      ...(match === undefined ? {} : { match }),
      ...(start === undefined ? {} : { start }),
      ...(events === undefined ? {} : { event: events.event }),
      ...(links.length === 0 ? {} : { links }),
      ...(members === undefined ? {} : { list: members.list }),
      properties: members?.properties ?? events?.properties ?? bound,
      ...(templates.length === 0 ? {} : { templates }),
      mode: sync.mode,
      onDelete: sync.onDelete,
      // Who added a member is asked of its record, not of one row (`kept-members.ts`).
      deletesAdopted: list !== undefined || sync.deletesAdopted,
      filters,
      requiredGroups: list === undefined ? (events?.requiredGroups ?? requiredGroups(schema)) : [],
      seed: seedOf(
        sync,
        schema,
        bound,
        templates,
        [
          ...(match?.by === 'record_id' ? [match.column] : []),
          ...(start?.kind === 'from' ? [start.column] : []),
          ...(events?.columns ?? []),
          ...(members?.columns ?? []),
          ...ofLinks.columns,
        ],
        links,
      ),
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
    if (schema.properties.has(property) || isUntold(schema, property)) return []
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
