import type { EventSource, RecordTarget } from '../types.ts'
import type { Finding } from './check.ts'
import type { EventSync } from './event-schema.ts'
import { type Normalised, normalise } from './normalise.ts'
import type { ObjectSync } from './object-schema.ts'
import type { Parsed } from './parsed-sync.ts'

/** A parsed sync of events. */
export type ParsedEvent = Omit<Parsed, 'input'> & { readonly input: EventSync }

/** Properties that one event may have (developers.hubspot.com/docs/api-reference/legacy/events/send-event-completions/guide). */
const maxProperties = 50

/** What stands for the events of a sync whose names are in a column. */
const severalEvents = 'events'

/** Fills in defaults and applies the rules that concern one sync of events alone. */
export function normaliseEvent(parsed: ParsedEvent): Normalised {
  const { input, originOf } = parsed
  const base = normalise({ ...parsed, input: asInsert(input), mayMapNothing: true })
  const findings = [...base.findings, ...rules(input, base.sync.mappings.length)]
  const about = targetOf(input)
  if ('finding' in about) findings.push(about.finding)
  const event: EventSource = {
    name:
      typeof input.event === 'string'
        ? { kind: 'name', name: input.event }
        : { kind: 'column', column: input.event.column },
    ...occurredAtOf(input),
    about: 'finding' in about ? { kind: 'email', column: '' } : about,
    origins: {
      event: originOf(['event']),
      occurred_at: originOf(['occurred_at']),
      about: originOf([input.contact === undefined ? 'record' : 'contact']),
    },
    aboutKey: input.contact === undefined ? 'record' : 'contact',
    createsContacts: input.on_missing_contact === 'create',
    createsDefinition: input.create_missing,
  }
  return {
    findings,
    sync: {
      ...base.sync,
      type: 'event',
      object: event.name.kind === 'name' ? event.name.name : severalEvents,
      event,
      keyOrigins: { ...base.sync.keyOrigins, object: originOf(['event']) },
    },
  }
}

/** What a sync of events has in common with one that only makes records. */
function asInsert(input: EventSync): ObjectSync {
  return {
    ...input,
    type: 'object',
    object: severalEvents,
    match: undefined,
    associations: [],
    on_delete: 'nothing',
    delete_adopted: false,
    shared: false,
    tracking_property: undefined,
  }
}

function occurredAtOf({ occurred_at, timezone }: EventSync): Pick<EventSource, 'occurredAt'> {
  if (occurred_at === undefined) return {}
  const given = typeof occurred_at === 'string' ? { column: occurred_at } : occurred_at
  const zone = given.timezone ?? timezone
  return {
    occurredAt: {
      column: given.column,
      ...(given.as === undefined ? {} : { as: given.as }),
      ...(zone === undefined ? {} : { timezone: zone }),
    },
  }
}

function* rules(input: EventSync, mapped: number): Generator<Finding> {
  if (input.create_missing && typeof input.event !== 'string') {
    yield {
      path: ['create_missing'],
      message: 'goes with one event by name, not with a column of names',
      hint: 'Create the events in HubSpot, or write one sync for each.',
    }
  }
  if (input.on_missing_contact === 'create' && input.contact?.email === undefined) {
    yield {
      path: ['on_missing_contact'],
      message: '`create` goes with `contact: {email: …}` only: HubSpot makes contacts of addresses',
    }
  }
  if (mapped > maxProperties) {
    yield {
      path: ['properties'],
      message: `maps ${mapped} properties; an event can have ${maxProperties}`,
    }
  }
  for (const [property, mapping] of Object.entries(input.properties)) {
    if (typeof mapping === 'string') continue
    if (mapping.write !== 'always') {
      yield {
        path: ['properties', property, 'write'],
        message: 'goes with records only: an event is sent once, as a whole',
      }
    }
    if (mapping.unique) {
      yield {
        path: ['properties', property, 'unique'],
        message: 'goes with records only: values of events need not differ',
      }
    }
  }
}

const ways = ['email', 'id', 'utk', 'sync'] as const

function targetOf({ contact, record }: EventSync): RecordTarget | { readonly finding: Finding } {
  if (contact !== undefined && record !== undefined) {
    const message = 'an event is about one record: `contact` or `record`, not both'
    return { finding: { path: ['record'], message } }
  }
  if (record !== undefined) return { kind: 'id', object: record.object, column: record.id }
  if (contact === undefined) {
    return {
      finding: {
        path: ['contact'],
        message: 'is required: it says whom the event is about',
        hint: 'For example `contact: {email: email}`; of another object `record: {object: deals, id: deal_id}`.',
      },
    }
  }
  return contactTarget(contact, 'contacts')
}

/** The one way in which a row says its record. @param path where that is written */
export function contactTarget(
  contact: NonNullable<Partial<NonNullable<EventSync['contact']>>>,
  object: string,
  path: Finding['path'] = ['contact'],
): RecordTarget | { readonly finding: Finding } {
  const given = ways.filter((way) => contact[way] !== undefined)
  const [way] = given
  if (way === undefined || given.length > 1) {
    const message =
      way === undefined
        ? `needs one of ${ways.join(', ')}`
        : `has ${given.join(' and ')}; a contact is found in one way`
    return { finding: { path, message } }
  }
  const { key } = contact
  if (way !== 'sync' && key !== undefined) {
    return { finding: { path: [...path, 'key'], message: 'only goes with `sync`' } }
  }
  if (way === 'sync') {
    if (key === undefined) {
      const message = 'needs `key`, the column that holds the primary key of that sync'
      return { finding: { path: [...path, 'sync'], message } }
    }
    return { kind: 'sync', sync: contact.sync ?? '', key: typeof key === 'string' ? [key] : key }
  }
  const column = contact[way] ?? ''
  return way === 'id' ? { kind: 'id', object, column } : { kind: way, column }
}
