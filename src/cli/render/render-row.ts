import { printable } from '../../errors.ts'
import type { Attempt, StateRow } from '../../record/row-history.ts'
import type { Paint } from './paint.ts'
import { renderTable } from './render-table.ts'
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
  return [
    paint.bold('Attempts'),
    ...(left > 0 ? [`  … ${countOf(left, 'older one', 'older ones')}; --all shows every one`] : []),
    ...renderTable(rows, 60),
    ...messagesOf(shown),
  ]
}

/** What was answered: each message once, with its last time. */
function messagesOf(attempts: readonly Attempt[]): readonly string[] {
  const told = new Map<string, { readonly last: Attempt; readonly times: number }>()
  for (const attempt of attempts) {
    if (attempt.errorMessage === null) continue
    const times = told.get(attempt.errorMessage)?.times ?? 0
    told.set(attempt.errorMessage, { last: attempt, times: times + 1 })
  }
  return [...told].map(([message, { last, times }]) => {
    const often = times === 1 ? '' : `${times} times, last `
    const correlation = last.correlationId === null ? '' : ` (correlation id ${last.correlationId})`
    return `  ${often}${last.at}: ${printable(message)}${correlation}`
  })
}
