import type { Destination } from '../destination/destination.ts'
import type { Problem } from '../errors.ts'
import type { Logger } from '../log.ts'
import type { BoundSync } from '../plan/bind/bind.ts'
import type { Plan } from '../plan/plan.ts'
import type { SealedPlan } from '../plan/plan-digest.ts'
import type { Ledger } from '../record/ledger.ts'
import type { OutcomeCounts } from '../record/runs.ts'
import type {
  Account,
  AuditRequests,
  AuditValues,
  Clock,
  HoldCause,
  ObjectSchema,
  PropertyDefinition,
  RequestRecord,
  RunStatus,
  Say,
  Sleep,
  Sync,
} from '../types.ts'
import type { TableRef } from '../warehouse/dialect.ts'

/**
 * Named places between two effects. Tests end the process at one of them to prove that nothing is lost there;
 * what each leaves behind is told in `docs/guarantees.md`.
 */
export const crashPoints = [
  'lease-taken',
  'run-entered',
  'known-found',
  'templates-uploaded',
  'plan-written',
  'plan-resolved',
  'events-resolved',
  'links-resolved',
  'list-made',
  'members-resolved',
  'run-started',
  'window-opened',
  'answer-received',
  'made-again',
  'result-spooled',
  'window-sent',
  'results-stored',
  'window-closed',
  'removals-held',
  'before-merge',
  'slice-merged',
  'run-merged',
] as const

export type CrashPoint = (typeof crashPoints)[number]

/** What a run tells whoever watches. Numbers and names only. */
export interface Progress {
  /** The plan of a sync is made and may be sent. */
  planned(plan: Plan): void
  /** Rows of a sync have an outcome, `sent` in all so far. */
  sent(sync: string, sent: number, rejected: number): void
  finished(report: SyncReport): void
}

/** Parts of a sync's run. */
export type RunStep = 'prepare' | 'plan' | 'resolve' | 'send' | 'record'

/** Follows who does what, and does the work in any case. */
export interface Follow {
  /** Work for a sync. */
  sync<T>(
    sync: { readonly name: string; readonly runId: string; readonly object?: string },
    work: () => Promise<T>,
  ): Promise<T>
  /** A part of such work. */
  step<T>(step: RunStep, work: () => Promise<T>): Promise<T>
}

export interface RunOptions {
  readonly isFullRefresh: boolean
  readonly limit?: number
  readonly onlyRows?: readonly string[]
  readonly forcedGuards: ReadonlySet<string>
  /** A sync may have got another primary key: known rows are found by their match value. */
  readonly isRekeying: boolean
  /** A sync may match by another property: known rows are looked up by it. */
  readonly isRematching?: boolean
  /** Rows without a record are looked for, and nothing is sent. */
  readonly isAdopting?: true
  /** Stop at the first sync that does not succeed. */
  readonly isFailFast: boolean
}

/** Neither `--limit` nor `--row` keeps the run to some rows: what it does not meet has left. */
export const meetsAllRows = ({
  limit,
  onlyRows,
}: Pick<RunOptions, 'limit' | 'onlyRows'>): boolean => limit === undefined && onlyRows === undefined

export interface RunSettings {
  readonly auditValues: AuditValues
  readonly auditRequests: AuditRequests
  readonly retentionDays: number
  readonly leaseSeconds: number
  readonly requestTimeoutSeconds: number
  readonly concurrency: number
  /** After so long HubSpot's search shows what was written. */
  readonly searchDelaySeconds: number
}

