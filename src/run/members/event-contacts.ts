import {
  completeContacts,
  type FoundContact,
  keepContacts,
  readContacts,
  takeRecords,
} from '../../record/event-contacts.ts'
import { readIdentities } from '../../record/identity.ts'
import { findMatches } from '../../resolve/matches.ts'
import type { ObjectSchema, Sync } from '../../types.ts'
import { retriedFind } from '../asking.ts'
import type { PreparedSync, RunContext } from '../context.ts'
import type { Stop } from '../sending/stop.ts'

/**
 * HubSpot is asked whether it knows whom events are about: of an unknown e-mail address it would make a contact, and an unknown id it would
 * drop. Of a list it says itself which ids it does not know.
 */
export const looksUpContacts = ({ event, list }: Pick<Sync, 'event' | 'list'>): boolean =>
  event === undefined
    ? list?.about.kind === 'email'
    : event.about.kind === 'id' || (event.about.kind === 'email' && !event.createsContacts)

/** What the rows of a sync ask for whose records are found out. */
export const aboutOperation = ({ event, mode }: Pick<Sync, 'event' | 'mode'>) =>
  event !== undefined ? 'send' : mode === 'remove' ? 'remove' : 'add'

/**
 * Finds out whom planned events are about, and who the planned members of a list are.
 *
 * @param openRun of the sync that their contacts come from, where it is not in its state yet
 * @returns why none of them may be sent
 */
export async function resolveContacts(
  context: RunContext,
  { sync, schema, runId }: PreparedSync,
  openRun: (syncName: string) => string | undefined,
): Promise<Stop> {
  const { ledger } = context
  const about = (sync.event ?? sync.list)?.about
  const operation = aboutOperation(sync)
  if (about?.kind === 'sync') {
    const foreign = await foreignSync(
      context,
      about.sync,
      sync.list === undefined ? undefined : schema,
    )
    if (foreign !== undefined) return foreign
    const other = openRun(about.sync)
    await takeRecords(ledger, sync.name, runId, operation, {
      syncName: about.sync,
      ...(other === undefined ? {} : { runId: other }),
    })
    return undefined
  }
  if (about === undefined || !looksUpContacts(sync)) return undefined
  const target = {
    objectType: about.kind === 'id' ? about.object : 'contacts',
    property: about.kind === 'id' ? 'hs_object_id' : 'email',
    batchSize: context.destination.maxBatchSize,
  }
  const limit = ledger.warehouse.dialect.capabilities.windowRows
  let after = ''
  while (!context.drain.aborted) {
    const contacts = await readContacts(ledger, sync.name, runId, operation, after, limit)
    const last = contacts.at(-1)
    if (last === undefined) break
    after = last.value
    const matches = await findMatches(
      contacts.map(({ value, sequence }) => ({ sequence, matchValue: value })),
      target,
      [],
      retriedFind(context),
    )
    const found = matches.flatMap(({ sequence, found: record }): readonly FoundContact[] =>
      record === undefined ? [] : [{ sequence, recordId: record.recordId }],
    )
    const askedAt = new Date(context.clock()).toISOString()
    if (found.length > 0) await keepContacts(ledger, sync.name, runId, found, askedAt)
  }
  if (!context.drain.aborted) {
    const sought = about.kind === 'email' ? 'e-mail address' : 'record id'
    await completeContacts(ledger, sync.name, runId, operation, sought)
  }
  return undefined
}

/** Record ids of another portal, or of another object, are those of strangers. */
export async function foreignSync(
  { ledger, account }: RunContext,
  syncName: string,
  schema: Pick<ObjectSchema, 'name' | 'objectTypeId'> | undefined,
): Promise<Stop> {
  const pinned = (await readIdentities(ledger)).find((identity) => identity.syncName === syncName)
  if (pinned === undefined) return undefined
  if (schema !== undefined && pinned.objectType !== schema.objectTypeId) {
    return {
      category: 'OTHER_OBJECT',
      message: `The state of sync ${syncName} speaks of object type ${pinned.objectType}, not of ${schema.name} (${schema.objectTypeId})`,
      hint: `Name a sync of ${schema.name}.`,
    }
  }
  if (pinned.portalId === account.portalId) return undefined
  return {
    category: 'OTHER_PORTAL',
    message: `The state of sync ${syncName} speaks of portal ${pinned.portalId}, the token belongs to portal ${account.portalId}: its record ids mean nothing there`,
    hint: 'Use the token of the first portal, or another `schema:` for the second one.',
  }
}
