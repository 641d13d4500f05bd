import {
  EVENT_SCOPES,
  LIST_SCOPES,
  type NeededScope,
  OWNER_SCOPE,
  objectScopes,
} from '../../destination/hubspot/scopes.ts'
import { looksUpContacts } from '../../run/members/event-contacts.ts'
import type { EventSource, Sync } from '../../types.ts'
import type { Arguments } from '../command-line/option.ts'
import { loadSyncs } from '../load-syncs.ts'
import type { Asking, View } from './view.ts'

/** What the selected syncs need of a token, and which of it this one lacks. */
export async function scopesView(context: Asking, args: Arguments): Promise<View> {
  const { ask, destination, drain } = context
  const { selected } = await loadSyncs(context, args)
  const granted = await ask(() => destination.grantedScopes(drain))
  const needed = await neededScopes(context, selected)
  const rows = needed.map(({ anyOf, why, syncs }) => ({
    scopes: anyOf,
    why,
    syncs,
    isGranted: granted === undefined ? null : anyOf.some((scope) => granted.includes(scope)),
  }))
  const missing = rows.filter(({ isGranted }) => isGranted === false)
  const notes =
    granted === undefined
      ? ['HubSpot does not say which scopes this token has: compare by hand.']
      : missing.length === 0
        ? ['The token has every scope that the selected syncs need.']
        : [
            `Missing: ${missing.map(({ scopes }) => scopes.join(' or ')).join(', ')}. Add them to the app in HubSpot; a new token may be needed.`,
          ]
  return {
    document: {
      needed: rows,
      granted: granted ?? null,
      missing: missing.flatMap(({ scopes }) => scopes[0] ?? []),
    },
    tables: [
      {
        title: 'Needed by the selected syncs',
        rows: rows.map(({ scopes, why, syncs, isGranted }) => ({
          scope: scopes.join(' or '),
          granted: isGranted === null ? 'not known' : isGranted ? 'yes' : 'no',
          for: why,
          syncs: syncs.join(', '),
        })),
      },
    ],
    notes,
    exitCode: missing.length > 0 ? 1 : 0,
  }
}

/** Sending, reading what is sent, and looking up whom it is about. */
function eventScopes(sync: Sync, { about }: EventSource): readonly NeededScope[] {
  const object = about.kind === 'id' ? about.object : 'contacts'
  const readsRecords = looksUpContacts(sync)
    ? objectScopes({ name: object, objectTypeId: '' }).slice(0, 1)
    : []
  return [...EVENT_SCOPES, ...readsRecords]
}

type Named = Parameters<typeof objectScopes>[0]

/** What is not to be seen is a custom object without the scope to see it, or a typing mistake that `validate` tells. */
const objectNamed = (asked: string, objects: readonly Named[]): Named =>
  objects.find(
    ({ name, objectTypeId }) => [name, objectTypeId].includes(asked) || name.endsWith(`_${asked}`),
  ) ?? { name: asked, objectTypeId: '2-' }

/** A link is written at both of its records. */
const linkScopes = (sync: Sync, objects: readonly Named[]): readonly NeededScope[] =>
  [...new Set(sync.associations.map(({ to }) => objectNamed(to, objects)))].flatMap((object) =>
    objectScopes(object).map((scope) => ({
      ...scope,
      why: `link to ${object.name}: ${scope.why.replace(` ${object.name}`, '')}`,
    })),
  )

/** The least that the syncs need, each scope once. */
export async function neededScopes(
  context: Pick<Asking, 'ask' | 'destination' | 'drain'>,
  syncs: readonly Sync[],
): Promise<readonly (NeededScope & { readonly syncs: readonly string[] })[]> {
  const needed = new Map<string, NeededScope & { syncs: string[] }>()
  const note = (scope: NeededScope, sync: Sync) => {
    const key = scope.anyOf.join(' ')
    const known = needed.get(key) ?? { ...scope, syncs: [] }
    known.syncs.push(sync.name)
    needed.set(key, known)
  }
  const { objects } = await context.ask(() => context.destination.listObjects(context.drain))
  for (const sync of syncs) {
    if (sync.event !== undefined) {
      for (const scope of eventScopes(sync, sync.event)) note(scope, sync)
      continue
    }
    const object = objectNamed(sync.object, objects)
    if (sync.list !== undefined) {
      const [reading] = objectScopes(object)
      for (const scope of [...LIST_SCOPES, ...(reading === undefined ? [] : [reading])])
        note(scope, sync)
      continue
    }
    const scopes = objectScopes(object)
    for (const scope of scopes) note(scope, sync)
    for (const scope of linkScopes(sync, objects)) note(scope, sync)
    const findsOwners = sync.mappings.some(
      ({ source }) => source.kind === 'column' && source.as === 'owner_email',
    )
    if (findsOwners) note(OWNER_SCOPE, sync)
  }
  return [...needed.values()]
}
