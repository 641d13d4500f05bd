import type { Destination } from '../../destination/destination.ts'
import { DestinationError } from '../../errors.ts'
import { ownGroup } from '../../plan/bind/property-definition.ts'
import type { ObjectSchema, PropertyDefinition } from '../../types.ts'
import { retried } from '../asking.ts'
import type { RunContext } from '../context.ts'
import { draftOf } from './event-schema.ts'

/** What making properties needs. */
export type CreatingContext = Pick<RunContext, 'clock' | 'sleep' | 'random' | 'drain' | 'log'> & {
  readonly destination: Pick<
    Destination,
    'createProperties' | 'createGroup' | 'createEvent' | 'createEventProperty' | 'maxBatchSize'
  >
}

/** Calls that making properties takes. */
export function definitionCalls(
  missing: readonly PropertyDefinition[],
  schema: ObjectSchema,
  maxBatchSize: number,
): number {
  if (schema.events !== undefined) return schema.events.isMissing ? 1 : missing.length
  return Math.ceil(missing.length / maxBatchSize) + (needsGroup(missing, schema) ? 1 : 0)
}

/** No property of the object is in the group: most likely it does not exist. */
function needsGroup(missing: readonly PropertyDefinition[], schema: ObjectSchema): boolean {
  const groups = new Set([
    schema.told?.group,
    ...[...schema.properties.values()].map((property) => property.groupName),
  ])
  return missing.some(({ groupName }) => !groups.has(groupName))
}

/**
 * Makes properties of one object. What is there by now counts as made: the same may have been asked for before.
 *
 * @param made those that this run has made; added to
 * @throws DestinationError naming the first that HubSpot refuses
 */
export async function createProperties(
  context: CreatingContext,
  schema: ObjectSchema,
  lacking: readonly PropertyDefinition[],
  made: Set<string> = new Set(),
): Promise<void> {
  const { destination, drain } = context
  if (schema.events !== undefined) return createEvents(context, schema, lacking, made)
  const missing = lacking.filter((definition) => !made.has(keyOf(schema, definition)))
  if (missing.length === 0) return
  if (needsGroup(missing, schema)) {
    await retried(context, () => destination.createGroup(schema.name, ownGroup, drain))
  }
  for (let from = 0; from < missing.length; from += destination.maxBatchSize) {
    const part = missing.slice(from, from + destination.maxBatchSize)
    const refusals = await retried(context, () =>
      destination.createProperties(schema.name, part, drain),
    )
    const [first] = refusals
    if (first === undefined) continue
    throw new DestinationError({
      action: `create the property ${first.name} of ${schema.name}`,
      detail: first.message,
      category: 'PROPERTY_NOT_CREATED',
      disposition: 'terminal',
      hint: 'Create it in HubSpot, or change `type:` and `options:` of its mapping.',
    })
  }
  for (const definition of missing) made.add(keyOf(schema, definition))
}

/** Makes a kind of event with all its properties, or the properties that one lacks. */
async function createEvents(
  context: CreatingContext,
  schema: ObjectSchema,
  lacking: readonly PropertyDefinition[],
  made: Set<string>,
): Promise<void> {
  const { destination, drain } = context
  const draft = draftOf(schema, lacking)
  if (draft !== undefined) {
    await retried(context, () => destination.createEvent(draft, drain))
    for (const definition of lacking) made.add(keyOf(schema, definition))
    return
  }
  for (const definition of lacking) {
    if (made.has(keyOf(schema, definition))) continue
    await retried(context, () => destination.createEventProperty(schema.name, definition, drain))
    made.add(keyOf(schema, definition))
  }
}

/** Which properties were promised to which object, so that two syncs do not both count one. */
export class Promised {
  readonly #names = new Set<string>()
  readonly #events = new Set<string>()

  /** The schema as a later sync finds it: an event that an earlier one makes is there. */
  schemaFor(schema: ObjectSchema): ObjectSchema {
    const { events, name } = schema
    if (events?.isMissing !== true) return schema
    if (!this.#events.has(name)) {
      this.#events.add(name)
      return schema
    }
    const { isMissing: _, ...there } = events
    return { ...schema, events: there }
  }

  /** Those that nobody has claimed yet. */
  claim(
    schema: ObjectSchema,
    missing: readonly PropertyDefinition[],
  ): readonly PropertyDefinition[] {
    const own = missing.filter((definition) => !this.#names.has(keyOf(schema, definition)))
    for (const definition of own) this.#names.add(keyOf(schema, definition))
    return own
  }
}

const keyOf = ({ objectTypeId }: ObjectSchema, { name }: PropertyDefinition): string =>
  `${objectTypeId}/${name}`
