import { DestinationError } from '../errors.ts'
import type { Operation, OperationKind, RecordResult } from '../types.ts'

/** Why something was not sent. */
export interface Reason {
  readonly category: string
  readonly message: string
}

/** Kinds whose repetition ends in the same state; a second create makes a second record. */
export function isIdempotent(kind: OperationKind): boolean {
  return kind !== 'create'
}

/**
 * An operation that is not sent any more.
 *
 * @param isDoubtful an answer was lost earlier
 */
export function pendingResult(
  operation: Operation,
  reason: Reason,
  isDoubtful = false,
): RecordResult {
  return {
    ...base(operation),
    outcome: 'pending',
    ...(isDoubtful ? { isDoubtful } : {}),
    error: { category: reason.category, message: reason.message },
  }
}

/**
 * An operation whose batch failed as a whole. Refused for its content, and nobody else in the batch: rejected. Else not
 * written (`pending`), perhaps written but safe to repeat (`pending`, doubtful), or perhaps written (`unknown`).
 *
 * @param isDoubtful an answer was lost, now or in an earlier attempt
 */
export function failedResult(
  operation: Operation,
  error: unknown,
  isDoubtful: boolean,
): RecordResult {
  const facts = error instanceof DestinationError ? error : undefined
  const isUnknown = isDoubtful && !isIdempotent(operation.kind)
  return {
    ...base(operation),
    outcome: facts?.isContent ? 'rejected' : isUnknown ? 'unknown' : 'pending',
    ...(isDoubtful && !facts?.isContent ? { isDoubtful } : {}),
    error: {
      category: facts?.category ?? 'DEFECT',
      message: facts?.vendorMessage ?? facts?.message ?? 'a defect ended the request',
      ...(facts?.property === undefined ? {} : { property: facts.property }),
    },
    ...(facts?.correlationId === undefined ? {} : { correlationId: facts.correlationId }),
    ...(facts?.requestId === undefined ? {} : { requestId: facts.requestId }),
  }
}

function base(operation: Operation): Pick<RecordResult, 'sequence' | 'recordId'> {
  const { sequence, recordId } = operation
  return recordId === undefined ? { sequence } : { sequence, recordId }
}
