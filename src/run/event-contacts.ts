import {
  completeContacts,
  type FoundContact,
  keepContacts,
  readContacts,
  takeRecords,
} from '../record/event-contacts.ts'
import { readIdentities } from '../record/identity.ts'
import { findMatches } from '../resolve/matches.ts'
import type { Sync } from '../types.ts'
import { retriedFind } from './asking.ts'
import type { PreparedSync, RunContext } from './context.ts'
import type { Stop } from './stop.ts'

/** HubSpot is asked whether it knows whom events are about: of an unknown e-mail address it would make a contact, and an unknown id it would drop. */
export const looksUpContacts = ({ event }: Pick<Sync, 'event'>): boolean =>
  event !== undefined &&
  (event.about.kind === 'id' || (event.about.kind === 'email' && !event.createsContacts))

/**
 * Finds out whom planned events are about.
 *
 * @param openRun of the sync that their contacts come from, where it is not in its state yet
 * @returns why none of them may be sent
 */
export async function resolveContacts(
  context: RunContext,
  { sync, runId }: PreparedSync,
  openRun: (syncName: string) => string | undefined,
): Promise<Stop> {
  const { ledger } = context
  const about = sync.event?.about
  if (about?.kind === 'sync') {
    const foreign = await foreignPortal(context, about.sync)
    if (foreign !== undefined) return foreign
    const other = openRun(about.sync)
    await takeRecords(ledger, sync.name, runId, {
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
    const contacts = await readContacts(ledger, sync.name, runId, after, limit)
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
  if (!context.drain.aborted) await completeContacts(ledger, sync.name, runId)
  return undefined
}

/** Record ids of another portal are those of strangers in this one. */
export async function foreignPortal(
  { ledger, account }: RunContext,
  syncName: string,
): Promise<Stop> {
  const pinned = (await readIdentities(ledger)).find((identity) => identity.syncName === syncName)
  if (pinned === undefined || pinned.portalId === account.portalId) return undefined
  return {
    category: 'OTHER_PORTAL',
    message: `The state of sync ${syncName} speaks of portal ${pinned.portalId}, the token belongs to portal ${account.portalId}: its record ids mean nothing there`,
    hint: 'Use the token of the first portal, or another `schema:` for the second one.',
  }
}
