import type { HeldLease, RecordedRun } from '../../record/status.ts'
import type { RowStatus, Sync } from '../../types.ts'

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
  /** Null where the project does not define it. */
  readonly type: Sync['type'] | null
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

/** Categories of rows that have no key of their own, and so no row of the state. */
export const keylessCategories: readonly string[] = ['DUPLICATE_KEY', 'MISSING_KEY']
