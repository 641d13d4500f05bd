import { prepareCreate } from '../store/prepare-write.ts'
import { readInputs } from './batch-input.ts'
import { writeBatch } from './batch-write.ts'
import { renderWhole } from './render-record.ts'
import { onType } from './request.ts'

/** `POST …/batch/create`: 201, or 207 where some inputs were refused. */
export const batchCreate = onType((type, request, backend) => {
  const inputs = readInputs(request.body, { needsId: false, needsProperties: true })
  if ('status' in inputs) return inputs
  const { portal } = backend
  return writeBatch(
    type,
    inputs,
    {
      success: 201,
      prepare: (input, claims) => prepareCreate(portal, type, input.properties, claims),
      render: (record) => renderWhole(portal, type, record),
    },
    backend,
    request.now,
  )
})
