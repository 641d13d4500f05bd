import { DestinationError } from '../../errors.ts'
import type { Batch, Operation, RecordResult } from '../../types.ts'
import { accountFor, traceIdOf } from './account-for.ts'
import { writeLinks } from './associations.ts'
import type { CallContext } from './calls.ts'
import type { HubspotClient } from './client.ts'
import type { RecordEndpoints } from './endpoints/records.ts'
import { isRepeated, sendEvents } from './events.ts'
import type { Reply } from './exchange.ts'
import { refusedAlone as refusedLinkAlone } from './link-answers.ts'
import { writeMembers } from './lists.ts'

/**
 * Writes one batch in one request.
 *
 * @returns one result per operation, in order
 * @throws DestinationError when the whole request was refused or lost; a refusal of a batch of one for its content is a
 *   result, since there is nobody else to blame
 */
export async function writeBatch(
  client: HubspotClient,
  batch: Batch,
  context: CallContext,
): Promise<readonly RecordResult[]> {
  try {
    if (isOfLinks(batch)) return await writeLinks(client, batch, context)
    switch (batch.kind) {
      case 'send':
        return await sendEvents(client, batch, context)
      case 'add':
      case 'remove':
        return await writeMembers(client, batch, context)
      default:
        return accountFor(batch, await request(client, batch, context))
    }
  } catch (error) {
    const [only, ...others] = batch.operations
    if (only === undefined || others.length > 0) throw error
    if (!(error instanceof DestinationError) || !error.isContent) throw error
    if (batch.kind === 'send' && isRepeated(error))
      return [{ ...refusedAlone(only, error), outcome: 'succeeded' }]
    return [isOfLinks(batch) ? refusedLinkAlone(only, error) : refusedAlone(only, error)]
  }
}

const isOfLinks = ({ kind }: Batch): boolean => kind === 'associate' || kind === 'dissociate'

function request(client: RecordEndpoints, batch: Batch, context: CallContext): Promise<Reply> {
  const { objectType, operations } = batch
  switch (batch.kind) {
    case 'create':
      return client.createBatch(objectType, operations.map(createInput), context)
    case 'update':
    case 'clear':
      return client.updateBatch(
        objectType,
        operations.map((each) => ({ ...createInput(each), id: idOf(each) })),
        context,
      )
    case 'upsert': {
      const { matchProperty } = batch
      if (matchProperty === undefined) throw new TypeError('an upsert without a match property')
      const inputs = operations.map((each) => upsertInput(each, matchProperty))
      return client.upsertBatch(objectType, inputs, context)
    }
    case 'archive':
      return client.archiveBatch(objectType, operations.map(idOf), context)
    case 'send':
    case 'associate':
    case 'dissociate':
    case 'add':
    case 'remove':
      throw new TypeError(`${batch.kind} writes no records`)
  }
}

function createInput(operation: Operation) {
  return { properties: operation.properties, objectWriteTraceId: traceIdOf(operation) }
}

/** The match value goes in both places: as id, and as a property so that it comes back in the answer. */
function upsertInput(operation: Operation, matchProperty: string) {
  const value = operation.matchValue ?? operation.properties[matchProperty]
  if (value === undefined) {
    throw new TypeError(`operation ${operation.sequence}: an upsert without a match value`)
  }
  return {
    id: value,
    idProperty: matchProperty,
    properties: { ...operation.properties, [matchProperty]: value },
    objectWriteTraceId: traceIdOf(operation),
  }
}

function idOf(operation: Operation): string {
  if (operation.recordId === undefined) {
    throw new TypeError(`operation ${operation.sequence}: ${operation.kind} without a record id`)
  }
  return operation.recordId
}

function outcomeAlone(error: DestinationError): RecordResult['outcome'] {
  if (error.category === 'CONFLICT') return 'conflict'
  return error.category === 'OBJECT_NOT_FOUND' ? 'missing' : 'rejected'
}

function refusedAlone(operation: Operation, error: DestinationError): RecordResult {
  return {
    sequence: operation.sequence,
    outcome: outcomeAlone(error),
    error: {
      category: error.category,
      message: error.vendorMessage ?? error.message,
      ...(error.property === undefined ? {} : { property: error.property }),
    },
    ...(operation.recordId === undefined ? {} : { recordId: operation.recordId }),
    ...(error.existingId === undefined ? {} : { existingId: error.existingId }),
    ...(error.correlationId === undefined ? {} : { correlationId: error.correlationId }),
    ...(error.requestId === undefined ? {} : { requestId: error.requestId }),
  }
}
