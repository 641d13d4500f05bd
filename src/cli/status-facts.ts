import { guardNames } from '../plan/guards.ts'
import { type Identity, readIdentities } from '../record/identity.ts'
import type { Ledger } from '../record/ledger.ts'
import { readReasons } from '../record/rejects.ts'
import {
  type HeldLease,
  type RecordedRun,
  readHeldLeases,
  readLastRuns,
  readLastSuccesses,
  readLinkGroups,
  readStateGroups,
} from '../record/status.ts'
import { holderInWords } from '../run/leases.ts'
import type { RowStatus, Sync } from '../types.ts'
import { describeReason } from './reasons.ts'
import { isHolderGone } from './session.ts'
import { keyWord } from './shell-word.ts'
import { stateName } from './state-access.ts'
import { countOf } from './words.ts'

/** Rows that did not succeed for one reason. */
export interface StatusError {
  readonly status: string
  readonly category: string
  readonly rows: number
  /** Null: the rows have no key. */
  readonly exampleRowId: string | null
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
  /** Links of the rows by status, and why they are not there; null where the sync has none. */
  readonly links: {
    readonly counts: Readonly<Record<string, number>>
    readonly errors: readonly StatusError[]
  } | null
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
  const isAnyLimited = [...runs.values()].some(({ isLimited }) => isLimited)
  const wholeRuns = isAnyLimited ? await readLastRuns(ledger, 'whole') : runs
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
    const lastRun = runs.get(name) ?? runs.get(stateOf) ?? null
    const lastWhole = wholeRuns.get(name) ?? wholeRuns.get(stateOf) ?? null
    const telling = tellingRun(lastRun, lastWhole)
    const keyless = await readKeyless(ledger, telling, lastWhole)
    const seen = {
      sync: name,
      model:
        sync?.model.uniqueId ?? pinned.find((one) => one.syncName === stateOf)?.modelId ?? null,
      object: sync?.object ?? null,
      mode: sync?.mode ?? null,
      isDefined: sync !== undefined,
      portalId: pinned.find((one) => one.syncName === stateOf)?.portalId ?? null,
      rows: groups === undefined ? null : rows,
      lastRun,
      lastSuccessAt: successes.get(name) ?? successes.get(stateOf) ?? null,
      underWay:
        lease === undefined || isHolderGone(lease.holder)
          ? null
          : { ...lease, holder: holderInWords(lease.holder) },
      errors: errorsOf([...(groups ?? []), ...keyless]),
      links: (sync?.associations ?? []).length === 0 ? null : await readLinks(ledger, stateOf),
    }
    statuses.push({ ...seen, ...judge(seen, telling) })
  }
  return statuses
}

/** The run that says how a sync stands: one of some rows that went well says nothing about the others. */
const tellingRun = (last: RecordedRun | null, lastWhole: RecordedRun | null): RecordedRun | null =>
  last?.isLimited === true && last.status === 'succeeded' ? lastWhole : last

/** Categories of rows that have no key of their own, and so no row of the state. */
const keylessCategories: readonly string[] = ['DUPLICATE_KEY', 'MISSING_KEY']

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
): Promise<NonNullable<SyncStatus['links']>> {
  const groups = await readLinkGroups(ledger, syncName)
  const counts: Record<string, number> = {}
  for (const { status, rows } of groups) counts[status] = (counts[status] ?? 0) + rows
  return { counts, errors: errorsOf(groups) }
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

type Verdict = Pick<SyncStatus, 'isWell' | 'nextStep'>

/** Whether somebody has to look, and what to do next: a line each. */
function judge(
  seen: Pick<SyncStatus, 'sync' | 'isDefined' | 'rows' | 'lastRun' | 'underWay' | 'errors'>,
  telling: RecordedRun | null,
): Verdict {
  const { sync, underWay, rows } = seen
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
  if (seen.lastRun === null) {
    return well(
      rows === null
        ? `It has not run yet: backhaul plan --select ${sync}`
        : `No run of it is recorded here: backhaul plan --select ${sync}`,
    )
  }
  if (telling?.finishedAt === null) {
    return ill(
      `The last run was cut short, and may have written records. The next one counts them and goes on: ${run}`,
    )
  }
  if (telling?.status === 'guarded') {
    const forced = forcing(telling).join(' ')
    return ill(
      `A guard stopped it, and nothing was written. Look at the model; if it is right: ${run} ${forced}`,
    )
  }
  if (count('unknown') > 0) {
    return ill(
      `Say what became of ${countOf(count('unknown'), 'unknown row')}: backhaul resolve ${sync}`,
    )
  }
  if (telling?.status === 'failed') return ill(`Mend what its error says, then: ${run}`)
  const steps = [...correctSteps(seen, run), ...parkedSteps(seen)]
  const isWell = telling === null || telling.status === 'succeeded'
  if (!isWell && !seen.errors.some(({ status }) => status === 'rejected')) {
    steps.unshift(`Go on where it ended: ${run}`)
  } else if (telling === null) {
    steps.push(`Only some rows were sent so far (--row or --limit). All of them: ${run}`)
  } else if (steps.length === 0 && count('pending') > 0) {
    steps.push(`Send ${countOf(count('pending'), 'waiting row')}: ${run}`)
  }
  return { isWell, nextStep: steps.length === 0 ? null : steps.join('\n') }
}

/** The flags that let the guards of a run pass; its error names them. */
const forcing = ({ error }: RecordedRun): readonly string[] =>
  guardNames
    .filter((name) => error?.message.includes(`${name}: `))
    .map((name) => `--force-guard ${name}`)

/** What to change in the model. */
function correctSteps(
  { sync, errors }: Pick<SyncStatus, 'sync' | 'errors'>,
  run: string,
): string[] {
  const rejected = errors.filter(({ status }) => status === 'rejected')
  const keyless = rejected.filter(({ category }) => keylessCategories.includes(category))
  const others = rejected.filter((error) => !keyless.includes(error))
  const steps: string[] = []
  if (keyless.length > 0) {
    const facts = keyless.map(({ rows, exampleRowId }) =>
      exampleRowId === null
        ? `${countOf(rows, 'row')} ${rows === 1 ? 'has' : 'have'} none`
        : `${countOf(rows, 'row')} share one, e.g. ${exampleRowId}`,
    )
    steps.push(
      `Give each row of the model a primary key of its own (${facts.join('; ')}), build it, then: ${run}`,
    )
  }
  if (others.length > 0) {
    steps.push(
      `Correct ${countOf(sumOf(others), 'rejected row')} in the model (what is wrong: ${showing(sync, others)}), build it, then: ${run}`,
    )
  }
  return steps
}

function parkedSteps({ sync, errors }: Pick<SyncStatus, 'sync' | 'errors'>): readonly string[] {
  const parked = errors.filter(({ status }) => status === 'parked')
  if (parked.length === 0) return []
  return [
    `Look at ${countOf(sumOf(parked), 'parked row')}: ${showing(sync, parked)}`,
    `When the cause is gone: backhaul retry ${sync}`,
  ]
}

const sumOf = (errors: readonly StatusError[]): number =>
  errors.reduce((sum, { rows }) => sum + rows, 0)

/** The command that explains one of the rows. */
const showing = (sync: string, [first]: readonly StatusError[]): string =>
  `backhaul show ${sync} ${keyWord(first?.exampleRowId ?? 'KEY')}`
