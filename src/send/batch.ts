import type { Batch, Operation, OperationKind } from '../types.ts'

/**
 * Bound on a request's body. HubSpot documents none; this is well below what its gateway takes, and a text property
 * alone can hold 65,536 characters (developers.hubspot.com/docs/api-reference/crm-properties-v3/guide).
 */
export const MAX_BODY_BYTES = 4_000_000
/** Keys, ids, trace id and punctuation of one input. */
const INPUT_OVERHEAD_BYTES = 160
/** A link's type in a request. */
const LINK_TYPE_BYTES = 80

export interface BatchShape {
  readonly objectType: string
  readonly matchProperty?: string
  /** The list whose members change. */
  readonly listId?: string
  /** Operations per request. */
  readonly maxSize: number
  /** The same of links; default `maxSize`. */
  readonly maxLinkSize?: number
  /** Default `MAX_BODY_BYTES`; an operation that alone exceeds it travels alone. */
  readonly maxBytes?: number
}

/** Groups operations that arrive one by one. */
export interface Batcher {
  /** @returns the batch that had to be closed to take the operation, or that it filled */
  add(operation: Operation): readonly Batch[]
  /** @returns what is still open, in order of each batch's first operation */
  flush(): readonly Batch[]
}

interface OpenBatch {
  /** What all its operations have in common. */
  readonly sort: string
  readonly kind: OperationKind
  readonly toObject: string | undefined
  readonly operations: Operation[]
  readonly keys: Set<string>
  bytes: number
}

/**
 * Groups operations into requests. No batch mixes kinds of operation, and none holds two operations with the same
 * record id or match value (without case): HubSpot refuses the whole batch for that. Of links none mixes objects at the other end, or links
 * with types and without, and none holds one pair twice. Kinds may interleave: one batch
 * per kind is open at a time, so within a kind the concatenated batches equal the operations, and memory is bounded.
 */
export function createBatcher(shape: BatchShape): Batcher {
  const open = new Map<string, OpenBatch>()
  const close = (batch: OpenBatch): Batch => {
    open.delete(batch.sort)
    return {
      objectType: shape.objectType,
      kind: batch.kind,
      ...(batch.toObject === undefined ? {} : { toObject: batch.toObject }),
      operations: batch.operations,
      ...(shape.matchProperty === undefined ? {} : { matchProperty: shape.matchProperty }),
      ...(shape.listId === undefined ? {} : { listId: shape.listId }),
    }
  }
  const maxBytes = shape.maxBytes ?? MAX_BODY_BYTES
  const maxLinkSize = shape.maxLinkSize ?? shape.maxSize
  return {
    add(operation) {
      const closed: Batch[] = []
      const keys = operationKeys(operation, shape.objectType)
      const bytes = operationBytes(operation)
      const sort = sortOf(operation)
      const maxSize = operation.link === undefined ? shape.maxSize : maxLinkSize
      let batch = open.get(sort)
      const isRefused =
        batch !== undefined &&
        (batch.bytes + bytes > maxBytes || keys.some((key) => batch?.keys.has(key)))
      if (batch !== undefined && isRefused) {
        closed.push(close(batch))
        batch = undefined
      }
      if (batch === undefined) {
        batch = {
          sort,
          kind: operation.kind,
          toObject: operation.link?.toObject,
          operations: [],
          keys: new Set(),
          bytes: 0,
        }
        open.set(sort, batch)
      }
      batch.operations.push(operation)
      batch.bytes += bytes
      for (const key of keys) batch.keys.add(key)
      if (batch.operations.length >= maxSize) closed.push(close(batch))
      return closed
    },
    flush: () => [...open.values()].map(close),
  }
}

/** All batches of a list of operations. */
export function batchOperations(
  operations: readonly Operation[],
  shape: BatchShape,
): readonly Batch[] {
  const batcher = createBatcher(shape)
  return [...operations.flatMap((operation) => batcher.add(operation)), ...batcher.flush()]
}

/** The batch cut in two, for finding the operation that makes HubSpot refuse all of it. */
export function halve(batch: Batch): readonly [Batch, Batch] {
  const middle = Math.ceil(batch.operations.length / 2)
  return [
    { ...batch, operations: batch.operations.slice(0, middle) },
    { ...batch, operations: batch.operations.slice(middle) },
  ]
}

/** What may share a request. */
function sortOf({ kind, link }: Operation): string {
  if (link === undefined) return kind
  return `${kind} ${link.toObject}${link.types.length === 0 ? ' untyped' : ''}`
}

/**
 * What an operation addresses; two operations that share one must not travel at the same time.
 *
 * @param objectType of the operation's record: a link between two records of one object is the same seen from either
 */
export function operationKeys(operation: Operation, objectType?: string): readonly string[] {
  const { recordId, matchValue, link } = operation
  // Events add up: many may be about one record. A member may be named by many rows, and is one.
  if (['send', 'add', 'remove'].includes(operation.kind)) return []
  if (link !== undefined) {
    const ends = [recordId ?? '', link.toId]
    if (link.toObject === objectType) ends.sort()
    return [`link:${link.toObject}:${ends.join(':')}`]
  }
  const keys: string[] = []
  if (recordId !== undefined) keys.push(`id:${recordId}`)
  if (matchValue !== undefined) keys.push(`match:${matchValue.trim().toLowerCase()}`)
  return keys
}

/** Size of one input as JSON, a little above the truth. */
export function operationBytes(operation: Operation): number {
  const types = operation.link?.types.length ?? 0
  return (
    INPUT_OVERHEAD_BYTES +
    types * LINK_TYPE_BYTES +
    Buffer.byteLength(JSON.stringify(operation.properties))
  )
}
