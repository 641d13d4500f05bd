import type { EventDraft } from '../../destination/destination.ts'
import { UserError } from '../../errors.ts'
import { propertyOf } from '../../plan/bind/property-definition.ts'
import { didYouMean, suggest } from '../../suggest.ts'
import type { EventSchema, EventSource, ObjectSchema, Sync } from '../../types.ts'
import { raw, sql } from '../../warehouse/sql.ts'
import type { Warehouse } from '../../warehouse/warehouse.ts'
import { askedOnce } from '../asked-once.ts'
import { retried } from '../asking.ts'
import type { RunContext } from '../context.ts'

/** What reading kinds of events needs. */
export type EventAsking = Pick<
  RunContext,
  'destination' | 'clock' | 'sleep' | 'random' | 'drain' | 'log'
>

/** Names of events in a model that are looked at; more are no names. */
const maxNames = 500

const contacts = { name: 'contacts', objectTypeId: '0-1' } as const

/** HubSpot's own events, which its definitions do not list. */
const isHubspotsOwn = (name: string): boolean => name.startsWith('e_')

/** Where a sync's events are known from, each read once per run. */
export function eventReader(
  context: EventAsking,
): (
  sync: Sync,
  event: EventSource,
  describe: (object: string) => Promise<ObjectSchema>,
) => Promise<ObjectSchema> {
  const list = askedOnce(() =>
    retried(context, () => context.destination.listEvents(context.drain)),
  )
  return async (sync, event, describe) => {
    const about = await aboutOf(event, describe)
    if (event.name.kind === 'column') return schemaOf('events', 'events', about, await list())
    const { name } = event.name
    const found = await retried(context, () =>
      context.destination.describeEvent(name, context.drain),
    )
    if (found !== undefined) return schemaOf(found.fullName, found.fullName, about, [found])
    if (isHubspotsOwn(name)) return schemaOf(name, name, about, [uncheckedEvent(sync, name)])
    await refuseForeignName(context, sync, event, name)
    if (!event.createsDefinition) throw unknownEvent(sync, event, name, await list())
    const made = await missingEvent(context, sync, event, name)
    return {
      ...schemaOf(made.fullName, made.fullName, about, [made]),
      events: { known: [made], isMissing: true, about },
    }
  }
}

async function aboutOf(
  { about }: EventSource,
  describe: (object: string) => Promise<ObjectSchema>,
): Promise<{ readonly name: string; readonly objectTypeId: string }> {
  if (about.kind !== 'id' || about.object === contacts.name) return contacts
  const { name, objectTypeId } = await describe(about.object)
  return { name, objectTypeId }
}

function schemaOf(
  name: string,
  objectTypeId: string,
  about: { readonly name: string; readonly objectTypeId: string },
  known: readonly EventSchema[],
): ObjectSchema {
  return {
    name,
    objectTypeId,
    properties: new Map(known.flatMap(({ properties }) => [...properties])),
    requiredProperties: [],
    events: { known, about },
    ...toldOf(known),
  }
}

/** A property is absent where any of the events was found to lack it. */
function toldOf(known: readonly EventSchema[]): Pick<ObjectSchema, 'told'> {
  const told = known.flatMap((event) => event.told ?? [])
  const [first] = told
  if (first === undefined) return {}
  const absent = new Set(told.flatMap((each) => [...each.absent]))
  return { told: { ...first, absent } }
}

/** HubSpot is the one to refuse what it does not take of its own events. */
const uncheckedEvent = ({ mappings }: Sync, name: string): EventSchema => ({
  name,
  fullName: name,
  label: name,
  about: undefined,
  trackingType: undefined,
  isUnchecked: true,
  properties: new Map(
    mappings.map(({ property }) => [
      property,
      propertyOf({ name: property, label: property, type: 'string', fieldType: 'text' }),
    ]),
  ),
})

const namePattern = /^[a-z][a-z0-9_]{0,49}$/

