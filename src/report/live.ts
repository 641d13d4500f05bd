import type { RunStatus } from '../types.ts'
import type { ReportRun } from './payload.ts'

/** Where runs tell, below the folder of our own in dbt's target folder. */
export const liveFolder = 'live'

/**
 * What a run tells while it is under way: a line of `target/backhaul/live/<invocation>.ndjson`, and an event of `report --serve`.
 * Names, numbers and HubSpot's paths only: never values, and no keys of rows. `at` is a moment in ISO 8601, in UTC.
 */
export type LiveEvent =
  | LiveRunStarted
  | LiveAccount
  | LiveSyncPlanned
  | LiveSyncProgress
  | LiveCalls
  | LiveRequest
  | LiveSyncEnded
  | LiveRunEnded

interface Told {
  readonly at: string
  /** The `backhaul run` that tells; several may be under way at once. */
  readonly invocationId: string
}

export interface LiveRunStarted extends Told {
  readonly type: 'run-started'
  /** Machine, process and invocation that run it. */
  readonly holder: string
  readonly targetName: string
  /** Syncs that it sets out to run, in their order. */
  readonly syncs: readonly string[]
}

/** HubSpot has said which account it is. */
export interface LiveAccount extends Told {
  readonly type: 'account'
  readonly portalId: string
  /** Host of HubSpot's app for it; null where HubSpot does not say. */
  readonly uiDomain: string | null
}

/** The plan of a sync is made, and is sent from now on. */
export interface LiveSyncPlanned extends Told {
  readonly type: 'sync-planned'
  readonly sync: string
  readonly runId: string
  /** Operations to send, links included. */
  readonly total: number
  readonly callsPlanned: number
  readonly expectedSeconds: number
}

/** At most two a second per sync, the longer a run takes the fewer: one a minute in the end. */
export interface LiveSyncProgress extends Told {
  readonly type: 'sync-progress'
  readonly sync: string
  readonly sent: number
  readonly rejected: number
}

/** The API calls since the last such event, one a second at first and one in ten seconds in the end: all of them are counted here. */
export interface LiveCalls extends Told {
  readonly type: 'calls'
  readonly made: number
  /** Of those made: ended in an error, limits included. */
  readonly failed: number
  /** Of those made: second and later attempts. */
  readonly repeated: number
  /** Of those made: refused because of a limit. */
  readonly limited: number
  /** Requests per ten seconds that the account allows; null where it is not known. */
  readonly limitPerTenSeconds: number | null
  /** How many could be made at once now, of the limit that is nearest (searches have their own); null where it is not known. */
  readonly remaining: number | null
}

/** One call. After the first 2,000 of a run only calls that failed, and after 4,000 none. */
export interface LiveRequest extends Told {
  readonly type: 'request'
  readonly requestId: string
  readonly method: string
  readonly path: string
  readonly status: number | null
  readonly attempt: number
  readonly milliseconds: number
  readonly inputs: number
  readonly category: string | null
}

export interface LiveSyncEnded extends Told {
  readonly type: 'sync-ended'
  readonly sync: string
  readonly runId: string | null
  readonly status: RunStatus
  readonly counts: ReportRun['counts']
  readonly errorCategory: string | null
  readonly errorMessage: string | null
}

export interface LiveRunEnded extends Told {
  readonly type: 'run-ended'
  /** Null: its process ended without a word. The next run finishes its books. */
  readonly exitCode: number | null
}

/** Where a sync stands, for whoever wants no more of it: the server's event `progress`. */
export interface ServedProgress {
  readonly sync: string
  readonly runId: string | null
  readonly status: RunStatus
  readonly done: number | null
  readonly total: number | null
  readonly rejected: number
}

/** The payload is a new one: the server's event `changed`. */
export interface ServedChange {
  readonly generatedAt: string
}
