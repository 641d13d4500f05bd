import { isOfEntry } from '../../plan/links/link-name.ts'
import { type Identity, readIdentities } from '../../record/identity.ts'
import type { Ledger } from '../../record/ledger.ts'
import { readReasons } from '../../record/rejects.ts'
import {
  type HeldLease,
  type RecordedRun,
  readHeldLeases,
  readLastRuns,
  readLastSuccesses,
  readLinkGroups,
  readStateGroups,
} from '../../record/status.ts'
import { holderInWords } from '../../run/leases.ts'
import type { RowStatus, Say, Sync } from '../../types.ts'
import { isHolderGone } from '../lease-holder.ts'
import { describeReason } from '../render/reasons.ts'
import { stateName } from './state-access.ts'
import { judge } from './status-verdict.ts'
import { keylessCategories, type StatusError, type SyncStatus } from './sync-status.ts'

/** Statuses whose rows did not come through. */
const troubled: readonly string[] = [
  'rejected',
  'parked',
  'skipped',
  'pending',
  'sending',
  'unknown',
]

/** What was read of all syncs at once, by the name of the sync or of its state. */
interface Recorded {
  readonly pinned: readonly Identity[]
  readonly runs: ReadonlyMap<string, RecordedRun>
  readonly wholeRuns: ReadonlyMap<string, RecordedRun>
  readonly successes: ReadonlyMap<string, string>
  readonly leases: ReadonlyMap<string, HeldLease>
}

/** A sync by its name, and the name that its state goes by. */
interface Subject {
  readonly name: string
  readonly stateOf: string
  /** Absent where the project does not define it. */
  readonly sync?: Sync
}

/**
 * Reads how syncs stand. Asks the warehouse only.
 *
 * @param orphans also syncs with a state that the project does not define
 * @param say writes the commands to type next
 */
export async function readStatuses(
  ledger: Ledger,
  syncs: readonly Sync[],
  definedNames: ReadonlySet<string>,
  orphans: boolean,
  say: Say,
): Promise<readonly SyncStatus[]> {
  const recorded = await readRecorded(ledger)
  const { pinned } = recorded
  const subjects: Subject[] = syncs.map((sync) => ({
    name: sync.name,
    stateOf: stateName(sync, pinned),
    sync,
  }))
  const known = new Set([...definedNames, ...subjects.map(({ stateOf }) => stateOf)])
  if (orphans) {
    for (const { syncName } of pinned) {
      if (!known.has(syncName)) subjects.push({ name: syncName, stateOf: syncName })
    }
  }
  const statuses: SyncStatus[] = []
  for (const subject of subjects) statuses.push(await statusOf(ledger, subject, recorded, say))
  return statuses
}

async function readRecorded(ledger: Ledger): Promise<Recorded> {
  const pinned = await readIdentities(ledger)
  const runs = await readLastRuns(ledger)
  const isAnyLimited = [...runs.values()].some(({ isLimited }) => isLimited)
  const wholeRuns = isAnyLimited ? await readLastRuns(ledger, 'whole') : runs
  const successes = await readLastSuccesses(ledger)
  return { pinned, runs, wholeRuns, successes, leases: await readHeldLeases(ledger) }
}

async function statusOf(
  ledger: Ledger,
  { name, stateOf, sync }: Subject,
  { pinned, runs, wholeRuns, successes, leases }: Recorded,
  say: Say,
): Promise<SyncStatus> {
  const of = <T>(read: ReadonlyMap<string, T>) => read.get(name) ?? read.get(stateOf)
  const groups = await readStateGroups(ledger, stateOf)
  const lastRun = of(runs) ?? null
  const lastWhole = of(wholeRuns) ?? null
  const telling = tellingRun(lastRun, lastWhole)
  const keyless = await readKeyless(ledger, telling, lastWhole)
  const identity = pinned.find(({ syncName }) => syncName === stateOf)
  const seen = {
    sync: name,
    model: sync?.model.uniqueId ?? identity?.modelId ?? null,
    object: sync?.object ?? null,
    type: sync?.type ?? null,
    mode: sync?.mode ?? null,
    isDefined: sync !== undefined,
    portalId: identity?.portalId ?? null,
    rows: groups === undefined ? null : rowsByStatus(groups),
    lastRun,
    lastSuccessAt: of(successes) ?? null,
    underWay: underWayBy(of(leases)),
    errors: errorsOf([...(groups ?? []), ...keyless]),
    links:
      sync === undefined || sync.associations.length === 0
        ? null
        : await readLinks(ledger, stateOf, sync.associations),
  }
  return { ...seen, ...judge(seen, telling, say) }
}

function rowsByStatus(groups: readonly Group[]): NonNullable<SyncStatus['rows']> {
  const rows: Partial<Record<RowStatus, number>> = {}
  for (const group of groups) {
    const status = group.status as RowStatus
    rows[status] = (rows[status] ?? 0) + group.rows
  }
  return rows
}

const underWayBy = (lease: HeldLease | undefined): HeldLease | null =>
  lease === undefined || isHolderGone(lease.holder)
    ? null
    : { ...lease, holder: holderInWords(lease.holder) }

/** The run that says how a sync stands: one of some rows that went well says nothing about the others. */
const tellingRun = (last: RecordedRun | null, lastWhole: RecordedRun | null): RecordedRun | null =>
  last?.isLimited === true && last.status === 'succeeded' ? lastWhole : last

/** Rows that the state has no place for, as the last runs met them: a run of some rows may not have met all of them. */
async function readKeyless(
  ledger: Ledger,
  telling: RecordedRun | null,
  lastWhole: RecordedRun | null,
): Promise<readonly Group[]> {
  const runs = new Map(
    [lastWhole, telling].flatMap((run) => (run === null ? [] : [[run.runId, run] as const])),
  )
  const found = new Map<string, Group>()
  for (const { runId, counts } of runs.values()) {
    if (counts.rejected === 0) continue
    for (const group of await readReasons(ledger, runId, 'rejected')) {
      const known = found.get(group.category)?.rows ?? 0
      if (keylessCategories.includes(group.category) && group.rows > known)
        found.set(group.category, { ...group, status: 'rejected' })
    }
  }
  return [...found.values()]
}

type Group = Pick<StatusError, 'status' | 'rows' | 'exampleRowId'> & {
  readonly category: string | null
}

async function readLinks(
  ledger: Ledger,
  syncName: string,
  entries: Sync['associations'],
): Promise<NonNullable<SyncStatus['links']>> {
  const found = await readLinkGroups(ledger, syncName)
  const groups = byReason(found.filter(({ association }) => isOfEntry(association, entries)))
  const counts: Record<string, number> = {}
  for (const { status, rows } of groups) counts[status] = (counts[status] ?? 0) + rows
  return { counts, errors: errorsOf(groups) }
}

/** Groups of all entries, by status and reason. */
function byReason(groups: readonly Group[]): readonly Group[] {
  const sums = new Map<string, Group>()
  for (const group of groups) {
    const key = `${group.status} ${group.category}`
    const known = sums.get(key)
    sums.set(key, known === undefined ? group : { ...known, rows: known.rows + group.rows })
  }
  return [...sums.values()]
}

/** Most frequent first. */
function errorsOf(groups: readonly Group[]): readonly StatusError[] {
  return groups
    .filter(({ status, category }) => category !== null && troubled.includes(status))
    .map(({ status, category, rows, exampleRowId }) => ({
      status,
      category: category ?? '',
      rows,
      exampleRowId,
      ...describeReason(category ?? ''),
    }))
    .sort((one, other) => other.rows - one.rows)
}
