import { UserError } from '../../errors.ts'
import { rivalProblem, rivalries } from '../../rivals.ts'
import type { ObjectSchema, Pipelines, Sync } from '../../types.ts'
import { askedOnce } from '../asked-once.ts'
import { retried } from '../asking.ts'
import type { RunContext } from '../context.ts'
import { eventReader } from './event-schema.ts'
import { linkReader } from './link-schema.ts'
import { holdsPipeline, withPipelines } from './pipelines.ts'
import { blameNaming } from './unknown-object.ts'

/** What reading schemas needs. */
type Asking = Pick<RunContext, 'destination' | 'clock' | 'sleep' | 'random' | 'drain' | 'log'>

type ReadObject = (object: string) => Promise<ObjectSchema>

/**
 * Reads object schemas once per run, and where mappings ask for them the object's pipelines and the owners, once, too.
 *
 * @param peers the syncs of the command: two that write one property of one object, by whatever name, are both refused
 */
export function schemaReader(
  context: Asking,
  peers: readonly Sync[] = [],
): (sync: Sync) => Promise<ObjectSchema> {
  const readObject = askedOnce((object: string) =>
    retried(context, () => context.destination.describe(object, context.drain)),
  )
  const describe = (sync: Sync, object: string) =>
    readObject(object).catch((error: unknown) => {
      throw blameSync(sync, object, error)
    })
  const withOwners = ownersReader(context)
  const withStages = stagesReader(context)
  const readEvents = eventReader(context)
  const withLinks = linkReader(context, readObject)
  return async (sync) => {
    if (sync.event !== undefined) {
      const events = await readEvents(sync, sync.event, (object) => describe(sync, object))
      return withOwners(sync, events)
    }
    const schema = await describe(sync, sync.object)
    await refuseRivals(sync, schema, peers, readObject)
    const linked = await withLinks(sync, schema, peers)
    return withOwners(sync, await withStages(sync, linked))
  }
}

type Completing = (sync: Sync, schema: ObjectSchema) => Promise<ObjectSchema>

/** Adds the owners where a mapping needs them. */
function ownersReader(context: Asking): Completing {
  const readOwners = askedOnce(() =>
    retried(context, () => context.destination.owners(context.drain)),
  )
  return async ({ mappings }, schema) => {
    if (!mappings.some(({ source }) => source.kind === 'column' && source.as === 'owner_email')) {
      return schema
    }
    return { ...schema, owners: await readOwners() }
  }
}

/** Adds pipelines and stages where a mapped property holds one. */
function stagesReader(context: Asking): Completing {
  const readPipelines = askedOnce(async (object: string): Promise<Pipelines | undefined> => {
    const told = await retried(context, () => context.destination.pipelines(object, context.drain))
    if (told === undefined) {
      context.log.warn(
        `HubSpot does not tell the pipelines of ${object}: values of pipelines and stages go out unchecked`,
      )
    }
    return told
  })
  return async ({ mappings }, schema) => {
    const mapped = mappings.flatMap(({ property }) => schema.properties.get(property) ?? [])
    if (!mapped.some(holdsPipeline)) return schema
    const told = await readPipelines(schema.name)
    return told === undefined ? schema : withPipelines(schema, told)
  }
}

/** Another sync writes a property that this one writes: only HubSpot knows whether their objects are one. */
async function refuseRivals(
  sync: Sync,
  schema: ObjectSchema,
  peers: readonly Sync[],
  readObject: ReadObject,
): Promise<void> {
  const ofObject: Sync[] = []
  for (const peer of peers.filter(({ name }) => name !== sync.name)) {
    if (rivalries(sync, [peer]).length === 0) continue
    // An object that cannot be read is told where its own sync is.
    const theirs = await readObject(peer.object).catch(() => undefined)
    if (theirs?.objectTypeId === schema.objectTypeId) ofObject.push(peer)
  }
  const found = rivalries(sync, ofObject)
  if (found.length > 0) throw new UserError(found.map((rivalry) => rivalProblem(sync, rivalry)))
}

/** The object is the one that the sync writes, or that its events are about. */
const blameSync = (sync: Sync, object: string, error: unknown): unknown =>
  blameNaming(error, {
    sync,
    object,
    key: sync.event === undefined ? 'object' : sync.event.aboutKey,
    where: sync.event?.origins.about ?? sync.keyOrigins.object,
    example: 'contacts',
  })
