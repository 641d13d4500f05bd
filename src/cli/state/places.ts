import { standardObject } from '../../object-types.ts'
import { recordIdProperty } from '../../plan/bind/bind-match.ts'
import type { AuditedSync } from '../../record/forget/forget-audit.ts'
import type { Identity } from '../../record/identity.ts'
import type { Sync } from '../../types.ts'
import type { LoadedSyncs } from '../load-syncs.ts'
import { stateName } from './state-access.ts'

/** A sync that may hold a person; of one that is gone from the project the identity is all there is. */
export interface Place {
  readonly name: string
  readonly stateName: string
  readonly syncNames: readonly string[]
  readonly keyColumns: number
  readonly portalId: string
  readonly firstRunId: string | undefined
  readonly sync: Sync | undefined
  readonly type: Sync['type']
  /** Type of the records that its rows are, or are about; undefined where nobody can know. */
  readonly objectTypeId: string | undefined
  readonly matches: MatchKind
  /** The sync has no state (any more): `changes` is all that tells of its rows. */
  readonly isOnlyAudited?: true
}

/** What the match values of a sync are. */
type MatchKind =
  | { readonly kind: 'row'; readonly stateName: string }
  | { readonly kind: 'record' }
  | { readonly kind: 'property'; readonly property: string }
  /** Of a visitor's token, or of a sync that nobody knows: only who asks for that value means it. */
  | { readonly kind: 'other' }

/** Every sync that has, or may have, a state. */
export function placesOf(loaded: LoadedSyncs, pinned: readonly Identity[]): readonly Place[] {
  const ofSync = (sync: Sync): Place => {
    const name = stateName(sync, pinned)
    const { previousName = name } = sync
    const identity = pinned.find(({ syncName }) => syncName === name)
    return {
      name: sync.name,
      stateName: name,
      syncNames: [...new Set([sync.name, name, previousName])],
      keyColumns: sync.primaryKey.length,
      portalId: identity?.portalId ?? '',
      firstRunId: identity?.firstRunId,
      sync,
      type: sync.type,
      objectTypeId: objectOf(sync, identity, loaded, pinned),
      matches: matchesOf(sync, identity, loaded, pinned),
    }
  }
  const ofOrphan = ({ syncName, syncType = 'object', ...identity }: Identity): Place => ({
    name: syncName,
    stateName: syncName,
    syncNames: [syncName],
    keyColumns: identity.primaryKey.length,
    portalId: identity.portalId,
    firstRunId: identity.firstRunId,
    sync: undefined,
    type: syncType,
    objectTypeId: syncType === 'event' ? undefined : identity.objectType,
    matches: syncType === 'object' ? byProperty(identity.matchProperty) : { kind: 'other' },
  })
  const defined = loaded.all.map(ofSync)
  const known = new Set(defined.flatMap(({ syncNames }) => syncNames))
  return [...defined, ...pinned.filter(({ syncName }) => !known.has(syncName)).map(ofOrphan)]
}

/** Syncs without a state of which the audit tells, given all that have one. */
export function auditedPlaces(
  audited: readonly AuditedSync[],
  withState: readonly Place[],
): readonly Place[] {
  const known = new Set(withState.flatMap(({ syncNames }) => syncNames))
  return audited
    .filter(({ syncName }) => !known.has(syncName))
    .map(({ syncName, syncType, portalId, objectType }) => ({
      name: syncName,
      stateName: syncName,
      syncNames: [syncName],
      keyColumns: 1,
      portalId,
      firstRunId: undefined,
      sync: undefined,
      type: syncType,
      // Of events the runs have a name there.
      objectTypeId:
        objectType !== undefined && /^\d+-\d+$/.test(objectType) ? objectType : undefined,
      matches: { kind: 'other' as const },
      isOnlyAudited: true as const,
    }))
}

const byProperty = (property: string | null | undefined): MatchKind =>
  property === null || property === undefined
    ? { kind: 'other' }
    : property === recordIdProperty
      ? { kind: 'record' }
      : { kind: 'property', property }

const aboutOf = ({ event, list }: Sync) => (event ?? list)?.about

function matchesOf(
  sync: Sync,
  identity: Identity | undefined,
  loaded: LoadedSyncs,
  pinned: readonly Identity[],
): MatchKind {
  const about = aboutOf(sync)
  switch (about?.kind) {
    case undefined:
      return byProperty(identity?.matchProperty ?? sync.match?.property)
    case 'sync':
      return { kind: 'row', stateName: stateNamed(about.sync, loaded, pinned) }
    case 'id':
      return { kind: 'record' }
    case 'email':
      return byProperty('email')
    case 'utk':
      return { kind: 'other' }
  }
}

const stateNamed = (name: string, { all }: LoadedSyncs, pinned: readonly Identity[]): string => {
  const sync = all.find((each) => each.name === name)
  return sync === undefined ? name : stateName(sync, pinned)
}

function objectOf(
  sync: Sync,
  identity: Identity | undefined,
  loaded: LoadedSyncs,
  pinned: readonly Identity[],
): string | undefined {
  // Of events the identity has the name.
  if (sync.event === undefined) return identity?.objectType ?? typeIdOf(sync.object, loaded, pinned)
  const { about } = sync.event
  if (about.kind === 'sync') {
    const name = stateNamed(about.sync, loaded, pinned)
    return pinned.find(({ syncName }) => syncName === name)?.objectType
  }
  return typeIdOf(about.kind === 'id' ? about.object : 'contacts', loaded, pinned)
}

/** The type of an object by any name; of a custom one as a sync that calls it so has it. */
function typeIdOf(
  object: string,
  { all }: LoadedSyncs,
  pinned: readonly Identity[],
): string | undefined {
  const found = standardObject(object)?.objectTypeId
  if (found !== undefined) return found
  const same = all.find((each) => each.type === 'object' && each.object === object)
  const name = same === undefined ? undefined : stateName(same, pinned)
  return pinned.find(({ syncName }) => syncName === name)?.objectType ?? object
}
