import { didYouMean } from '../../suggest.ts'
import type { EventSchema, EventSource, ListSource, ObjectSchema, Sync } from '../../types.ts'
import type { Column, TypeFamily } from '../../warehouse/dialect.ts'
import { type DiffEvent, type DiffProperty, type EventContact, eventParts } from '../diff-spec.ts'
import type { Lookup, LookupEntry } from '../values/lookups.ts'
import type { Report, Resolve } from './bind-match.ts'
import { propertyOf } from './property-definition.ts'
import { wireForm } from './wire.ts'

/** What a sync of events adds to its properties. */
export interface BoundEvent {
  readonly event: DiffEvent
  /** The parts of the event, and its properties. */
  readonly properties: readonly DiffProperty[]
  readonly requiredGroups: readonly (readonly string[])[]
  /** Columns that decide what is sent without being a property. */
  readonly columns: readonly Column[]
}

/** Checks what a sync of events says of their names, moments and records. */
export function bindEvent(
  sync: Sync,
  event: EventSource,
  schema: ObjectSchema,
  bound: readonly DiffProperty[],
  resolve: Resolve,
  report: Report,
): BoundEvent | undefined {
  const known = schema.events?.known ?? []
  const isByColumn = event.name.kind === 'column'
  const name = nameOf(event, known, schema, resolve, report)
  const occurredAt = occurredAtOf(event, resolve, report)
  const contact = contactOf(event, resolve, report)
  reportKinds(event, known, schema, report)
  if (name === undefined || occurredAt === undefined || contact === undefined) return undefined
  const columns = [name, occurredAt].flatMap(({ source }) =>
    source.kind === 'column' ? [source.column] : [],
  )
  const uuid: DiffProperty = { ...part(eventParts.uuid), source: { kind: 'row_id' }, stays: 'uuid' }
  return {
    event: { contact, syncName: sync.name },
    properties: [
      name,
      occurredAt,
      uuid,
      ...bound.map((property) => ofEvents(property, known, isByColumn)),
    ],
    requiredGroups: isByColumn ? [[eventParts.name]] : [],
    columns: [...columns, ...contact.columns],
  }
}

/** An event has no value that somebody else could have given it: NULL leaves the property out. */
function ofEvents(
  property: DiffProperty,
  known: readonly EventSchema[],
  isByColumn: boolean,
): DiffProperty {
  const having = known.filter(({ properties }) => properties.has(property.name))
  return {
    ...property,
    nulls: 'keep',
    ...(!isByColumn || having.length === known.length
      ? {}
      : { onlyOf: having.map(({ fullName }) => fullName) }),
  }
}

const part = (name: string): Omit<DiffProperty, 'source'> => ({
  name,
  nulls: 'keep',
  onInvalid: 'reject_row',
})

function nameOf(
  { name, origins }: EventSource,
  known: readonly EventSchema[],
  { events }: ObjectSchema,
  resolve: Resolve,
  report: Report,
): DiffProperty | undefined {
  const own = part(eventParts.name)
  if (name.kind === 'name') {
    return { ...own, source: { kind: 'value', value: known[0]?.fullName ?? name.name } }
  }
  const column = resolve(name.column, 'event.column', origins.event)
  if (column === undefined) return undefined
  if (column.family !== 'text') {
    report(
      'event.column',
      {
        message: `column ${column.name} is ${column.type}, and names of events are text`,
        hint: 'Name the column that holds the name of the event.',
      },
      origins.event,
    )
    return undefined
  }
  const lookup = eventLookup(known, events?.unknownNames ?? [], events?.allNames ?? [])
  return { ...own, source: { kind: 'column', column, wire: { kind: 'text' }, lookup } }
}

