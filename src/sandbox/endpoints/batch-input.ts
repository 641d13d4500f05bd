import { type Answer, refuseInvalid } from '../answers.ts'
import type { ObjectType } from '../store/object-type.ts'
import { findRecord } from '../store/records.ts'
import { isObject } from './request.ts'

/** Records per batch request. https://developers.hubspot.com/docs/api-reference/latest/crm/objects/contacts/guide */
export const MAX_BATCH_INPUTS = 100

/** One input of a batch, checked for its form only. */
export interface BatchInput {
  readonly id: string
  readonly idProperty: string | undefined
  readonly properties: Readonly<Record<string, unknown>>
  readonly traceId: string | undefined
  readonly associations: readonly unknown[]
}

/** What the inputs of a kind of batch must carry. */
export interface InputForm {
  readonly needsId: boolean
  readonly needsProperties: boolean
}

/** The inputs of a batch, or the refusal of a body that is not one. */
export function readInputs(body: unknown, form: InputForm): readonly BatchInput[] | Answer {
  if (!isObject(body)) return refuseInvalid('Invalid input JSON: an object was expected.')
  const { inputs } = body
  if (!Array.isArray(inputs)) return refuseUnset('inputs')
  if (inputs.length > MAX_BATCH_INPUTS) {
    return refuseInvalid(
      `The maximum number of inputs supported in a batch request for property values is ${MAX_BATCH_INPUTS}. Received ${inputs.length}.`,
    )
  }
  const read: BatchInput[] = []
  for (const input of inputs) {
    if (!isObject(input)) return refuseInvalid('Invalid input JSON: inputs must be objects.')
    if (form.needsId && input['id'] === undefined) return refuseUnset('id')
    if (form.needsProperties && !isObject(input['properties'])) return refuseUnset('properties')
    read.push(batchInput(input))
  }
  return read
}

/** Partial success is offered only where every input can be told apart by its own trace id. */
export function areTraceable(inputs: readonly BatchInput[]): boolean {
  const seen = new Set<string>()
  for (const { traceId } of inputs) if (traceId !== undefined) seen.add(traceId)
  return inputs.length > 0 && seen.size === inputs.length
}

/** Refuses a batch that names one record twice; e-mails differ by more than their case. */
export function refuseDuplicates(inputs: readonly BatchInput[]): Answer | undefined {
  const seen = new Set<string>()
  const repeated = new Set<string>()
  for (const { id, idProperty } of inputs) {
    const key = idProperty === 'email' ? id.toLowerCase() : id
    if (seen.has(key)) repeated.add(key)
    seen.add(key)
  }
  if (repeated.size === 0) return undefined
  const ids = [...repeated]
  return refuseInvalid(
    `Duplicate IDs found in batch input: [${ids.join(', ')}]. IDs must be unique`,
    { context: { ids } },
  )
}

/** Refuses to look records up by a property whose values need not be unique. */
export function refuseNonUnique(
  type: ObjectType,
  idProperty: string,
  action: 'update/upsert' | 'read',
): Answer {
  return refuseInvalid(
    `Unable to perform ${action} by non-unique ${type.objectTypeId} property ${idProperty}`,
  )
}

/** True for a property that can find at most one record. */
export function isUnique(type: ObjectType, property: string): boolean {
  return type.unique.has(property) && type.properties.get(property)?.definition.archived === false
}

/** The record an input means. */
export function recordOf(type: ObjectType, input: BatchInput) {
  return findRecord(type, input.id, input.idProperty)
}

function refuseUnset(field: string): Answer {
  return refuseInvalid(`Some required fields were not set: [${field}]`)
}

const NO_PROPERTIES: Readonly<Record<string, unknown>> = {}

function batchInput(input: Readonly<Record<string, unknown>>): BatchInput {
  const { id, idProperty, properties, objectWriteTraceId, associations } = input
  return {
    id: String(id ?? ''),
    idProperty: typeof idProperty === 'string' && idProperty !== '' ? idProperty : undefined,
    properties: isObject(properties) ? properties : NO_PROPERTIES,
    traceId: typeof objectWriteTraceId === 'string' ? objectWriteTraceId : undefined,
    associations: Array.isArray(associations) ? associations : [],
  }
}
