import { type Answer, refuseInvalid } from '../answers.ts'
import type { ObjectType, StoredRecord } from '../store/object-type.ts'
import { type PreparedWrite, prepareChange, prepareCreate } from '../store/prepare-write.ts'
import {
  type BatchInput,
  isUnique,
  readInputs,
  recordOf,
  refuseDuplicates,
  refuseNonUnique,
} from './batch-input.ts'
import { writeBatch } from './batch-write.ts'
import { renderWhole, renderWritten } from './render-record.ts'
import { onType } from './request.ts'

/** `POST …/batch/upsert`: 200 or 207, each result saying whether the record is new. */
export const batchUpsert = onType((type, request, backend) => {
  const inputs = readInputs(request.body, { needsId: true, needsProperties: true })
  if ('status' in inputs) return inputs
  const refusal = refuseIdProperty(type, inputs) ?? refuseDuplicates(inputs)
  if (refusal !== undefined) return refusal
  const { portal } = backend
  const render = (record: StoredRecord, write: PreparedWrite) =>
    write.record === undefined
      ? { ...renderWhole(portal, type, record), new: true }
      : { ...renderWritten(portal, type, record, write.values), new: false }
  return writeBatch(
    type,
    inputs,
    {
      success: 200,
      prepare: (input, claims) => {
        const record = recordOf(type, input)
        return record === undefined
          ? prepareCreate(portal, type, withId(input), claims)
          : prepareChange(portal, type, record, input.properties, claims)
      },
      render,
    },
    backend,
    request.now,
  )
})

/**
 * Only `email` of contacts and unique properties identify records in an upsert; neither `domain` nor
 * `hs_object_id` does (observed: https://github.com/segmentio/action-destinations/pull/3957).
 */
function refuseIdProperty(type: ObjectType, inputs: readonly BatchInput[]): Answer | undefined {
  const first = inputs[0]?.idProperty
  for (const { idProperty } of inputs) {
    if (idProperty === undefined) {
      return refuseInvalid('Some required fields were not set: [idProperty]')
    }
    if (!isUnique(type, idProperty)) return refuseNonUnique(type, idProperty, 'update/upsert')
    if (idProperty !== first) {
      return refuseInvalid('All inputs of a batch upsert must use the same idProperty')
    }
  }
  return undefined
}

/** A record made by an upsert has the value it was looked for by. */
function withId(input: BatchInput): Readonly<Record<string, unknown>> {
  const { id, idProperty, properties } = input
  if (idProperty === undefined || properties[idProperty] !== undefined) return properties
  return { ...properties, [idProperty]: id }
}