/** Events by internal and by full name, and what is wrong with the other names that the model has. */
function eventLookup(
  known: readonly EventSchema[],
  unknown: readonly string[],
  all: readonly string[],
): Lookup {
  const meanings = new Map(
    known.flatMap(({ name, fullName }) => [
      [name, fullName] as const,
      [fullName, fullName] as const,
    ]),
  )
  const entries: readonly LookupEntry[] = [
    ...[...meanings].map(([term, meaning]) => ({ term, meaning })),
    ...unknown.map((term) => ({
      term,
      trouble: `is no event in HubSpot. ${didYouMean(term, all)}`,
    })),
  ]
  return { kind: 'event', entries: [...entries].sort((a, b) => (a.term < b.term ? -1 : 1)) }
}

const datetime = propertyOf({
  name: eventParts.occurredAt,
  label: 'occurred_at',
  type: 'datetime',
  fieldType: 'date',
})

function occurredAtOf(
  { occurredAt, origins }: EventSource,
  resolve: Resolve,
  report: Report,
): DiffProperty | undefined {
  const own = { ...part(eventParts.occurredAt), stays: 'moment' as const }
  if (occurredAt === undefined) return { ...own, source: { kind: 'value', value: '' } }
  const column = resolve(occurredAt.column, 'occurred_at', origins.occurred_at)
  if (column === undefined) return undefined
  const as = occurredAt.as === 'datetime' ? undefined : occurredAt.as
  const wire = wireForm(datetime, column.family, as, occurredAt.timezone)
  if (!('message' in wire)) return { ...own, source: { kind: 'column', column, wire } }
  const problem = {
    message: `column ${column.name} is ${column.type}, and no moment`,
    hint: wire.hint.replace(
      '`as: epoch_s` or `as: epoch_ms`',
      `\`occurred_at: {column: ${column.name}, as: epoch_s}\` or \`epoch_ms\``,
    ),
  }
  report('occurred_at', problem, origins.occurred_at)
  return undefined
}

const idFamilies: readonly TypeFamily[] = ['text', 'integer', 'decimal']

/** The columns that say which record a row is about. */
export function contactOf(
  {
    about,
    aboutKey,
    origins,
  }: Pick<EventSource | ListSource, 'about' | 'aboutKey'> & {
    readonly origins: Pick<EventSource['origins'], 'about'>
  },
  resolve: Resolve,
  report: Report,
): EventContact | undefined {
  const names = about.kind === 'sync' ? about.key : [about.column]
  const columns = names.map((name) => resolve(name, aboutKey, origins.about))
  const found = columns.filter((column) => column !== undefined)
  if (found.length < columns.length) return undefined
  const families = about.kind === 'id' ? idFamilies : ['text']
  const wrong =
    about.kind === 'sync' ? undefined : found.find(({ family }) => !families.includes(family))
  if (wrong === undefined) return { by: about.kind, columns: found }
  const message =
    about.kind === 'id'
      ? `record ids are whole numbers; column ${wrong.name} is ${wrong.type}`
      : `column ${wrong.name} is ${wrong.type}, and ${about.kind === 'utk' ? 'user tokens are' : 'e-mail addresses are'} text`
  report(aboutKey, { message, hint: 'Map another column, or cast it in the model.' }, origins.about)
  return undefined
}

/** Events that HubSpot records itself, and events about other records than the sync's. */
function reportKinds(
  { origins, aboutKey }: EventSource,
  known: readonly EventSchema[],
  { events }: ObjectSchema,
  report: Report,
): void {
  for (const { fullName, about, trackingType } of known) {
    if (trackingType !== undefined && trackingType !== 'MANUAL') {
      report(
        'event',
        {
          message: `HubSpot records ${fullName} itself (${trackingType}); nobody else can send it`,
          hint: 'Create an event that is sent by the API (`backhaul inspect events` shows which are).',
        },
        origins.event,
      )
    }
    if (about !== undefined && events !== undefined && about !== events.about.objectTypeId) {
      report(
        aboutKey,
        {
          message: `${fullName} is about records of type ${about}, not about ${events.about.name}`,
          hint:
            about === '0-1'
              ? 'Say `contact:` with email, id, utk or sync.'
              : `Say \`record: {object: ${about}, id: …}\` with the column that holds the record's id.`,
        },
        origins.about,
      )
    }
  }
}
