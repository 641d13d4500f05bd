import type { Settings } from '../../project/settings.ts'
import { writePermission } from '../../project/write-permission.ts'
import { schemaReader } from '../../run/prepare/schema-reader.ts'
import type { ObjectSchema, Sync } from '../../types.ts'
import type { Checklist } from '../checklist.ts'
import type { Io } from '../command-line/io.ts'
import { connectHubspot, type Hubspot, type HubspotSession } from '../connect-hubspot.ts'
import { neededScopes } from '../inspect/scopes.ts'
import { countOf, numberOf } from '../render/words.ts'
import type { Session } from '../session.ts'
import { sleep } from '../sleep.ts'

/** Below this share of the daily limit a larger run may not come through. */
const scarceShare = 0.1

type DebugSession = HubspotSession &
  Pick<Session, 'drain'> & { readonly project: { readonly env: Io['env'] } }

/**
 * Token, portal, permission to write, daily usage, and the objects of the syncs. Reads only.
 *
 * @returns the objects by the name of the sync
 */
export async function checkHubspot(
  session: DebugSession,
  targetName: string | undefined,
  syncs: readonly Sync[],
  list: Checklist,
): Promise<ReadonlyMap<string, ObjectSchema>> {
  const { settings } = session.project
  const rest = ['account', 'daily usage', 'scopes', 'objects']
  const hubspot = await list.attempt('token', () => connectHubspot(session))
  if (hubspot === undefined) {
    for (const check of rest) list.skip(check, 'no token')
    return new Map()
  }
  list.ok('token', tokenSource(settings))
  const account = await list.attempt('account', () => hubspot.destination.account(session.drain))
  if (account === undefined) {
    for (const check of rest.slice(1)) list.skip(check, 'the account could not be read')
    return new Map()
  }
  list.ok('account', `portal ${account.portalId}, ${account.accountType}, ${settings.baseUrl}`)
  if (targetName === undefined) list.skip('may write', 'no target')
  else {
    const permission = writePermission(targetName, settings, settings.baseUrl, account)
    if (permission.allowed)
      list.ok('may write', `target ${targetName} to portal ${account.portalId}`)
    else list.error('may write', permission.why, permission.hint)
  }
  checkUsage(hubspot, list)
  await checkScopes(session, hubspot, syncs, list)
  return checkObjects(session, hubspot, syncs, list)
}

/** Where the token comes from; never the token. */
function tokenSource({ token, tokenPlace }: Settings): string {
  return token.kind === 'command'
    ? `printed by \`${token.command[0]}\` (token_command)`
    : `from ${tokenPlace}`
}

/** HubSpot's headers say how much of the day's calls is left. */
function checkUsage({ destination }: Hubspot, list: Checklist): void {
  const { dailyMax, dailyRemaining, maxPerInterval, intervalMs } = destination.limits()
  if (dailyMax === undefined || dailyRemaining === undefined) {
    list.skip('daily usage', 'HubSpot does not say')
    return
  }
  const left = `${numberOf(dailyRemaining)} of ${numberOf(dailyMax)} calls left today, ${maxPerInterval} per ${intervalMs / 1000} s`
  if (dailyRemaining >= dailyMax * scarceShare) list.ok('daily usage', left)
  else {
    list.error(
      'daily usage',
      left,
      "The limit is shared by all apps of the account and resets at midnight of the account's time zone.",
    )
  }
}

/** What the syncs need of the token, as `inspect scopes` lists it. */
async function checkScopes(
  { drain }: Pick<Session, 'drain'>,
  { destination }: Hubspot,
  syncs: readonly Sync[],
  list: Checklist,
): Promise<void> {
  if (syncs.length === 0) return list.skip('scopes', 'no sync is selected')
  await list.attempt('scopes', async () => {
    const granted = await destination.grantedScopes(drain)
    if (granted === undefined) {
      return list.skip('scopes', 'HubSpot does not say which ones the token has')
    }
    const ask = <T>(question: () => Promise<T>) => question()
    const needed = await neededScopes({ ask, destination, drain }, syncs)
    const missing = needed.filter(({ anyOf }) => !anyOf.some((scope) => granted.includes(scope)))
    if (missing.length === 0) {
      return list.ok('scopes', `all ${countOf(needed.length, 'scope')} that the syncs need`)
    }
    list.error(
      'scopes',
      `the token lacks ${missing.map(({ anyOf }) => anyOf.join(' or ')).join(', ')}`,
      'Add them to the app in HubSpot; a new token may be needed. `backhaul inspect scopes` says what each is for.',
    )
  })
}

/** Describes each object once, as a run does: shows missing scopes and unknown objects. */
async function checkObjects(
  session: HubspotSession & Pick<Session, 'drain'>,
  { destination }: Hubspot,
  syncs: readonly Sync[],
  list: Checklist,
): Promise<ReadonlyMap<string, ObjectSchema>> {
  const schemas = new Map<string, ObjectSchema>()
  if (syncs.length === 0) list.skip('objects', 'no sync is selected')
  const { io } = session
  const readSchema = schemaReader({
    ...session,
    destination,
    clock: io.clock,
    random: io.random,
    sleep,
  })
  const told = new Set<string>()
  const isRead = new Set<string>()
  for (const sync of syncs) {
    await list.attempt('objects', async () => {
      // Of an object that cannot be read it is said once.
      if (told.has(sync.object) && !isRead.has(sync.object)) return
      const isFirst = told.size < told.add(sync.object).size
      const schema = await readSchema(sync)
      isRead.add(sync.object)
      schemas.set(sync.name, schema)
      if (!isFirst) return
      list.ok(
        'objects',
        `${schema.name} (${schema.objectTypeId}), ${schema.properties.size} properties`,
      )
    })
  }
  return schemas
}
