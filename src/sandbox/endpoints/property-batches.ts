import { type Answer, NO_CONTENT, refuseInvalid } from '../answers.ts'
import { archiveProperty, createProperty } from '../store/property-definitions.ts'
import type { BatchProblem } from '../store/rejection.ts'
import { batchAnswer } from './batch-answer.ts'
import { MAX_BATCH_INPUTS } from './batch-input.ts'
import { isObject, onType } from './request.ts'

/** `POST /crm/v3/properties/{type}/batch/create`: 201, or 207 where some were refused. */
export const createProperties = onType((type, request, { portal }) => {
  const inputs = readDefinitions(request.body)
  if ('status' in inputs) return inputs
  const results: unknown[] = []
  const problems: BatchProblem[] = []
  for (const input of inputs) {
    const created = createProperty(portal, type, input, request.now)
    if ('property' in created) results.push(created.property)
    else problems.push(problemOf(created.refusal, String(input['name'])))
  }
  return batchAnswer(portal, 201, results, problems, request.now)
})

/** `POST …/batch/read`: unknown names come as errors of a 207. */
export const readProperties = onType((type, request, { portal }) => {
  const inputs = readDefinitions(request.body)
  if ('status' in inputs) return inputs
  const isArchived = isObject(request.body) && request.body['archived'] === true
  const results: unknown[] = []
  const problems: BatchProblem[] = []
  for (const input of inputs) {
    const name = String(input['name'])
    const definition = type.properties.get(name)?.definition
    if (definition?.archived === isArchived) results.push(definition)
    else problems.push(missingProperty(name))
  }
  return batchAnswer(portal, 200, results, problems, request.now)
})

/** `POST …/batch/archive`: 204 whatever the state. */
export const archiveProperties = onType((type, request, { portal }) => {
  const inputs = readDefinitions(request.body)
  if ('status' in inputs) return inputs
  for (const input of inputs) archiveProperty(portal, type, String(input['name']), request.now)
  return NO_CONTENT
})

function readDefinitions(body: unknown): Readonly<Record<string, unknown>>[] | Answer {
  const inputs = isObject(body) ? body['inputs'] : undefined
  if (!Array.isArray(inputs) || !inputs.every(isObject)) {
    return refuseInvalid('Some required fields were not set: [inputs]')
  }
  if (inputs.length > MAX_BATCH_INPUTS) {
    return refuseInvalid(`The maximum number of inputs supported is ${MAX_BATCH_INPUTS}`)
  }
  return inputs
}

function problemOf(refusal: Answer, name: string): BatchProblem {
  const body = isObject(refusal.body) ? refusal.body : {}
  return {
    status: 'error',
    category: String(body['category']),
    message: String(body['message']),
    context: { name: [name] },
  }
}

function missingProperty(name: string): BatchProblem {
  const message = `Property "${name}" does not exist`
  return { status: 'error', category: 'OBJECT_NOT_FOUND', message, context: { name: [name] } }
}
