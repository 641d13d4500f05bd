import { describe, expect, it } from 'vitest'
import { accountForLinks, refusedAlone } from '../../../src/destination/hubspot/link-answers.ts'
import { DestinationError } from '../../../src/errors.ts'
import type { Batch, Operation } from '../../../src/types.ts'

const primary = { category: 'HUBSPOT_DEFINED', typeId: 1 }

function link(sequence: number, recordId: string, toId: string): Operation {
  return {
    sequence,
    rowId: `row-${sequence}`,
    kind: 'associate',
    recordId,
    properties: {},
    link: { toObject: 'companies', toId, types: [primary] },
  }
}

function batch(operations: readonly Operation[], kind: Batch['kind'] = 'associate'): Batch {
  return { objectType: 'contacts', toObject: 'companies', kind, operations }
}

function account(of: Batch, body: Record<string, unknown>, status = 207) {
  const reply = { requestId: 'r', status, correlationId: 'c', body }
  return accountForLinks(of, reply).map(({ requestId: _r, correlationId: _c, ...rest }) => rest)
}

const three = batch([link(1, '11', '21'), link(2, '12', '22'), link(3, '13', '23')])
const done = (fromObjectId: unknown, toObjectId: unknown) => ({
  fromObjectTypeId: '0-1',
  fromObjectId,
  toObjectTypeId: '0-2',
  toObjectId,
  labels: [],
})

describe('results', () => {
  it('are told by the pair, whatever the order, with ids as numbers or as text', () => {
    const results = [done(13, 23), done('11', '21'), done(12, '22')]
    expect(account(three, { results }, 201)).toEqual([
      { sequence: 1, outcome: 'succeeded', recordId: '11' },
      { sequence: 2, outcome: 'succeeded', recordId: '12' },
      { sequence: 3, outcome: 'succeeded', recordId: '13' },
    ])
  })

  it('that are not there leave the link unknown', () => {
    expect(account(three, { results: [done(13, 23), done(11, 21)] })[1]).toMatchObject({
      outcome: 'unknown',
      error: { category: 'NOT_ACCOUNTED_FOR' },
    })
  })

  it('do not match the pair the other way round', () => {
    const both = batch([link(1, '5', '6'), link(2, '6', '5')])
    expect(account(both, { results: [done(6, 5)] }).map(({ outcome }) => outcome)).toEqual([
      'unknown',
      'succeeded',
    ])
  })

  it('are all there after a removal that is answered without content', () => {
    expect(account(batch(three.operations, 'dissociate'), {}, 204)).toMatchObject(
      three.operations.map(({ sequence }) => ({ sequence, outcome: 'succeeded' })),
    )
  })
})

describe('unlabelled links, whose answers list both sides', () => {
  const plain = (sequence: number, recordId: string, toId: string): Operation => {
    const made = link(sequence, recordId, toId)
    return { ...made, link: { toObject: 'companies', toId, types: [] } }
  }
  const side = (from: number, to: number) => ({
    from: { id: String(from) },
    to: { id: String(to) },
    associationSpec: { associationCategory: 'HUBSPOT_DEFINED', associationTypeId: 279 },
  })
  const mirrored = batch([plain(1, '5', '6'), plain(2, '6', '5'), plain(3, '7', '8')])
  const sides = (...pairs: readonly (readonly [number, number])[]) =>
    pairs.flatMap(([from, to]) => [side(from, to), side(to, from)])

  it('are all there when all are listed', () => {
    const results = sides([5, 6], [6, 5], [7, 8])
    expect(account(mirrored, { results }, 200).map(({ outcome }) => outcome)).toEqual([
      'succeeded',
      'succeeded',
      'succeeded',
    ])
  })

  it('are not taken for there because the same ids are listed the other way round', () => {
    const errors = [{ category: 'OBJECT_NOT_FOUND', message: 'x', context: { toObjectId: ['5'] } }]
    expect(account(mirrored, { results: sides([5, 6], [7, 8]), errors }, 200)).toMatchObject([
      { outcome: 'succeeded' },
      { outcome: 'pending', error: { category: 'TARGET_MISSING' } },
      { outcome: 'succeeded' },
    ])
  })
})

