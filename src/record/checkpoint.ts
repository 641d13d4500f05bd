import type { OperationKind, RecordResult } from '../types.ts'
import { sql, type Value } from '../warehouse/sql.ts'
import { type Ledger, named, resultsOf, sharedTable } from './ledger.ts'

/** Operations of one kind between two positions of a plan, both inclusive. */
export interface Window {
  readonly kind: OperationKind
  readonly fromSeq: number
  readonly toSeq: number
}

/** A result as the `results` table takes it; `missing` and `conflict` have been decided by then. */
export interface StoredResult extends RecordResult {
  readonly outcome: 'succeeded' | 'rejected' | 'skipped' | 'pending' | 'unknown'
}

const resultColumns = [
  'run_id',
  'seq',
  'outcome',
  'record_id',
  'is_created',
  'is_doubtful',
  'error_category',
  'error_message',
  'error_property',
  'correlation_id',
  'request_id',
] as const

/** Says, before the first request of a window leaves, that its operations may be under way. */
export async function openWindow(ledger: Ledger, runId: string, window: Window): Promise<void> {
  const intents = named(ledger, sharedTable(ledger, 'intents'))
  await ledger.warehouse.execute(sql`insert into ${intents} (run_id, operation, from_seq, to_seq, opened_at, closed_at)
values (${runId}, ${window.kind}, ${window.fromSeq}, ${window.toSeq}, ${ledger.warehouse.dialect.now()}, null)`)
}

/** Says that all results of a window are stored: `storeResults` comes first. */
export async function closeWindow(ledger: Ledger, runId: string, window: Window): Promise<void> {
  const intents = named(ledger, sharedTable(ledger, 'intents'))
  await ledger.warehouse.execute(sql`update ${intents} set closed_at = ${ledger.warehouse.dialect.now()}
where run_id = ${runId} and operation = ${window.kind} and from_seq = ${window.fromSeq} and to_seq = ${window.toSeq}`)
}

/** Appends outcomes that are not in the state yet. */
export async function storeResults(
  ledger: Ledger,
  syncName: string,
  runId: string,
  results: readonly StoredResult[],
): Promise<void> {
  if (results.length === 0) return
  const rows = results.map((result): readonly Value[] => [
    runId,
    result.sequence,
    result.outcome,
    result.recordId ?? null,
    result.isCreated ?? null,
    result.isDoubtful ?? null,
    result.error?.category ?? null,
    result.error?.message ?? null,
    result.error?.property ?? null,
    result.correlationId ?? null,
    result.requestId ?? null,
  ])
  await ledger.warehouse.upload(resultsOf(ledger, syncName), resultColumns, rows)
}
