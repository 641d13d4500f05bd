import { DestinationError, type Problem, UserError, WarehouseError } from '../../errors.ts'
import type { DiffLink } from '../../plan/diff-spec.ts'
import { labelOf } from '../../plan/links/link-counts.ts'
import { readPlannedLinks } from '../../plan/links/row-links.ts'
import { type OneRow, readOneRow } from '../../plan/one-row.ts'
import type { PlannedChange } from '../../plan/planned-changes.ts'
import type { Identity } from '../../record/identity.ts'
import type { Ledger } from '../../record/ledger.ts'
import { retried } from '../../run/asking.ts'
import { contactSpec, linkedSpec } from '../../run/planning/foreign-rows.ts'
import { diffSpecOf } from '../../run/planning/sync-spec.ts'
import { checkSync } from '../../run/prepare/check-sync.ts'
import { checkIdentity } from '../../run/prepare/identity-check.ts'
import { schemaReader } from '../../run/prepare/schema-reader.ts'
import { historyOf } from '../../run/prepare/sync-history.ts'
import type { Account, Sync } from '../../types.ts'
import { connectHubspot } from '../connect-hubspot.ts'
import { describeFailure } from '../failure.ts'
import type { LoadedSyncs } from '../load-syncs.ts'
import { askingOf } from '../run/asking.ts'
import { readRunSettings } from '../run/run-options.ts'
import type { Session } from '../session.ts'

/** What HubSpot, or the way to it, says about the row's sync. */
export interface Computed {
  readonly account?: Account
  readonly model?: OneRow
  /** Labels of links by their types. */
  readonly words?: ReadonlyMap<string, string>
  /** What the next run does about links, and the entries that the sync has. */
  readonly plannedLinks?: readonly PlannedChange[]
  readonly entries?: readonly string[]
  /** Why the model's side could not be computed. */
  readonly problems: readonly Problem[]
}

/** A row, and where what is known of it stands. */
interface Asked {
  readonly session: Session
  readonly loaded: LoadedSyncs
  readonly ledger: Ledger
  readonly pinned: readonly Identity[]
  readonly sync: Sync
  /** The sync by the name that its state goes by. */
  readonly known: Sync
  readonly rowId: string
}

/** The model's side: it needs HubSpot's properties. What stands in the way is told, and the rest is shown all the same. */
export async function computeRow(asked: Asked): Promise<Computed> {
  const { session } = asked
  let account: Account | undefined
  try {
    const { destination } = await connectHubspot(session)
    const asking = askingOf(session, destination)
    account = await retried(asking, () => destination.account(session.drain))
    return { account, ...(await planRow(asked, asking, account)) }
  } catch (error) {
    const isTold =
      error instanceof UserError ||
      error instanceof DestinationError ||
      error instanceof WarehouseError
    if (!isTold || session.drain.aborted) throw error
    const { message, hint, problems } = describeFailure(error, session.io)
    return {
      ...(account === undefined ? {} : { account }),
      problems:
        problems.length > 0 ? problems : [{ message, ...(hint === undefined ? {} : { hint }) }],
    }
  }
}

/** What a run would do about the row. */
async function planRow(
  { session, loaded, ledger, pinned, sync, known, rowId }: Asked,
  asking: ReturnType<typeof askingOf>,
  account: Account,
): Promise<Omit<Computed, 'account'>> {
  const schema = await schemaReader(asking)(sync)
  const { bound, missing } = await checkSync({ ledger }, sync, schema)
  const { definedNames } = loaded
  const verdict = checkIdentity({ sync, schema, account, pinned, definedNames, say: session.say })
  const context = {
    ledger,
    destination: asking.destination,
    settings: readRunSettings(session),
    options: {
      isFullRefresh: false,
      forcedGuards: new Set<string>(),
      isRekeying: false,
      isFailFast: false,
    },
  }
  const prepared = {
    sync: known,
    schema,
    bound,
    missing,
    lacking: missing,
    runId: session.io.invocationId,
    warnings: [],
    ...historyOf(sync, pinned, verdict),
    isFirstRun: false,
  }
  const { spec } = await diffSpecOf(context, prepared, undefined)
  const linked = { ...spec, ...(await linkedSpec({ ledger }, prepared, [])) }
  const contacts = await contactSpec({ ledger }, prepared, [])
  const { model, plannedLinks } = await ledger.warehouse.withSnapshot(async () => ({
    model: await readOneRow(ledger.warehouse, { ...spec, ...contacts }, rowId),
    plannedLinks: await readPlannedLinks(ledger.warehouse, linked, rowId),
  }))
  const links = bound.links ?? []
  return {
    model,
    words: wordsOf(links),
    plannedLinks,
    entries: links.map(({ association }) => association),
    problems: verdict.kind === 'refused' ? [verdict.problem] : [],
  }
}

/** Labels of links by their types. */
const wordsOf = (links: readonly DiffLink[]): ReadonlyMap<string, string> =>
  new Map(
    links.flatMap(({ lookup }) =>
      lookup.entries.flatMap(({ term, meaning }) =>
        meaning === undefined ? [] : [[meaning, labelOf(lookup, meaning) ?? term] as const],
      ),
    ),
  )
