import type { Problem } from '../../errors.ts'
import type { Identity } from '../../record/identity.ts'
import type { Account, ObjectSchema, Say, Sync } from '../../types.ts'

/** What a sync's identity says about this run. */
export type IdentityVerdict =
  | { readonly kind: 'first' }
  | { readonly kind: 'same' }
  | { readonly kind: 'renamed'; readonly from: string }
  | { readonly kind: 'rekeyed' }
  | { readonly kind: 'rematched' }
  | { readonly kind: 'refused'; readonly problem: Problem }

/** What identities are compared with. */
export interface IdentityFacts {
  readonly sync: Sync
  readonly schema: ObjectSchema
  readonly account: Account
  readonly pinned: readonly Identity[]
  /** Names of all syncs of the project, selected or not. */
  readonly definedNames: ReadonlySet<string>
  /** `--rekey`: another primary key is meant, and known rows are found by their match value. */
  readonly isRekeying?: boolean
  /** `--rematch`: another match property is meant, and known rows are looked up by it. */
  readonly isRematching?: boolean | undefined
  readonly say: Say
}

/**
 * Compares a sync with what was pinned at its first run. Portal, object type, key columns and match property may
 * not change silently: everything would be sent again, or rows would be taken for gone.
 */
export function checkIdentity(facts: IdentityFacts): IdentityVerdict {
  const { sync, pinned } = facts
  const own = pinned.find((identity) => identity.syncName === sync.name)
  if (own !== undefined) return compare(own, facts)
  if (sync.previousName !== undefined) {
    const previous = pinned.find((identity) => identity.syncName === sync.previousName)
    if (previous !== undefined) {
      if (facts.definedNames.has(sync.previousName)) return refuseTaking(facts, previous)
      const verdict = compare(previous, facts)
      if (verdict.kind === 'rekeyed')
        return refuseBoth(facts, 'primary_key', 'was renamed and has another primary key')
      if (verdict.kind === 'rematched')
        return refuseBoth(facts, 'match', 'was renamed and matches by another property')
      return verdict.kind === 'refused' ? verdict : { kind: 'renamed', from: sync.previousName }
    }
  }
  const orphans = findOrphans(facts).map(({ syncName }) => syncName)
  const [orphan] = orphans
  if (orphan === undefined) return { kind: 'first' }
  const are = orphans.length === 1 ? 'is' : 'are'
  const forgetting = orphans.map((name) => `--sync ${name}`).join(' ')
  return refuse(facts, undefined, {
    message: `has no state yet, and ${orphans.join(' and ')}, which sent to the same ${facts.schema.name} by the same key, ${are} gone from the project. Was it renamed?`,
    hint: `If it was renamed, add \`previous_name: ${orphan}\` to the sync${orphans.length === 1 ? '' : ' (or the other name)'} and nothing is sent again. If it is another sync, forget ${orphans.length === 1 ? 'the old one' : 'the old ones'} first: ${facts.say(`clean ${forgetting}`)}`,
  })
}

/** The configuration is refused before; unless the other sync is too broken to be compared with. */
const refuseTaking = (facts: IdentityFacts, { syncName }: Identity): IdentityVerdict =>
  refuse(facts, 'previous_name', {
    message: `The sync ${syncName} is still defined: its state is its own`,
    hint: `Take ${syncName} out of the project if it was renamed, or leave \`previous_name\` out.`,
  })

/** Pinned syncs that nobody defines any more and that this one looks like. */
function findOrphans({ sync, schema, account, pinned, definedNames }: IdentityFacts) {
  return pinned.filter(
    (identity) =>
      !definedNames.has(identity.syncName) &&
      identity.portalId === account.portalId &&
      isSameKind(identity, sync) &&
      identity.objectType === schema.objectTypeId &&
      identity.matchProperty === (sync.match?.property ?? null) &&
      isSameKey(identity.primaryKey, sync.primaryKey),
  )
}

/** A list is told from another one by its id, where the sync says it; else a renamed sync reads the model that it read before. */
const isSameKind = (
  { syncType = 'object', listId, modelId }: Identity,
  { type, list, model }: Sync,
): boolean => {
  if (list === undefined || syncType !== 'list')
    return [syncType, type].every((kind) => kind !== 'list')
  return list.target.kind === 'name' ? modelId === model.uniqueId : list.target.listId === listId
}

const isSameKey = (one: readonly string[], other: readonly string[]): boolean =>
  one.length === other.length &&
  one.every((name, index) => name.toLowerCase() === other[index]?.toLowerCase())

