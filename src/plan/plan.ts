import type { Mode } from '../types.ts'
import type { AskedRow } from './asked-rows.ts'
import type { TrippedGuard } from './guards.ts'

/** What a run of one sync would do. Versioned plain data: `plan --output json` prints it. */
export interface Plan {
  readonly version: 1
  readonly sync: string
  readonly runId: string
  readonly model: string
  readonly object: string
  readonly mode: Mode
  readonly isFirstRun: boolean
  /** The session may create no scratch table: the changes were counted, and cannot be listed. */
  readonly isCountOnly: boolean
  /** Templates were not rendered, as a count of changes cannot: there are no more changes than these. */
  readonly isUpperBound?: true
  readonly rows: {
    readonly inModel: number
    readonly known: number
    readonly unchanged: number
    /** Left alone because HubSpot refused them too often; they are tried again when they change. */
    readonly parked: number
    /** Rows that may have been written and cannot be repeated safely: nothing is done about them. */
    readonly unknown: number
    readonly returned: number
    /** Rows that have nothing left to send once their bad values are dropped; they count as unchanged. */
    readonly onlyDropped: number
  }
  readonly operations: OperationCounts
  readonly rejects: readonly { readonly reason: string; readonly rows: number }[]
  /** Bad values that are left out of the rows looked at (`on_invalid: drop_property`), most frequent first. */
  readonly dropped: readonly DroppedValues[]
  readonly calls: Calls
  readonly guards: readonly TrippedGuard[]
  /** One per row that `--row` asked for. */
  readonly asked?: readonly AskedRow[]
  /** Bytes that the warehouse bills for a run of this plan; only where it bills bytes and was asked. */
  readonly bytesBilled?: number
}

export interface DroppedValues {
  readonly property: string
  readonly values: number
}

/** Rows per operation. `upsert` is "create or update": HubSpot decides. */
export interface OperationCounts {
  readonly create: number
  readonly upsert: number
  readonly update: number
  readonly clear: number
  readonly archive: number
  /** Left the model, nothing is done in HubSpot. */
  readonly leave: number
  readonly skip: number
  readonly reject: number
  /** Only the state is brought up to date: HubSpot already has these values. */
  readonly refresh: number
}

export interface Calls {
  readonly writes: number
  /** Look-ups before writing. */
  readonly lookups: number
}

/** What planning found out; `Plan` without the words around it. */
export interface Diff {
  readonly rowsInModel: number
  readonly knownRows: number
  readonly parked: number
  readonly unknown: number
  readonly returned: number
  readonly operations: OperationCounts
  readonly unboundUpdates: number
  /** Rows that are looked up for the sake of `write:`, by match value and by record id. */
  readonly policyRows: { readonly byMatch: number; readonly byId: number }
  readonly rejects: readonly { readonly reason: string; readonly rows: number }[]
  readonly dropped: readonly DroppedValues[]
  readonly onlyDropped: number
  /** One per row of `onlyRows`. */
  readonly asked?: readonly AskedRow[]
}

/**
 * Calls that a diff needs when nothing goes wrong. In update and insert mode, and for the sake of `write:`, rows are looked up
 * first, so writes are the most there can be.
 */
export function callsOf(
  diff: Pick<Diff, 'operations' | 'unboundUpdates' | 'policyRows'>,
  batchSize: number,
  hasMatch: boolean,
): Calls {
  const batches = (rows: number) => Math.ceil(rows / batchSize)
  const { operations, policyRows } = diff
  const { byMatch } = policyRows
  // Looked-up rows become creates and updates: a first one of these may need a call of its own.
  const updates =
    byMatch === 0 ? batches(operations.update) : 1 + batches(operations.update + byMatch - 1)
  return {
    writes:
      batches(operations.create) +
      batches(operations.upsert - byMatch) +
      updates +
      batches(operations.clear) +
      batches(operations.archive),
    lookups:
      (hasMatch ? batches(operations.create + diff.unboundUpdates + byMatch) : 0) +
      batches(policyRows.byId),
  }
}