/** Everything that the steps of a run share. */
export interface RunContext {
  readonly ledger: Ledger
  readonly destination: Destination
  readonly account: Account
  readonly invocationId: string
  readonly dbtInvocationId: string | null
  readonly targetName: string
  readonly say: Say
  readonly settings: RunSettings
  readonly options: RunOptions
  /** Plans of a plan file, by sync: nothing else may be sent. Absent: whatever is planned. */
  readonly approved?: { readonly plans: ReadonlyMap<string, SealedPlan>; readonly seal: string }
  /** HubSpot's words without the values they quote. */
  readonly scrub: (message: string, values: readonly string[]) => string
  /** Requests made since the last call; the audit's buffer. */
  readonly takeRequests: () => readonly RequestRecord[]
  /** Requests taken and not stored yet; filled and emptied while running. */
  readonly heldRequests: (RequestRecord & { readonly runId: string | null })[]
  /** Properties made so far, by object type and name; filled while running. */
  readonly madeProperties: Set<string>
  /** Syncs of which this run made records again that were gone: links lead to other records than was planned. */
  readonly madeAgain: Set<string>
  readonly spoolFolder: string
  /** Who this is in the lease. */
  readonly holder: string
  /** True when the holder was a process of this machine that has ended. */
  readonly isHolderGone: (holder: string) => boolean
  /** First signal: finish what is under way and record it. */
  readonly drain: AbortSignal
  /** Second signal: stop at once. */
  readonly abort: AbortSignal
  readonly log: Logger
  readonly clock: Clock
  readonly sleep: Sleep
  readonly random: () => number
  readonly newId: () => string
  readonly passing: (point: CrashPoint) => void
  readonly progress: Progress
  readonly follow: Follow
}

/** What planning needs of a run; `plan` alone has no more than this. */
export type PlanContext = Pick<RunContext, 'settings' | 'destination' | 'ledger' | 'options'> &
  Partial<Pick<RunContext, 'passing'>>

/** The list of a sync, as far as it is there. */
export interface TargetList {
  /** Absent where the run has to make it. */
  readonly listId?: string
  readonly name: string
  readonly size?: number
  /** True when Backhaul made it, or will. */
  readonly isMadeHere: boolean
  readonly warnings: readonly Problem[]
}

/** A sync that has been checked against model and portal. */
export interface PreparedSync {
  readonly sync: Sync
  readonly runId: string
  readonly schema: ObjectSchema
  readonly bound: BoundSync
  /** Properties that HubSpot does not have and that are made before anything is sent. */
  readonly lacking: readonly PropertyDefinition[]
  /** Those of them that no sync before this one makes. */
  readonly missing: readonly PropertyDefinition[]
  /** What a plan tells of the sync before it runs. */
  readonly warnings: readonly Problem[]
  /** Of a sync of a list. */
  readonly list?: TargetList
  /** Nothing of this sync has left yet: its identity is not pinned. */
  readonly isFirstRun: boolean
  /** What the project calls it, where a plan goes by the name that its state still has: other syncs name it so. */
  readonly definedName?: string
  /** Where the state is read from, if not from its own table: a plan may show what comes of a changed copy. */
  readonly state?: TableRef
  /** The same of links. */
  readonly links?: TableRef
  /** Where its change set stands, once it is planned: what that rejects gets no record in this run. */
  readonly planned?: TableRef
  /** The run that pinned it; absent on the first one. */
  readonly firstRunId?: string
}

/** Does a part of a run: the warehouse lists its statements under run and sync. */
export const asRun = <T>(
  { ledger: { warehouse }, follow }: Pick<RunContext, 'ledger' | 'follow'>,
  {
    sync,
    runId,
  }: Pick<PreparedSync, 'runId'> & {
    readonly sync: Pick<Sync, 'name'> & Partial<Pick<Sync, 'object'>>
  },
  work: () => Promise<T>,
): Promise<T> =>
  follow.sync({ ...sync, runId }, () => warehouse.withLabels({ sync: sync.name, run: runId }, work))

/** How the run of one sync ended. */
export interface SyncReport {
  readonly sync: string
  readonly runId: string | null
  readonly model: string
  readonly object: string
  readonly status: RunStatus
  readonly plan: Plan | null
  readonly counts: OutcomeCounts
  readonly calls: { readonly planned: number; readonly made: number; readonly reads: number }
  readonly problems: readonly Problem[]
  readonly error: {
    readonly category: string
    readonly message: string
    readonly hint?: string
    /** Of a sync that is held: the nodes and tests of dbt that hold it. */
    readonly causes?: readonly HoldCause[]
  } | null
  readonly durationMs: number
}
