import { Interrupted, UserError } from '../../errors.ts'
import type { DriftSelection } from '../../record/sent-rows.ts'
import { countSentLinks, countSentRows, readSentRows, unmetRows } from '../../record/sent-rows.ts'
import type { Sync } from '../../types.ts'
import { retried } from '../asking.ts'
import type { PreparedSync, RunContext } from '../context.ts'
import type { Findings } from './drift-difference.ts'
import { compareLinks, type LinkGroup, linkGroups } from './drift-links.ts'
import { compareMembers, readMembers } from './drift-members.ts'
import { compareRecords, keptProperties } from './drift-records.ts'
import type { DriftCalls, DriftScope } from './drift-tally.ts'

/** What of a sync is compared, and what that reads at least. */
interface Comparison {
  readonly scope: DriftScope
  readonly calls: DriftCalls
  /** Of a sync of a list that is there. */
  readonly listId: string | undefined
  readonly groups: readonly LinkGroup[]
}

export interface CompareOptions {
  readonly selection: DriftSelection
  /** Only how many calls it takes is said. */
  readonly isDryRun: boolean
  /** Calls that the whole command may make. */
  readonly maxCalls: number
}

/**
 * Compares all rows, and then all links, of a sync with what HubSpot holds.
 *
 * @param state is told what that takes before the first call
 * @throws UserError before the first call where it takes more than are left
 */
export async function compareAll(
  context: RunContext,
  prepared: PreparedSync,
  { selection, isDryRun, maxCalls }: CompareOptions,
  state: (scope: DriftScope, calls: DriftCalls) => void,
  findings: Findings,
): Promise<void> {
  const { scope, calls, listId, groups } = await weigh(context, prepared, selection)
  state(scope, calls)
  if (isDryRun) return
  const made = context.destination.counts()
  refuseTooMany(prepared.sync, calls, maxCalls - made.reads - made.writes)
  const moved =
    scope.rows > 0
      ? await compareRows(context, prepared, selection, listId, groups.length > 0, findings)
      : new Set<string>()
  for (const group of groups) {
    if (context.drain.aborted) throw new Interrupted()
    await compareLinks(context, prepared, group, selection, moved, findings)
  }
}

async function weigh(
  { ledger, destination }: RunContext,
  prepared: PreparedSync,
  selection: DriftSelection,
): Promise<Comparison> {
  const { sync, bound, list } = prepared
  const { rows, underWay, open } = await countSentRows(ledger, sync.name, selection)
  const groups: LinkGroup[] = []
  let [links, linkReads] = [0, 0]
  for (const group of linkGroups(bound.links)) {
    const sent = await countSentLinks(ledger, sync.name, group, selection)
    if (sent.links === 0) continue
    groups.push(group)
    links += sent.links
    linkReads += Math.ceil(sent.records / destination.maxLinkReadSize)
  }
  const comparesRecords = sync.list === undefined && keptProperties(prepared).length > 0
  const listId = rows > 0 ? list?.listId : undefined
  const comparesRows = comparesRecords || listId !== undefined
  return {
    scope: {
      rows: comparesRows ? rows : 0,
      links,
      underWay,
      open: comparesRows ? open : 0,
      unmet: await unmetRows(ledger, sync.name, selection.rowIds ?? []),
    },
    calls: {
      records: comparesRecords ? Math.ceil(rows / destination.maxBatchSize) : 0,
      links: linkReads,
      members:
        listId === undefined
          ? 0
          : Math.max(1, Math.ceil((list?.size ?? 0) / destination.membersPerPage)),
    },
    listId,
    groups,
  }
}

/** @returns where the sync has links: rows whose record is not what it was, and whose links went with it */
async function compareRows(
  context: RunContext,
  prepared: PreparedSync,
  selection: DriftSelection,
  listId: string | undefined,
  hasLinks: boolean,
  findings: Findings,
): Promise<ReadonlySet<string>> {
  const { ledger, drain } = context
  const moved = new Set<string>()
  const members = listId === undefined ? undefined : await readMembers(context, listId)
  const appId = appIdOf(context)
  const size = windowOf(context)
  for await (const window of readSentRows(ledger, prepared.sync.name, selection, size)) {
    if (drain.aborted) throw new Interrupted()
    if (members === undefined) {
      const gone = await compareRecords(context, prepared, window, appId, findings)
      if (hasLinks) for (const rowId of gone) moved.add(rowId)
    } else await compareMembers(context, prepared, window, members, findings)
    await findings.keep({ rows: window.length })
  }
  return moved
}

/** Which app wrote a value is worth one call; where HubSpot does not say, everything counts as somebody else's. */
function appIdOf(context: RunContext): () => Promise<string | undefined> {
  let asked: Promise<string | undefined> | undefined
  return () => {
    asked ??= retried(context, () => context.destination.appId(context.drain))
    return asked
  }
}

/** Whole requests, so that no more are made than were stated. */
function windowOf({ ledger, destination }: RunContext): number {
  const { windowRows } = ledger.warehouse.dialect.capabilities
  return Math.ceil(windowRows / destination.maxBatchSize) * destination.maxBatchSize
}

function refuseTooMany(sync: Sync, calls: DriftCalls, left: number): void {
  const total = calls.records + calls.links + calls.members
  if (total <= left) return
  throw new UserError({
    message: `comparing takes ${total.toLocaleString('en-US')} calls, and max_calls_per_run leaves ${Math.max(0, left).toLocaleString('en-US')}`,
    hint: 'Compare a part of the rows, chosen by chance: --sample 10000. Or raise max_calls_per_run in backhaul.yml.',
    sync: sync.name,
  })
}
