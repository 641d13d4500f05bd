import { allProperties, type OtherSync } from '../../plan/diff-spec.ts'
import { readIdentities } from '../../record/identity.ts'
import { hasTable, type Ledger, stateOf } from '../../record/ledger.ts'
import type { PreparedSync } from '../context.ts'

/**
 * The other syncs that may hold a record of this one: those of the same object type in the same portal, whether they take part
 * or not. Asked only for syncs that clear or archive.
 *
 * @param peers syncs that take part, as far as they could be prepared; this one may be among them
 */
export async function othersOf(
  ledger: Ledger,
  { sync, schema, bound }: PreparedSync,
  peers: readonly PreparedSync[],
): Promise<readonly OtherSync[]> {
  if (sync.onDelete === 'nothing' || sync.type !== 'object') return []
  const pinned = await readIdentities(ledger)
  const own = pinned.find(({ syncName }) => syncName === sync.name)
  // Before its first run a sync knows no row that could have left.
  if (own === undefined) return []
  const alike = peers.filter(
    (peer) =>
      peer.sync.name !== sync.name &&
      peer.sync.type !== 'list' &&
      peer.schema.objectTypeId === schema.objectTypeId,
  )
  const names = new Set([
    ...pinned.flatMap(({ syncName, syncType, portalId, objectType }) =>
      syncName !== sync.name &&
      syncType !== 'list' &&
      portalId === own.portalId &&
      objectType === own.objectType
        ? [syncName]
        : [],
    ),
    ...alike.map((peer) => peer.sync.name),
  ])
  const others: OtherSync[] = []
  for (const syncName of names) {
    const state = stateOf(ledger, syncName)
    const peer = alike.find((each) => each.sync.name === syncName)
    others.push({
      syncName,
      ...((await hasTable(ledger, state)) ? { state } : {}),
      ...(peer === undefined ? {} : { model: modelOf(peer, bound.match?.property) }),
    })
  }
  return others
}

function modelOf(
  { sync, bound }: PreparedSync,
  matchProperty: string | undefined,
): NonNullable<OtherSync['model']> {
  // Mode insert leaves a record that exists alone.
  const finds =
    sync.mode !== 'insert' &&
    (bound.match?.by === 'record_id' || bound.match?.property === matchProperty)
  return {
    relation: sync.model.relationName ?? '',
    filters: bound.filters,
    keyColumns: bound.keyColumns,
    properties: allProperties(bound).map(({ name }) => name),
    ...(finds && bound.match !== undefined ? { match: bound.match } : {}),
  }
}
