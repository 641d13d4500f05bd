import type { RunStatus } from '../types.ts'

/**
 * What `backhaul report` shows, put into the page as JSON: collected by `src/report`, drawn by `src/report/page`, which shares nothing
 * else. Moments are ISO 8601 in UTC; ids are those of the audit tables. Columns that repeat have arrays of their own (`ReportChanges`),
 * so that 100,000 changes stay small.
 */
export interface ReportPayload {
  readonly version: 1
  readonly generatedAt: string
  readonly backhaulVersion: string
  /** dbt target, its warehouse in words, and the HubSpot account; null where no run has told. */
  readonly targetName: string
  readonly warehouse: string
  readonly portalId: string | null
  /** How `audit.values` keeps values: the page says so where it shows none. */
  readonly values: 'full' | 'hashed' | 'none'
  /** The runs that were looked at begin here. */
  readonly since: string
  /** What the reader has to know of all of it, e.g. that it is of a moment ago because a run holds the state; null for nothing. */
  readonly note: string | null
  /** Requests that the account allows per interval, as was told last; null where nobody has. */
  readonly limit: { readonly requests: number; readonly seconds: number } | null
  readonly syncs: readonly ReportSync[]
  /** Newest first. */
  readonly runs: readonly ReportRun[]
  readonly changes: ReportChanges
  readonly problems: readonly ReportProblem[]
  /** Newest first. */
  readonly requests: readonly ReportRequest[]
  /** How much there is of what was cut; equal to what is shown where nothing was. */
  readonly totals: { readonly runs: number; readonly changes: number; readonly requests: number }
}

/** Health of one sync, of its newest run that sent something and of its state. */
export interface ReportSync {
  readonly name: string
  readonly model: string
  /** `contacts`; of an event or a list its name. */
  readonly object: string
  readonly type: 'object' | 'event' | 'list'
  readonly status: RunStatus | null
  readonly lastRunId: string | null
  readonly lastSuccessAt: string | null
  /** Rows of the state by status. */
  readonly rows: Readonly<Record<string, number>>
  /** Where its records are looked at in HubSpot, without the record's id, which goes behind it; null where there is no such page. */
  readonly url: string | null
  /** Rows of its state that do not come through, by reason; most frequent first. */
  readonly errors: readonly ReportStateError[]
  /** What to do next, a line each, as `backhaul status` says; null for nothing. */
  readonly nextStep: string | null
}

/** Rows of the state that do not come through now for one reason. */
export interface ReportStateError {
  readonly status: string
  readonly category: string
  readonly rows: number
  /** Null: the rows have no key. */
  readonly exampleRowId: string | null
  readonly advice: string
}

/** One row of `runs`. */
export interface ReportRun {
  readonly runId: string
  readonly invocationId: string
  readonly sync: string
  readonly status: RunStatus
  readonly startedAt: string
  readonly finishedAt: string | null
  readonly rowsInModel: number | null
  /** Rows by outcome: `created`, `updated`, `rejected`, … as in `run_results.json`; none of zero. */
  readonly counts: Readonly<Record<string, number>>
  readonly callsPlanned: number | null
  readonly callsMade: number
  readonly readsMade: number
  readonly errorCategory: string | null
  readonly errorMessage: string | null
}

/** Rows of `changes`, newest run first; the nth entries of all arrays are one change. */
export interface ReportChanges {
  /** Index into `runs`. */
  readonly run: readonly number[]
  readonly rowId: readonly string[]
  readonly recordId: readonly (string | null)[]
  readonly operation: readonly string[]
  readonly outcome: readonly string[]
  /** Property → old and new value, as `audit.values` allows; null where a side is not kept. Empty of links. */
  readonly values: readonly ChangedValues[]
  /** Of a link: its entry, target and labels. */
  readonly link: readonly (ChangedLink | null)[]
  /** Index into `problems`; null for none. */
  readonly problem: readonly (number | null)[]
  /** What went wrong in words; null where that is the problem's own example. */
  readonly message: readonly (string | null)[]
  readonly requestId: readonly (string | null)[]
}

/** `ReportChanges`, whose values are JSON texts still: 100,000 small objects would take several times the memory. */
export type CollectedChanges = Omit<ReportChanges, 'values'> & {
  readonly values: readonly string[]
}

/** The payload as it is collected. */
export type CollectedReport = Omit<ReportPayload, 'changes'> & {
  readonly changes: CollectedChanges
}

export type ChangedValues = Readonly<
  Record<string, readonly [old: string | null, new: string | null]>
>

export interface ChangedLink {
  readonly association: string
  readonly target: string | null
  readonly targetRecordId: string | null
  readonly labels: string | null
}

/** Changes that went wrong in the same way. */
export interface ReportProblem {
  readonly sync: string
  readonly category: string
  readonly property: string | null
  /** Rows that had it, each once, however many runs met it. */
  readonly rows: number
  readonly message: string
  /** What it means and what to do, as docs/troubleshooting.md says; null where nothing is known of it. */
  readonly advice: string | null
  /** Newest run that had it. */
  readonly lastRunId: string
}

/** One attempt of one call, as far as `audit.requests` keeps it. */
export interface ReportRequest {
  readonly requestId: string
  readonly runId: string | null
  readonly invocationId: string
  readonly method: string
  readonly path: string
  /** Null when no answer came. */
  readonly status: number | null
  readonly attempt: number
  readonly startedAt: string
  readonly milliseconds: number | null
  readonly inputs: number | null
  readonly category: string | null
  readonly correlationId: string | null
  /** Requests that the account allows in ten seconds, and what was left of them and of the day, as the answer's headers said. */
  readonly limit: number | null
  readonly remaining: number | null
  readonly dailyRemaining: number | null
  /** A body that is too long is cut, and ends with `…`. */
  readonly requestBody: string | null
  readonly responseBody: string | null
}

/** One row, as `report --serve` answers for it: its state, links, and everything that was tried with it. */
export interface ReportRow {
  readonly sync: string
  readonly rowId: string
  /** Null where the state does not have the row. */
  readonly state: {
    readonly recordId: string | null
    readonly status: string
    readonly attempts: number
    readonly nextAttemptAt: string | null
    readonly errorCategory: string | null
    readonly errorMessage: string | null
    readonly advice: string | null
    readonly firstSyncedAt: string | null
    readonly lastSyncedAt: string | null
    /** Property → value HubSpot was last sent; null where `audit.values` keeps it back. */
    readonly sent: Readonly<Record<string, string | null>>
  } | null
  /** The record in HubSpot's app; null where that is not known. */
  readonly url: string | null
  readonly links: readonly {
    readonly association: string
    readonly target: string | null
    readonly targetRecordId: string | null
    readonly status: string
    readonly errorCategory: string | null
    readonly errorMessage: string | null
  }[]
  /** Oldest first, all that the audit has. */
  readonly attempts: readonly {
    readonly runId: string
    readonly at: string | null
    readonly operation: string
    readonly outcome: string
    readonly recordId: string | null
    readonly values: ChangedValues
    readonly errorCategory: string | null
    readonly errorMessage: string | null
    readonly requestId: string | null
  }[]
}
