import type { Attempt, StateRow } from '../record/row-history.ts'
import type { Paint } from './paint.ts'
import { printable, renderTable } from './render-table.ts'
import { countOf } from './words.ts'

/** Attempts printed unless `--all`. */
const shownAttempts = 10

/** A row of the state, as one row of a table. */
export const stateRow = (state: StateRow) => ({
  status: state.status,
  record: state.recordId,
  'made here': state.isCreatedHere === null ? 'not known' : state.isCreatedHere ? 'yes' : 'no',
  attempts: String(state.attempts),
  'first sent': state.firstSyncedAt,
  'last sent': state.lastSyncedAt,
  error: state.errorCategory,
  message: state.errorMessage,
})

/** What was tried with a row: the last attempts, and what was answered. */
export function attemptsTable(
  attempts: readonly Attempt[],
  isAll: boolean,
  paint: Paint,
): readonly string[] {
  const shown = isAll ? attempts : attempts.slice(-shownAttempts)
  const left = attempts.length - shown.length
  const rows = shown.map((attempt) => {
    const { request } = attempt
    return {
      when: attempt.at,
      operation: attempt.operation,
      outcome: attempt.isCreated === true ? `${attempt.outcome}, created` : attempt.outcome,
      record: attempt.recordId,
      properties: attempt.properties.join(', '),
      error: attempt.errorCategory,
      request:
        request === null
          ? attempt.requestId
          : `${request.method} ${request.path} ${request.status ?? 'no answer'}`,
    }
  })
  const messages = shown.flatMap(({ at, errorMessage, correlationId }) =>
    errorMessage === null
      ? []
      : [
          `  ${at}: ${printable(errorMessage)}${correlationId === null ? '' : ` (correlation id ${correlationId})`}`,
        ],
  )
  return [
    paint.bold('Attempts'),
    ...(left > 0 ? [`  … ${countOf(left, 'older one', 'older ones')}; --all shows every one`] : []),
    ...renderTable(rows, 60),
    ...messages,
  ]
}
