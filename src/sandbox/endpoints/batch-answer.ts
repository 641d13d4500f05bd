import { type Answer, answer } from '../answers.ts'
import { shuffle } from '../random.ts'
import type { Portal } from '../store/portal.ts'
import { type BatchProblem, missingMessage } from '../store/rejection.ts'
import type { BatchInput } from './batch-input.ts'

/**
 * The answer to a batch: 207 where some inputs failed, else the plain success status.
 *
 * @param startedAt when the batch began, in milliseconds since the epoch
 */
export function batchAnswer(
  portal: Portal,
  success: 200 | 201,
  results: unknown[],
  problems: readonly BatchProblem[],
  startedAt: number,
): Answer {
  if (portal.quirks.shuffleResults) shuffle(results, portal.random)
  const times = {
    startedAt: new Date(startedAt).toISOString(),
    completedAt: new Date(portal.clock()).toISOString(),
  }
  if (problems.length === 0) return answer(success, { status: 'COMPLETE', results, ...times })
  const errors = [...problems]
  return answer(207, { status: 'COMPLETE', results, numErrors: errors.length, errors, ...times })
}

/** One problem for all ids that name no record, as reads and untraced updates answer. */
export function missingProblem(singular: string, ids: readonly string[]): BatchProblem {
  return {
    status: 'error',
    category: 'OBJECT_NOT_FOUND',
    message: missingMessage(singular),
    context: { ids },
  }
}

/** A result, with its trace id where the portal repeats them. */
export function traced<Result extends object>(
  portal: Portal,
  result: Result,
  input: BatchInput,
): Result {
  if (!portal.quirks.echoTraceIds || input.traceId === undefined) return result
  return { ...result, objectWriteTraceId: input.traceId }
}
