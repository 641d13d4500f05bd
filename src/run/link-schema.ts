import { DestinationError, type Problem, UserError } from '../errors.ts'
import type { Association, LinkedObject, LinkType, ObjectSchema, Sync } from '../types.ts'
import { retried } from './asking.ts'
import type { RunContext } from './context.ts'

/**
 * Reads what links of a sync lead to: the objects and the types of links. Each pair of objects is asked once per run.
 *
 * @param readObject by whatever name; asks once
 */
export function linkReader(
  context: Pick<RunContext, 'destination' | 'clock' | 'sleep' | 'random' | 'drain' | 'log'>,
  readObject: (object: string) => Promise<ObjectSchema>,
): (sync: Sync, schema: ObjectSchema, peers: readonly Sync[]) => Promise<ObjectSchema> {
  const read = new Map<string, Promise<readonly LinkType[]>>()
  const typesBetween = (from: string, to: string): Promise<readonly LinkType[]> => {
    const pair = `${from} ${to}`
    const known = read.get(pair)
    if (known !== undefined) return known
    const { destination, drain } = context
    const asked = retried(context, () => destination.linkTypes(from, to, drain))
    read.set(pair, asked)
    return asked
  }
  const otherEnd = async (
    sync: Sync,
    association: Association,
    from: string,
  ): Promise<LinkedObject> => {
    const { name, objectTypeId, properties } = await readObject(association.to).catch(
      (error: unknown) => {
        throw blameObject(sync, association, error)
      },
    )
    return { name, objectTypeId, properties, types: await typesBetween(from, name) }
  }
  return async (sync, schema, peers) => {
    if (sync.associations.length === 0) return schema
    const linked = new Map<string, LinkedObject>()
    const problems: Problem[] = []
    for (const association of sync.associations) {
      try {
        const other = await otherEnd(sync, association, schema.name)
        await refuseOther(sync, association, other, peers, readObject)
        linked.set(association.key, other)
      } catch (error) {
        // One mistake does not hide the others.
        if (!(error instanceof UserError)) throw error
        problems.push(...error.problems)
      }
    }
    if (problems.length > 0) throw new UserError(problems)
    return { ...schema, linked }
  }
}

/** Custom objects have several names: only HubSpot knows whether two of them mean one. */
async function refuseOther(
  sync: Sync,
  { target, to, key, origin }: Association,
  other: LinkedObject,
  peers: readonly Sync[],
  readObject: (object: string) => Promise<ObjectSchema>,
): Promise<void> {
  if (target.kind !== 'sync') return
  const peer = peers.find(({ name }) => name === target.sync)
  if (peer === undefined) return
  // An object that cannot be read is told where its own sync is.
  const theirs = await readObject(peer.object).catch(() => undefined)
  if (theirs === undefined || theirs.objectTypeId === other.objectTypeId) return
  throw new UserError({
    message: `the sync ${peer.name} writes ${theirs.name}, not ${to}`,
    hint: `Write \`to: ${peer.object}\`, or name a sync of ${to}.`,
    sync: sync.name,
    key: `${key}.sync`,
    where: origin,
  })
}

/** That HubSpot has no such object is a mistake in the association. */
function blameObject(sync: Sync, { to, key, origin }: Association, error: unknown): unknown {
  if (!(error instanceof DestinationError) || error.category !== 'OBJECT_TYPE_UNKNOWN') return error
  return new UserError(
    {
      message: `HubSpot has no object type ${to} that this token may see`,
      hint: error.hint ?? 'Use a name such as companies, an objectTypeId, or p<portal>_<name>.',
      sync: sync.name,
      key: `${key}.to`,
      where: origin,
    },
    { cause: error },
  )
}