function compare(own: Identity, facts: IdentityFacts): IdentityVerdict {
  const { sync, schema, account } = facts
  if (own.portalId !== account.portalId) {
    return refuse(facts, 'hubspot.portal_id', {
      message: `The state of this sync speaks of portal ${own.portalId}, the token belongs to portal ${account.portalId}`,
      hint: 'Use the token of the first portal, or another `schema:` for the second one.',
    })
  }
  const wasType = own.syncType ?? 'object'
  if (wasType !== sync.type && [wasType, sync.type].includes('list')) {
    const words = { object: 'records', event: 'events', list: 'members of a list' }
    return refuse(facts, 'object', {
      message: `The state of this sync speaks of ${words[wasType]}, the sync now writes ${words[sync.type]}`,
      hint: 'Give the sync another name (`sync:`): what it writes is what it is.',
    })
  }
  if (own.objectType !== schema.objectTypeId && sync.event !== undefined) {
    return refuse(facts, 'event', {
      message: `The state of this sync speaks of ${own.objectType}, the sync now says ${schema.objectTypeId}`,
      hint: 'Give the sync another name (`sync:`): other events are another sync.',
    })
  }
  if (own.objectType !== schema.objectTypeId) {
    return refuse(facts, 'object', {
      message: `The state of this sync speaks of object type ${own.objectType}, the sync now says ${schema.objectTypeId} (${schema.name})`,
      hint: 'Give the sync another name (`sync:`): another object type is another sync.',
    })
  }
  const isRekeyed = !isSameKey(own.primaryKey, sync.primaryKey)
  if (isRekeyed && !facts.isRekeying) {
    const inferred = sync.isKeyInferred ? ' (inferred by dbt from tests and constraints)' : ''
    return refuse(facts, 'primary_key', {
      message: `The primary key was ${own.primaryKey.join(', ')} at the first run and is now ${sync.primaryKey.join(', ')}${inferred}: every row would look new and every known row gone`,
      hint: `Write \`primary_key: [${own.primaryKey.join(', ')}]\` in the sync, or say once with --rekey that the new key is meant: known rows are then found by their match value.`,
    })
  }
  const isRematched = own.matchProperty !== (sync.match?.property ?? null)
  if (isRematched && isRekeyed) {
    return refuseBoth(facts, 'match', 'has another primary key and matches by another property')
  }
  if (isRematched && facts.isRematching !== true) {
    return refuse(facts, 'match', {
      message: `Records were matched by ${own.matchProperty ?? 'nothing'} at the first run and are now to be matched by ${sync.match?.property ?? 'nothing'}`,
      hint: `Match by ${own.matchProperty ?? 'nothing'} again, or say once with --rematch that the new property is meant: known rows are then looked up by it.`,
    })
  }
  if (isRekeyed && own.matchProperty === null) {
    return refuse(facts, 'primary_key', {
      message:
        'The primary key cannot be changed: without `match`, nothing says which row is which',
      hint: `Write \`primary_key: [${own.primaryKey.join(', ')}]\` in the sync, or start over under another name (\`sync:\`).`,
    })
  }
  if (isRekeyed && sync.trackingProperty !== undefined) {
    return refuse(facts, 'primary_key', {
      message: `The primary key cannot be changed while \`tracking_property\` holds it: records have the old keys in ${sync.trackingProperty}, and a new row could be taken for one of them`,
      hint: `Write \`primary_key: [${own.primaryKey.join(', ')}]\` in the sync. Or leave \`tracking_property\` out, run once with --rekey, and name a new property then.`,
    })
  }
  if (isRematched) return { kind: 'rematched' }
  return { kind: isRekeyed ? 'rekeyed' : 'same' }
}

const refuseBoth = (
  facts: IdentityFacts,
  key: 'primary_key' | 'match',
  what: string,
): IdentityVerdict =>
  refuse(facts, key, {
    message: `The sync ${what}: one thing at a time`,
    hint:
      key === 'primary_key'
        ? 'Run once with the old primary key, then change it and run with --rekey.'
        : 'Run once with the old match property, then change it and run with --rematch.',
  })

function refuse(
  { sync }: IdentityFacts,
  key: string | undefined,
  problem: Pick<Problem, 'message' | 'hint'>,
): IdentityVerdict {
  return {
    kind: 'refused',
    problem: {
      ...problem,
      sync: sync.name,
      ...(key === undefined ? {} : { key }),
      where: isKey(key)
        ? sync.keyOrigins[key]
        : key === 'event'
          ? sync.keyOrigins.object
          : sync.origin,
    },
  }
}

const isKey = (key: string | undefined): key is 'primary_key' | 'match' | 'object' =>
  key === 'primary_key' || key === 'match' || key === 'object'
