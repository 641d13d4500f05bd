import { type Answer, refuse, refuseInvalid } from '../answers.ts'
import type { ValueProblem } from './accepted-value.ts'
import { problemsMessage, refuseValues } from './check-values.ts'

/** Why one input of a write cannot be carried out. */
export type Rejection =
  | { readonly kind: 'values'; readonly problems: readonly ValueProblem[] }
  | { readonly kind: 'required'; readonly singular: string; readonly properties: readonly string[] }
  | { readonly kind: 'exists'; readonly singular: string; readonly existingId: string }
  | { readonly kind: 'missing'; readonly singular: string; readonly id: string }

/** An entry of `errors` in a multi-status answer; it lacks fields that HubSpot's spec calls required (observed). */
export interface BatchProblem {
  readonly status: 'error'
  readonly category: string
  readonly message: string
  readonly context: Readonly<Record<string, readonly string[]>>
}

/** The rejection of one input, as part of a multi-status answer. */
export function batchProblem(rejection: Rejection, traceId: string | undefined): BatchProblem {
  const trace = traceId === undefined ? {} : { objectWriteTraceId: [traceId] }
  const problem = (category: string, message: string, context: BatchProblem['context'] = {}) =>
    ({ status: 'error', category, message, context: { ...trace, ...context } }) as const
  switch (rejection.kind) {
    case 'values':
      return problem('VALIDATION_ERROR', problemsMessage(rejection.problems))
    case 'required':
      return problem('VALIDATION_ERROR', requiredMessage(rejection.singular), {
        properties: rejection.properties,
      })
    case 'exists':
      return problem('CONFLICT', existsMessage(rejection.singular, rejection.existingId), {
        existingId: [rejection.existingId],
      })
    case 'missing':
      return problem('OBJECT_NOT_FOUND', missingMessage(rejection.singular), {
        ids: [rejection.id],
      })
  }
}

/** The same rejection where it refuses the whole request. */
export function refuseFor(rejection: Rejection, namesExistingId: boolean): Answer {
  switch (rejection.kind) {
    case 'values':
      return refuseValues(rejection.problems)
    case 'required':
      return refuseInvalid(requiredMessage(rejection.singular), {
        context: { properties: rejection.properties },
      })
    case 'exists': {
      const id = namesExistingId ? rejection.existingId : undefined
      return refuse(409, 'CONFLICT', existsMessage(rejection.singular, id))
    }
    case 'missing':
      return refuse(404, 'OBJECT_NOT_FOUND', missingMessage(rejection.singular), {
        context: { ids: [rejection.id] },
      })
  }
}

/** Observed wording for ids that name no record. */
export function missingMessage(singular: string): string {
  return `Could not get some ${singular} objects, they may be deleted or not exist. Check that ids are valid.`
}

function existsMessage(singular: string, id: string | undefined): string {
  const name = singular.charAt(0) + singular.slice(1).toLowerCase()
  return `${name} already exists${id === undefined ? '' : `. Existing ID: ${id}`}`
}

function requiredMessage(singular: string): string {
  return `Error creating ${singular}. Some required properties were not set.`
}
