import type { Batch, Operation, OperationKind, RecordResult } from '../../types.ts'
import { type AnsweredRecord, readAnsweredRecord } from './answered-record.ts'
import type { Reply } from './exchange.ts'
import { asArray, asText } from './json.ts'
import { matchByProperties } from './match-by-properties.ts'
import { type RecordRefusal, readRecordError } from './record-errors.ts'

/** Trace id of an operation: HubSpot echoes it in errors, sometimes in results. Unique in a batch and in a run. */
export function traceIdOf(operation: Operation): string {
  return String(operation.sequence)
}

/**
 * Says for each operation of a batch what the answer says about it. Errors are matched by trace id, else by the ids in
 * their context; results by trace id, else by the match property's value, else by record id, else (creates) by their
 * properties; a single one left over on both sides belongs together. HubSpot's order means nothing. What neither list
 * accounts for is `unknown`.
 *
 * @returns one result per operation, in order
 * @throws never
 */
export function accountFor(batch: Batch, reply: Reply): readonly RecordResult[] {
  const shared = {
    requestId: reply.requestId,
    ...(reply.correlationId === undefined ? {} : { correlationId: reply.correlationId }),
  }
  const refused = matchErrors(batch.operations, asArray(reply.body['errors']).map(readRecordError))
  const open = batch.operations.filter((operation) => !refused.has(operation))
  const records = asArray(reply.body['results']).flatMap(readAnsweredRecord)
  const written =
    reply.status === 204
      ? new Map<Operation, AnsweredRecord | undefined>(open.map((each) => [each, undefined]))
      : matchRecords(batch, open, records)
  return batch.operations.map((operation): RecordResult => {
    const { sequence } = operation
    const refusal = refused.get(operation)
    if (refusal !== undefined) return { ...refusedResult(operation, refusal), ...shared }
    if (!written.has(operation)) return { sequence, ...SILENT, ...shared }
    return { ...writtenResult(batch.kind, operation, written.get(operation)), ...shared }
  })
}

const SILENT = {
  outcome: 'unknown',
  error: { category: 'NOT_ACCOUNTED_FOR', message: "HubSpot's answer does not mention the record" },
} as const

function writtenResult(
  kind: OperationKind,
  operation: Operation,
  record: AnsweredRecord | undefined,
): RecordResult {
  const recordId = record?.recordId ?? operation.recordId
  const isCreated = kind === 'upsert' ? record?.isNew : kind === 'create'
  return {
    sequence: operation.sequence,
    outcome: 'succeeded',
    ...(recordId === undefined ? {} : { recordId }),
    ...(isCreated === undefined ? {} : { isCreated }),
  }
}

function refusedResult(operation: Operation, refusal: RecordRefusal): RecordResult {
  return {
    sequence: operation.sequence,
    outcome: refusal.outcome,
    error: refusal.error,
    ...(operation.recordId === undefined ? {} : { recordId: operation.recordId }),
    ...(refusal.existingId === undefined ? {} : { existingId: refusal.existingId }),
  }
}

function matchErrors(
  operations: readonly Operation[],
  refusals: readonly RecordRefusal[],
): Map<Operation, RecordRefusal> {
  const refused = new Map<Operation, RecordRefusal>()
  for (const refusal of refusals) {
    const traceIds = new Set(refusal.traceIds)
    const ids = new Set(refusal.ids.map(fold))
    for (const operation of operations) {
      const isNamed =
        traceIds.size > 0
          ? traceIds.has(traceIdOf(operation))
          : addresses(operation).some((address) => ids.has(address))
      if (isNamed && !refused.has(operation)) refused.set(operation, refusal)
    }
  }
  // An error that names nobody can only mean the operation of a batch of one.
  const [only, ...others] = operations
  const [first] = refusals
  if (only !== undefined && others.length === 0 && first !== undefined && !refused.has(only)) {
    refused.set(only, first)
  }
  return refused
}

function matchRecords(
  batch: Batch,
  open: readonly Operation[],
  records: readonly AnsweredRecord[],
): Map<Operation, AnsweredRecord> {
  const matched = new Map<Operation, AnsweredRecord>()
  const claimed = new Set<AnsweredRecord>()
  const claim = (operation: Operation, record: AnsweredRecord | undefined): void => {
    if (record === undefined || claimed.has(record) || matched.has(operation)) return
    matched.set(operation, record)
    claimed.add(record)
  }
  const left = () => ({
    operations: open.filter((operation) => !matched.has(operation)),
    records: records.filter((record) => !claimed.has(record)),
  })
  const by = (keyOf: (record: AnsweredRecord) => string | undefined) =>
    indexBy(left().records, keyOf)

  const traces = by((record) => record.traceId)
  for (const operation of open) claim(operation, traces.get(traceIdOf(operation)))

  const { matchProperty } = batch
  if (matchProperty !== undefined) {
    // As it was sent first: two values may differ in case only. Then as HubSpot may have rewritten it.
    for (const keyOf of [asText, folded]) {
      const values = by((record) => keyOf(record.properties[matchProperty]))
      for (const operation of left().operations) {
        const value = operation.matchValue ?? operation.properties[matchProperty]
        if (value !== undefined) claim(operation, values.get(keyOf(value) ?? ''))
      }
    }
  }

  const ids = by((record) => record.recordId)
  for (const operation of left().operations) {
    if (operation.recordId !== undefined) claim(operation, ids.get(operation.recordId))
  }

  const rest = left()
  if (batch.kind === 'create') {
    for (const [operation, record] of matchByProperties(rest.operations, rest.records)) {
      claim(operation, record)
    }
  } else if (batch.kind === 'upsert') {
    const [operation, second] = rest.operations
    const [record, more] = rest.records
    // A contact found by its secondary e-mail comes back with its primary one.
    if (operation !== undefined && second === undefined && more === undefined)
      claim(operation, record)
  }
  return matched
}

/** Answered records by key; a key that two different records share matches none of them. */
function indexBy(
  records: readonly AnsweredRecord[],
  keyOf: (record: AnsweredRecord) => string | undefined,
): ReadonlyMap<string, AnsweredRecord> {
  const index = new Map<string, AnsweredRecord>()
  const ambiguous = new Set<string>()
  for (const record of records) {
    const key = keyOf(record)
    if (key === undefined || key === '') continue
    const before = index.get(key)
    if (before !== undefined && before.recordId !== record.recordId) ambiguous.add(key)
    index.set(key, record)
  }
  for (const key of ambiguous) index.delete(key)
  return index
}

function addresses(operation: Operation): readonly string[] {
  return [operation.recordId, operation.matchValue].flatMap((each) =>
    each === undefined ? [] : fold(each),
  )
}

function fold(value: string): string {
  return value.trim().toLowerCase()
}

function folded(value: unknown): string | undefined {
  const text = asText(value)
  return text === undefined ? undefined : fold(text)
}
