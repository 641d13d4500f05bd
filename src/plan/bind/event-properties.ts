import type { Problem } from '../../errors.ts'
import type {
  EventSchema,
  EventSource,
  ObjectSchema,
  PropertyDefinition,
  Sync,
} from '../../types.ts'
import type { Column } from '../../warehouse/dialect.ts'
import { findColumn, isColumn } from '../columns.ts'
import type { Report } from './bind-match.ts'
import { eventProperty, isUntold, meantProperty } from './missing-property.ts'
import { definitionOf, whyNotDefinable } from './property-definition.ts'

/** Characters of a value; addresses of pages may be longer (developers.hubspot.com/docs/api-reference/legacy/events/send-event-completions/guide). */
const maxValueLength = 256
const maxAddressLength = 1024
const addresses: readonly string[] = ['hs_page_url', 'hs_referrer']

/** The schema with the limits that values of events have, as rules of their properties. */
export const withValueLimits = (schema: ObjectSchema): ObjectSchema => ({
  ...schema,
  properties: new Map(
    [...schema.properties].map(([name, property]) => {
      if (property.type !== 'string') return [name, property]
      const bound = addresses.includes(name) ? maxAddressLength : maxValueLength
      const rule = { type: 'MAX_LENGTH', arguments: [String(bound)] }
      return [name, { ...property, rules: [...(property.rules ?? []), rule] }]
    }),
  ),
})

/** HubSpot describes its own events to nobody. */
export const uncheckedEvents = (
  sync: Sync,
  { origins }: EventSource,
  { events }: ObjectSchema,
): readonly Problem[] =>
  (events?.known ?? [])
    .filter(({ isUnchecked }) => isUnchecked)
    .map(({ fullName }) => ({
      message: `${fullName} is an event of HubSpot's own, whose properties cannot be checked`,
      hint: 'Rows that HubSpot does not take are rejected when they are sent.',
      sync: sync.name,
      key: 'event',
      where: origins.event,
    }))

/** Properties that events of several kinds do not define alike: no value would be right for all. */
function disagreements(sync: Sync, known: readonly EventSchema[], report: Report): void {
  for (const { property, key, origin, source } of sync.mappings) {
    const having = known.filter(({ properties }) => properties.has(property))
    const shapes = having.map(({ properties }) => {
      const { type, options = [] } = properties.get(property) ?? {}
      return JSON.stringify([type, options.map(({ value }) => value)])
    })
    const other = shapes.findIndex((shape) => shape !== shapes[0])
    if (other > 0) {
      const names = [having[0]?.fullName, having[other]?.fullName].join(' and ')
      const message = `${property} has another type, or other options, in ${names}`
      report(key, { message, hint: 'Write one sync for each of these events.' }, origin)
    }
    if (source.kind === 'template' && having.length > 0 && having.length < known.length) {
      const lacking = known.find(({ properties }) => !properties.has(property))
      const message = `${lacking?.fullName} has no property ${property}, and a template gives one to every row`
      report(key, { message, hint: 'Write one sync for each event.' }, origin)
    }
  }
}

/** The definitions of properties of an event that are to be made; one that cannot be made is a problem. */
export function missingOfEvent(
  sync: Sync,
  event: EventSource,
  schema: ObjectSchema,
  columns: readonly Column[],
  creates: 'as-said' | 'all',
  report: Report,
): readonly PropertyDefinition[] {
  disagreements(sync, schema.events?.known ?? [], report)
  return sync.mappings.flatMap((mapping) => {
    const { property, source, definition: draft, key, origin } = mapping
    if (schema.properties.has(property) || event.name.kind === 'column') return []
    if (isUntold(schema, property)) return []
    const isSaid = event.createsDefinition || draft?.isCreated === true
    const isAsked = creates === 'all' && meantProperty(property, schema) === undefined
    if (!isSaid && !isAsked) return []
    const column = source.kind === 'column' ? findColumn(source.column, columns) : undefined
    if (column !== undefined && !isColumn(column)) return []
    const definition = eventProperty(definitionOf(mapping, false, schema, column))
    const problem = whyNotDefinable(definition)
    if (problem === undefined) return [definition]
    report(key, problem, origin)
    return []
  })
}
