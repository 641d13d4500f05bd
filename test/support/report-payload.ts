import type { ReportPayload } from '../../src/report/payload.ts'
import { payloadText, readPayload } from '../../src/report/payload-lines.ts'

/** A payload as the page holds it, with all of its columns. */
export function wholePayload(text: string): ReportPayload {
  const payload = readPayload(text)
  if (payload === undefined) throw new Error('a payload of another version')
  const { run, operation, outcome, problem, requestId, length, detailsOf } = payload.changes
  const details = Array.from({ length }, (_, index) => detailsOf(index))
  return {
    ...payload,
    changes: {
      run,
      operation,
      outcome,
      problem,
      requestId,
      rowId: details.map(({ rowId }) => rowId),
      recordId: details.map(({ recordId }) => recordId),
      values: details.map(({ values }) => values),
      link: details.map(({ link }) => link),
      message: details.map(({ message }) => message),
    },
  }
}

/** The text of a payload, as the page holds it. */
export const textOfPayload = (payload: ReportPayload): string =>
  [
    ...payloadText({
      ...payload,
      changes: {
        ...payload.changes,
        values: payload.changes.values.map((each) => JSON.stringify(each)),
      },
    }),
  ].join('')