describe('errors', () => {
  const missing = (context: Record<string, readonly string[]>, message = 'gone') => ({
    status: 'error',
    category: 'OBJECT_NOT_FOUND',
    message,
    context,
  })
  const rest = [done(11, 21), done(13, 23)]

  it('that name the other end make the link wait', () => {
    expect(account(three, { results: rest, errors: [missing({ ids: ['22'] })] })[1]).toEqual({
      sequence: 2,
      recordId: '12',
      outcome: 'pending',
      error: { category: 'TARGET_MISSING', message: 'gone' },
    })
    expect(
      account(three, { results: rest, errors: [missing({ toObjectId: ['22'] })] })[1],
    ).toMatchObject({ outcome: 'pending', error: { category: 'TARGET_MISSING' } })
  })

  it('that name this end say that the record is missing', () => {
    const results = account(three, { results: rest, errors: [missing({ fromObjectId: ['12'] })] })
    expect(results[1]).toMatchObject({
      outcome: 'missing',
      error: { category: 'OBJECT_NOT_FOUND' },
    })
  })

  it('that name an id which either end has do not say that the record is missing', () => {
    const same = batch([link(1, '7', '7'), link(2, '8', '9')])
    expect(
      account(same, { results: [done(8, 9)], errors: [missing({ ids: ['7'] })] }),
    ).toMatchObject([
      { outcome: 'pending', error: { category: 'TARGET_MISSING' } },
      { outcome: 'succeeded' },
    ])
  })

  it('without context are matched by the id in their sentence', () => {
    const same = batch([link(1, '7', '7'), link(2, 'x', '9'), link(3, '1', '2')])
    const errors = [
      { category: 'VALIDATION_ERROR', message: 'x is not a valid ID' },
      { category: 'VALIDATION_ERROR', message: 'Object 7 cannot be associated to itself (7)' },
    ]
    expect(account(same, { results: [done(1, 2)], errors })).toMatchObject([
      { outcome: 'rejected', error: { message: 'Object 7 cannot be associated to itself (7)' } },
      { outcome: 'rejected', error: { message: 'x is not a valid ID' } },
      { outcome: 'succeeded' },
    ])
  })

  it('do not touch a pair that was linked, though an end of it is named', () => {
    const shared = batch([link(1, '11', '21'), link(2, '11', '22')])
    const errors = [missing({ ids: ['11', '22'] })]
    expect(account(shared, { results: [done(11, 21)], errors })).toMatchObject([
      { outcome: 'succeeded' },
      { outcome: 'pending' },
    ])
  })

  it('that name nobody mean the one that is left, or all when they say the same', () => {
    const nameless = { category: 'VALIDATION_ERROR', message: 'no' }
    expect(account(three, { results: rest, errors: [nameless] })[1]).toMatchObject({
      outcome: 'rejected',
    })
    expect(account(three, { results: rest.slice(1), errors: [nameless, nameless] })).toMatchObject([
      { outcome: 'rejected' },
      { outcome: 'rejected' },
      { outcome: 'succeeded' },
    ])
  })

  it('that name nobody while others were linked leave those open that are not mentioned', () => {
    const nameless = { category: 'VALIDATION_ERROR', message: 'no' }
    expect(
      account(three, { results: rest.slice(1), errors: [nameless] }).map(({ outcome }) => outcome),
    ).toEqual(['unknown', 'unknown', 'succeeded'])
  })

  it('that name nobody and leave all open refuse the whole batch, which is then halved', () => {
    const errors = [{ category: 'VALIDATION_ERROR', message: 'no' }]
    expect(() => account(three, { results: [], errors })).toThrow(
      expect.objectContaining({ isContent: true }),
    )
  })

  it('of a removal leave the others removed; what leads nowhere needs none', () => {
    const removal = batch(
      three.operations.map((each) => ({ ...each, kind: 'dissociate' })),
      'dissociate',
    )
    const errors = [
      missing({ toObjectId: ['22'] }),
      { category: 'VALIDATION_ERROR', message: '13 is not a valid ID' },
    ]
    expect(account(removal, { errors })).toMatchObject([
      { outcome: 'succeeded' },
      { outcome: 'succeeded' },
      { outcome: 'rejected' },
    ])
  })

  it('about a link too many have a category of their own', () => {
    const message = 'CONTACT 12 has reached the limit of 50000 associated companies'
    const errors = [{ category: 'VALIDATION_ERROR', message }]
    expect(account(three, { results: rest, errors })[1]).toMatchObject({
      outcome: 'rejected',
      error: { category: 'LINK_LIMIT', message },
    })
  })

  it('are never about another record that has a value', () => {
    const errors = [{ category: 'CONFLICT', message: 'no', context: { id: ['22'] } }]
    expect(account(three, { results: rest, errors })[1]).toMatchObject({ outcome: 'rejected' })
  })

  it("of HubSpot's own do not count against the link", () => {
    const errors = [{ category: 'RATE_LIMITS', message: 'slow down', context: { id: ['22'] } }]
    expect(account(three, { results: rest, errors })[1]).toMatchObject({ outcome: 'pending' })
  })
})

describe('a request of one pair that is refused as a whole', () => {
  const refusal = (vendorMessage: string, category = 'OBJECT_NOT_FOUND') =>
    new DestinationError({
      action: 'link',
      detail: 'no',
      category,
      disposition: 'terminal',
      isContent: true,
      vendorMessage,
    })

  it.each([
    ['No contact with ID 12 exists', 'missing', 'OBJECT_NOT_FOUND'],
    ['COMPANY=22 is not valid', 'pending', 'TARGET_MISSING'],
    ['Object not found', 'pending', 'TARGET_MISSING'],
  ])('%s', (message, outcome, category) => {
    expect(refusedAlone(link(2, '12', '22'), refusal(message))).toMatchObject({
      outcome,
      error: { category, message },
    })
  })

  it('for its content is rejected', () => {
    expect(
      refusedAlone(link(2, '12', '22'), refusal('type 9 is unknown', 'VALIDATION_ERROR')),
    ).toMatchObject({ outcome: 'rejected', error: { category: 'VALIDATION_ERROR' } })
  })
})
