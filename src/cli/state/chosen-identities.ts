import { UserError } from '../../errors.ts'
import { type Identity, readIdentities } from '../../record/identity.ts'
import type { Ledger } from '../../record/ledger.ts'
import { readUnmergedRuns } from '../../record/leftovers.ts'
import { retried } from '../../run/asking.ts'
import { checkIdentity } from '../../run/prepare/identity-check.ts'
import { schemaReader } from '../../run/prepare/schema-reader.ts'
import type { Say } from '../../types.ts'
import type { Arguments } from '../command-line/option.ts'
import { connectHubspot } from '../connect-hubspot.ts'
import { type LoadedSyncs, loadSyncs } from '../load-syncs.ts'
import { askingOf } from '../run/asking.ts'
import { isSelective } from '../selection.ts'
import type { Session } from '../session.ts'
import { stateName } from './state-access.ts'

/** Without a selection every sync is meant, whatever the project's default selector is: no state is left behind unseen. */
export const loadChosen = (session: Session, args: Arguments): Promise<LoadedSyncs> =>
  isSelective(args) ? loadSyncs(session, args) : loadSyncs(session)

/**
 * The identities that are meant: those of the selected syncs; without a selection every one.
 *
 * @throws UserError when that is none
 */
export async function chosenIdentities(
  args: Arguments,
  { selected }: LoadedSyncs,
  ledger: Ledger,
): Promise<readonly Identity[]> {
  const pinned = await readIdentities(ledger)
  const names = new Set(selected.map((sync) => stateName(sync, pinned)))
  const chosen = isSelective(args) ? pinned.filter(({ syncName }) => names.has(syncName)) : pinned
  if (chosen.length === 0) throw nothingIn(ledger, pinned)
  return chosen
}

function nothingIn({ location: { schema } }: Ledger, pinned: readonly Identity[]): UserError {
  const names = pinned.map(({ syncName }) => syncName)
  return names.length === 0
    ? new UserError({
        message: `No sync has a state in ${schema}`,
        hint: 'Check the name of the schema and the target: `backhaul status --json` says which schema a target uses.',
      })
    : new UserError({
        message: `No selected sync has a state in ${schema}`,
        hint: `Syncs with a state there: ${names.join(', ')}.`,
      })
}

/** A run that is not merged has rows on their way: its books come first. */
export async function refuseOpenRuns(
  say: Say,
  ledger: Ledger,
  identities: readonly Identity[],
): Promise<void> {
  const names = identities.map(({ syncName }) => syncName)
  const [open] = await readUnmergedRuns(ledger, names)
  if (open === undefined) return
  throw new UserError({
    message: 'its last run was cut short, and its books are open',
    sync: open.syncName,
    hint: `Finish them first: ${say(`run --select ${open.syncName}`)}`,
  })
}

/** No state takes the place of another. */
export function refuseTaken(
  { location }: Ledger,
  syncs: readonly Identity[],
  taken: readonly Identity[],
  wayOut: string,
): void {
  const both = syncs.filter(({ syncName }) => taken.some((one) => one.syncName === syncName))
  if (both.length === 0) return
  throw new UserError(
    both.map(({ syncName }) => ({
      message: `has a state in ${location.schema} already`,
      sync: syncName,
      hint: `Nothing is merged or replaced. ${wayOut}, or use another \`schema:\`.`,
    })),
  )
}

/** The identities are those that the project, the portal and the token would pin: as a run checks them. */
export async function checkAll(
  session: Session,
  loaded: LoadedSyncs,
  identities: readonly Identity[],
): Promise<void> {
  const { destination } = await connectHubspot(session)
  const asking = askingOf(session, destination)
  const account = await retried(asking, () => destination.account(session.drain))
  const readSchema = schemaReader(asking)
  for (const identity of identities) {
    const { syncName } = identity
    const sync =
      loaded.all.find(({ name }) => name === syncName) ??
      loaded.all.find(({ previousName }) => previousName === syncName)
    if (sync === undefined) {
      throw new UserError({
        message: `The project has no sync ${syncName}, and none with \`previous_name: ${syncName}\``,
        hint: 'Add the sync first, or leave it out of the export with --exclude.',
      })
    }
    const schema = await readSchema(sync)
    const { definedNames } = loaded
    const verdict = checkIdentity({
      sync,
      schema,
      account,
      pinned: [identity],
      definedNames,
      say: session.say,
    })
    if (verdict.kind === 'refused') throw new UserError(verdict.problem)
  }
}
