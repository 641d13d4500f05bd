import { type Identity, readIdentities } from '../record/identity.ts'
import type { Ledger } from '../record/ledger.ts'
import {
  type HeldLease,
  type RecordedRun,
  readHeldLeases,
  readLastRuns,
  readLastSuccesses,
  readStateGroups,
} from '../record/status.ts'
import { holderInWords } from '../run/leases.ts'
import type { RowStatus, Sync } from '../types.ts'
import { describeReason } from './reasons.ts'
import { isHolderGone } from './session.ts'
import { stateName } from './state-access.ts'
import { countOf } from './words.ts'

/** Rows that did not succeed for one reason. */
export interface StatusError {
  readonly status: string
  readonly category: string
  readonly rows: number
  readonly exampleRowId: string
  readonly meaning: string
  readonly advice: string
}

/** How a sync stands, as `status --output json` prints it. */
export interface SyncStatus {
  readonly sync: string
  readonly model: string | null
  readonly object: string | null
  readonly mode: string | null
  /** The project still defines it. */
  readonly isDefined: boolean
  readonly portalId: string | null
  /** Rows of the state by status; null before the first run. */
  readonly rows: Readonly<Partial<Record<RowStatus, number>>> | null
  readonly lastRun: RecordedRun | null
  readonly lastSuccessAt: string | null
  /** Who runs it now. */
  readonly underWay: HeldLease | null
  /** Most frequent first. */
  readonly errors: readonly StatusError[]
  readonly isWell: boolean
  readonly nextStep: string | null
}

/** Statuses whose rows did not come through. */
const troubled: readonly string[] = [
  'rejected',
  'parked',
  'skipped',
  'pending',
  'sending',
  'unknown',
]

/** Reads how syncs stand. Asks the warehouse only. @param orphans also syncs with a state that the project does not define */
export async function readStatuses(
  ledger: Ledger,
  syncs: readonly Sync[],
  definedNames: ReadonlySet<string>,
  orphans: boolean,
): Promise<readonly SyncStatus[]> {
  const pinned = await readIdentities(ledger)
  const runs = await readLastRuns(ledger)
  const successes = await readLastSuccesses(ledger)
  const leases = await readHeldLeases(ledger)
  const facts: { name: string; stateOf: string; sync?: Sync; identity?: Identity }[] = syncs.map(
    (sync) => ({ name: sync.name, stateOf: stateName(sync, pinned), sync }),
  )
  const known = new Set([...definedNames, ...facts.map(({ stateOf }) => stateOf)])
  if (orphans) {
    for (const { syncName } of pinned) {
      if (!known.has(syncName)) facts.push({ name: syncName, stateOf: syncName })
    }
  }
  const statuses: SyncStatus[] = []
  for (const { name, stateOf, sync } of facts) {
    const groups = await readStateGroups(ledger, stateOf)
    const lease = leases.get(name) ?? leases.get(stateOf)
    const rows: Partial<Record<RowStatus, number>> = {}
    for (const group of groups ?? []) {
      const status = group.status as RowStatus
      rows[status] = (rows[status] ?? 0) + group.rows
    }
    const seen = {
      sync: name,
      model:
        sync?.model.uniqueId ?? pinned.find((one) => one.syncName === stateOf)?.modelId ?? null,
      object: sync?.object ?? null,
      mode: sync?.mode ?? null,
      isDefined: sync !== undefined,
      portalId: pinned.find((one) => one.syncName === stateOf)?.portalId ?? null,
      rows: groups === undefined ? null : rows,
      lastRun: runs.get(name) ?? runs.get(stateOf) ?? null,
      lastSuccessAt: successes.get(name) ?? successes.get(stateOf) ?? null,
      underWay:
        lease === undefined || isHolderGone(lease.holder)
          ? null
          : { ...lease, holder: holderInWords(lease.holder) },
      errors: (groups ?? [])
        .filter(({ status, category }) => category !== null && troubled.includes(status))
        .map(({ status, category, rows: count, exampleRowId }) => ({
          status,
          category: category ?? '',
          rows: count,
          exampleRowId,
          ...describeReason(category ?? ''),
        })),
    }
    statuses.push({ ...seen, ...judge(seen) })
  }
  return statuses
}

/** Whether somebody has to look, and what to do next. */
function judge(
  seen: Pick<SyncStatus, 'sync' | 'isDefined' | 'rows' | 'lastRun' | 'underWay'>,
): Pick<SyncStatus, 'isWell' | 'nextStep'> {
  const { sync, lastRun, underWay, rows } = seen
  const run = `backhaul run --select ${sync}`
  const count = (status: RowStatus) => rows?.[status] ?? 0
  const well = (nextStep: string | null) => ({ isWell: true, nextStep })
  const ill = (nextStep: string) => ({ isWell: false, nextStep })
  if (underWay !== null) return well(`A run is under way: ${underWay.holder}. Wait for its end.`)
  if (!seen.isDefined) {
    return well(
      `The project does not define it any more. To forget its state: backhaul clean --sync ${sync}`,
    )
  }
  if (lastRun === null) {
    return well(
      rows === null
        ? `It has not run yet: backhaul plan --select ${sync}`
        : `No run of it is recorded here: backhaul plan --select ${sync}`,
    )
  }
  if (lastRun.finishedAt === null) {
    return ill(`The last run was cut short; the next one finishes its books: ${run}`)
  }
  if (lastRun.status === 'guarded') {
    return ill(
      `A guard stopped it, and nothing was written. Look at the model; if it is right: ${run} --force-guard NAME`,
    )
  }
  if (count('unknown') > 0) {
    return ill(
      `Say what became of ${countOf(count('unknown'), 'unknown row')}: backhaul resolve ${sync}`,
    )
  }
  if (lastRun.status === 'failed') return ill(`Mend what its error says, then: ${run}`)
  if (count('rejected') > 0) {
    const steps = `Correct ${countOf(count('rejected'), 'rejected row')} in the model (backhaul show ${sync} KEY says what is wrong with one), build it, then: ${run}`
    return lastRun.status === 'succeeded' ? well(steps) : ill(steps)
  }
  if (lastRun.status !== 'succeeded') return ill(`Go on where it ended: ${run}`)
  if (count('parked') > 0) {
    return well(
      `Look at ${countOf(count('parked'), 'parked row')} (backhaul show ${sync} KEY). When the cause is gone: backhaul retry ${sync}`,
    )
  }
  if (count('pending') > 0) return well(`Send ${countOf(count('pending'), 'waiting row')}: ${run}`)
  return well(null)
}
