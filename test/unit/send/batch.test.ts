import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  batchOperations,
  halve,
  MAX_BODY_BYTES,
  operationBytes,
  operationKeys,
} from '../../../src/send/batch.ts'
import type { Operation, OperationKind } from '../../../src/types.ts'

const kinds: readonly OperationKind[] = ['create', 'update', 'upsert', 'archive']

function operation(sequence: number, extra: Partial<Operation> = {}): Operation {
  return { sequence, rowId: `row-${sequence}`, kind: 'upsert', properties: {}, ...extra }
}

const shape = { objectType: 'contacts', matchProperty: 'email', maxSize: 100 }

describe('batching', () => {
  it('fills batches to the limit, in order', () => {
    const operations = Array.from({ length: 250 }, (_, i) =>
      operation(i + 1, { matchValue: `u${i}` }),
    )
    const batches = batchOperations(operations, shape)
    expect(batches.map((batch) => batch.operations.length)).toEqual([100, 100, 50])
    expect(batches.flatMap((batch) => batch.operations)).toEqual(operations)
    expect(batches[0]).toMatchObject({
      objectType: 'contacts',
      kind: 'upsert',
      matchProperty: 'email',
    })
  })

  it('needs no more batches because kinds interleave', () => {
    const operations = Array.from({ length: 200 }, (_, i) =>
      operation(i + 1, { kind: i % 2 === 0 ? 'update' : 'upsert', recordId: String(i) }),
    )
    expect(batchOperations(operations, shape)).toHaveLength(2)
  })

  it('keeps two operations with the same match value apart, without case', () => {
    const operations = [
      operation(1, { matchValue: 'Ada@x.io' }),
      operation(2, { matchValue: 'bob@x.io' }),
      operation(3, { matchValue: 'ada@X.IO' }),
    ]
    const batches = batchOperations(operations, shape)
    expect(batches.map((each) => each.operations.map((one) => one.sequence))).toEqual([[1, 2], [3]])
  })

  it('keeps two operations on the same record apart', () => {
    const operations = [1, 2].map((sequence) =>
      operation(sequence, { kind: 'update', recordId: '7' }),
    )
    expect(batchOperations(operations, shape)).toHaveLength(2)
  })

  it('bounds the size of a body', () => {
    const long = 'é'.repeat(100_000)
    const operations = Array.from({ length: 60 }, (_, i) =>
      operation(i + 1, { matchValue: `u${i}`, properties: { note: long } }),
    )
    const batches = batchOperations(operations, shape)
    expect(batches.length).toBeGreaterThan(1)
    for (const batch of batches) {
      expect(JSON.stringify(batch.operations).length).toBeLessThanOrEqual(MAX_BODY_BYTES)
    }
  })

  it('lets an operation that is too large travel alone', () => {
    const operations = [1, 2, 3].map((sequence) =>
      operation(sequence, {
        matchValue: `u${sequence}`,
        properties: { note: 'x'.repeat(sequence === 2 ? 1000 : 1) },
      }),
    )
    const batches = batchOperations(operations, { ...shape, maxBytes: 500 })
    expect(batches.map((each) => each.operations.map((one) => one.sequence))).toEqual([
      [1],
      [2],
      [3],
    ])
  })

  it('halves a batch without losing anything', () => {
    const [batch] = batchOperations(
      [1, 2, 3].map((each) => operation(each, { matchValue: `${each}` })),
      shape,
    )
    if (batch === undefined) throw new TypeError('no batch')
    expect(halve(batch).map((each) => each.operations.length)).toEqual([2, 1])
    expect(halve(batch).flatMap((each) => each.operations)).toEqual(batch.operations)
  })

  it('holds every operation once, in order within its kind, whatever comes', () => {
    const anyOperation = fc.record({
      kind: fc.constantFrom(...kinds),
      recordId: fc.option(fc.integer({ min: 1, max: 8 }).map(String), { nil: undefined }),
      matchValue: fc.option(fc.constantFrom('a', 'A', 'b', 'c '), { nil: undefined }),
      size: fc.nat(400),
    })
    fc.assert(
      fc.property(
        fc.array(anyOperation, { maxLength: 60 }),
        fc.integer({ min: 1, max: 7 }),
        (made, maxSize) => {
          const operations = made.map(({ kind, recordId, matchValue, size }, i) =>
            operation(i + 1, {
              kind,
              properties: { x: 'x'.repeat(size) },
              ...(recordId === undefined ? {} : { recordId }),
              ...(matchValue === undefined ? {} : { matchValue }),
            }),
          )
          const batches = batchOperations(operations, { ...shape, maxSize, maxBytes: 1000 })
          for (const kind of kinds) {
            const sent = batches
              .filter((batch) => batch.kind === kind)
              .flatMap((batch) => batch.operations)
            expect(sent).toEqual(operations.filter((each) => each.kind === kind))
          }
          for (const batch of batches) {
            expect(batch.operations.length).toBeGreaterThanOrEqual(1)
            expect(batch.operations.length).toBeLessThanOrEqual(maxSize)
            expect(batch.operations.every((each) => each.kind === batch.kind)).toBe(true)
            const keys = batch.operations.flatMap((each) => operationKeys(each))
            expect(new Set(keys).size).toBe(keys.length)
            const bytes = batch.operations.reduce((sum, each) => sum + operationBytes(each), 0)
            expect(batch.operations.length === 1 || bytes <= 1000).toBe(true)
          }
        },
      ),
    )
  })
})