/** The full name of an event begins with the portal's id: that of another portal is none here, and can be no internal name. */
async function refuseForeignName(
  context: EventAsking,
  sync: Sync,
  { origins }: EventSource,
  given: string,
): Promise<void> {
  const [, portal, name = ''] = /^pe(\d+)_(.+)$/.exec(given) ?? []
  if (portal === undefined) return
  const { portalId } = await retried(context, () => context.destination.account(context.drain))
  if (portal === portalId) return
  throw new UserError({
    message: `${given} is an event of portal ${portal}, and the token belongs to portal ${portalId}`,
    hint: `Write its internal name, which is the same in every portal that has it: ${name}.`,
    sync: sync.name,
    key: 'event',
    where: origins.event,
  })
}

/** The event as HubSpot will describe it once it is made. */
async function missingEvent(
  context: EventAsking,
  sync: Sync,
  { origins }: EventSource,
  given: string,
): Promise<EventSchema> {
  const { portalId } = await retried(context, () => context.destination.account(context.drain))
  const prefix = `pe${portalId}_`
  const name = given.startsWith(prefix) ? given.slice(prefix.length) : given
  if (!namePattern.test(name)) {
    throw new UserError({
      message: `${name} can be no internal name of an event`,
      hint: 'It begins with a letter and has small letters, digits and underscores only, 50 at most.',
      sync: sync.name,
      key: 'event',
      where: origins.event,
    })
  }
  return {
    name,
    fullName: `${prefix}${name}`,
    label: name,
    about: undefined,
    trackingType: undefined,
    properties: new Map(),
  }
}

function unknownEvent(
  sync: Sync,
  { origins }: EventSource,
  name: string,
  known: readonly EventSchema[],
): UserError {
  const names = known.map((event) => event.name)
  const near = suggest(name, names)
  const labelled = known.find(({ label }) => label.toLowerCase() === name.toLowerCase())
  return new UserError({
    message:
      labelled === undefined
        ? `HubSpot has no event ${name}`
        : `${name} is the label of an event; its internal name is ${labelled.name}`,
    hint:
      labelled !== undefined
        ? `Write ${labelled.name}.`
        : near !== undefined
          ? `Did you mean \`${near}\`?`
          : `Say \`create_missing: true\`, or create it in HubSpot: POST /events/v3/event-definitions {"name": "${name}", "label": "${name}", "includeDefaultProperties": true, "propertyDefinitions": […]}.${names.length === 0 ? '' : ` ${didYouMean(name, names)}`}`,
    sync: sync.name,
    key: 'event',
    where: origins.event,
  })
}

/** The kinds of events that the rows of a model name: their properties alone have to fit. */
export async function eventsOfModel(
  warehouse: Warehouse,
  schema: ObjectSchema,
  { relation, column }: { readonly relation: string; readonly column: string },
): Promise<ObjectSchema> {
  const { events } = schema
  if (events === undefined) return schema
  const rows = await warehouse.withSnapshot(() =>
    warehouse.query(
      sql`select distinct trim(${raw(warehouse.dialect.quote(column))}) as event from ${raw(relation)} limit ${raw(String(maxNames))}`,
    ),
  )
  const names = rows.flatMap((row) => {
    const name = row['event']
    return name === null || name === '' ? [] : [String(name)]
  })
  const isNamed = ({ name, fullName }: EventSchema) =>
    names.includes(name) || names.includes(fullName)
  const known = events.known.filter(isNamed)
  const isKnown = (name: string) =>
    known.some((event) => event.name === name || event.fullName === name)
  return {
    ...schema,
    // A property that today's rows have no event for is none that is missing.
    properties: new Map([
      ...schema.properties,
      ...known.flatMap(({ properties }) => [...properties]),
    ]),
    events: {
      ...events,
      known,
      unknownNames: names.filter((name) => !isKnown(name)).sort(),
      allNames: events.known.map(({ name }) => name),
    },
  }
}

/** What is made where a kind of event is missing. */
export const draftOf = (
  schema: ObjectSchema,
  properties: EventDraft['properties'],
): EventDraft | undefined => {
  const { events } = schema
  const [event] = events?.known ?? []
  return events?.isMissing === true && event !== undefined
    ? { name: event.name, about: events.about.objectTypeId, properties }
    : undefined
}
