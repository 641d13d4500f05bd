import { DestinationError, type Problem, UserError } from '../../errors.ts'
import type { Association, LinkedObject, LinkType, ObjectSchema, Sync } from '../../types.ts'
import { askedOnce } from '../asked-once.ts'
import { retried } from '../asking.ts'
import type { RunContext } from '../context.ts'
import { blameNaming } from './unknown-object.ts'

/**
 * Reads what links of a sync lead to: the objects and the types of links. Each pair of objects is asked once per run.
 *
 * @param readObject by whatever name; asks once
 */
export function linkReader(
  context: Pick<RunContext, 'destination' | 'clock' | 'sleep' | 'random' | 'drain' | 'log'>,
  readObject: (object: string) => Promise<ObjectSchema>,
): (sync: Sync, schema: ObjectSchema, peers: readonly Sync[]) => Promise<ObjectSchema> {
  const { destination, drain } = context
  const typesBetween = askedOnce((from: string, to: string) =>
    retried(context, () => destination.linkTypes(from, to, drain)).catch(
      (error: unknown): readonly LinkType[] => {
        // Of objects that cannot be linked HubSpot need not say that there is nothing.
        if (error instanceof DestinationError && [400, 404].includes(error.status ?? 0)) return []
        throw error
      },
    ),
  )
  const otherEnd = async (
    sync: Sync,
    association: Association,
    from: string,
  ): Promise<LinkedObject> => {
    const { name, objectTypeId, properties, told } = await readObject(association.to).catch(
      (error: unknown) => {
        throw blameObject(sync, association, error)
      },
    )
    const types = await typesBetween(from, name)
    return { name, objectTypeId, properties, types, ...(told === undefined ? {} : { told }) }
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

const blameObject = (sync: Sync, { to, key, origin }: Association, error: unknown): unknown =>
  blameNaming(error, { sync, object: to, key: `${key}.to`, where: origin, example: 'companies' })