describe('links', () => {
  const link = (
    sequence: number,
    recordId: string,
    toId: string,
    facts: { kind?: 'associate' | 'dissociate'; toObject?: string; types?: number } = {},
  ): Operation =>
    operation(sequence, {
      kind: facts.kind ?? 'associate',
      recordId,
      link: {
        toObject: facts.toObject ?? 'companies',
        toId,
        types: Array.from({ length: facts.types ?? 1 }, (_, typeId) => ({
          category: 'USER_DEFINED',
          typeId,
        })),
      },
    })

  it('go by a bound of their own, each object at the other end in a batch of its own', () => {
    const operations = Array.from({ length: 7 }, (_, at) =>
      link(at + 1, '1', String(at), { toObject: at % 2 === 0 ? 'companies' : 'deals' }),
    )
    const batches = batchOperations(operations, { ...shape, maxSize: 1, maxLinkSize: 3 })
    expect(batches.map(({ toObject, operations: { length } }) => ({ toObject, length }))).toEqual([
      { toObject: 'companies', length: 3 },
      { toObject: 'deals', length: 3 },
      { toObject: 'companies', length: 1 },
    ])
  })

  it('without types do not mix with those that have some', () => {
    const operations = [
      link(1, '1', '2', { kind: 'dissociate', types: 0 }),
      link(2, '1', '3', { kind: 'dissociate' }),
      link(3, '1', '4', { kind: 'dissociate', types: 0 }),
      link(4, '1', '5'),
    ]
    expect(
      batchOperations(operations, shape).map((batch) =>
        batch.operations.map(({ sequence }) => sequence),
      ),
    ).toEqual([[1, 3], [2], [4]])
  })

  it('of one pair never share a batch, between records of one object from either side', () => {
    const twice = [link(1, '1', '2'), link(2, '2', '1'), link(3, '1', '2')]
    expect(batchOperations(twice, shape)).toHaveLength(2)
    const people = [1, 2].map((at) =>
      link(at, String(at), String(3 - at), { toObject: shape.objectType }),
    )
    expect(batchOperations(people, shape)).toHaveLength(2)
  })

  it('count the bytes of their types', () => {
    const [bare, typed] = [0, 10].map((types) => operationBytes(link(1, '1', '2', { types })))
    expect((typed ?? 0) - (bare ?? 0)).toBeGreaterThan(600)
  })
})
