import type { Answer } from '../answers.ts'
import type { ObjectType } from '../store/object-type.ts'
import { prepareChange } from '../store/prepare-write.ts'
import {
  type BatchInput,
  isUnique,
  readInputs,
  recordOf,
  refuseDuplicates,
  refuseNonUnique,
} from './batch-input.ts'
import { writeBatch } from './batch-write.ts'
import { renderWritten } from './render-record.ts'
import { onType } from './request.ts'

const CONTACTS = '0-1'

/** `POST …/batch/update`: 200; 207 already where an id names no record. */
export const batchUpdate = onType((type, request, backend) => {
  const inputs = readInputs(request.body, { needsId: true, needsProperties: true })
  if ('status' in inputs) return inputs
  const refusal = refuseIdProperty(type, inputs) ?? refuseDuplicates(inputs)
  if (refusal !== undefined) return refusal
  const { portal } = backend
  return writeBatch(
    type,
    inputs,
    {
      success: 200,
      prepare: (input, claims) => {
        const record = recordOf(type, input)
        if (record !== undefined)
          return prepareChange(portal, type, record, input.properties, claims)
        if (type.merged.has(input.id)) return undefined
        return { kind: 'missing', singular: type.singular, id: input.id }
      },
      render: (record, write) => renderWritten(portal, type, record, write.values),
    },
    backend,
    request.now,
  )
})

/**
 * Contacts are updated by record id only, whatever the spec allows.
 *
 * @see https://github.com/HubSpot/hubspot-api-nodejs/issues/548
 */
function refuseIdProperty(type: ObjectType, inputs: readonly BatchInput[]): Answer | undefined {
  for (const { idProperty } of inputs) {
    if (idProperty === undefined) continue
    if (type.objectTypeId === CONTACTS || !isUnique(type, idProperty)) {
      return refuseNonUnique(type, idProperty, 'update/upsert')
    }
  }
  return undefined
}
