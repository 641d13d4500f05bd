import { describe, expect, it } from 'vitest'
import { accountFor } from '../../../src/destination/hubspot/account-for.ts'
import type { Batch, Operation, OperationKind } from '../../../src/types.ts'

function operation(
  sequence: number,
  kind: OperationKind,
  extra: Partial<Operation> = {},
): Operation {
  return { sequence, rowId: `row-${sequence}`, kind, properties: {}, ...extra }
}

function contact(sequence: number, email: string, kind: OperationKind = 'upsert'): Operation {
  return operation(sequence, kind, { matchValue: email, properties: { email } })
}

function batch(
  kind: OperationKind,
  operations: readonly Operation[],
  matchProperty?: string,
): Batch {
  return {
    objectType: 'contacts',
    kind,
    operations,
    ...(matchProperty === undefined ? {} : { matchProperty }),
  }
}

function account(of: Batch, body: Record<string, unknown>, status = 207) {
  const reply = { requestId: 'r', status, correlationId: 'c', body }
  return accountFor(of, reply).map(({ requestId: _r, correlationId: _c, ...rest }) => rest)
}

const silent = { outcome: 'unknown', error: { category: 'NOT_ACCOUNTED_FOR' } }

describe('results', () => {
  const three = batch(
    'upsert',
    [contact(1, 'A@x.io'), contact(2, 'b@x.io'), contact(3, 'c@x.io')],
    'email',
  )

  it('are matched by the trace id that comes back, whatever the order', () => {
    const results = [
      { id: '30', objectWriteTraceId: '3', new: false, properties: {} },
      { id: '10', objectWriteTraceId: '1', new: true, properties: {} },
      { id: '20', objectWriteTraceId: '2', new: true, properties: {} },
    ]
    expect(account(three, { results }, 200)).toEqual([
      { sequence: 1, outcome: 'succeeded', recordId: '10', isCreated: true },
      { sequence: 2, outcome: 'succeeded', recordId: '20', isCreated: true },
      { sequence: 3, outcome: 'succeeded', recordId: '30', isCreated: false },
    ])
  })

  it('are matched by the match property, e-mail without case', () => {
    const results = ['c', 'a', 'b'].map((name) => ({
      id: name,
      new: true,
      properties: { email: `${name}@x.io` },
    }))
    expect(account(three, { results }).map((each) => each.recordId)).toEqual(['a', 'b', 'c'])
  })

  it('are matched by record id', () => {
    const updates = batch('update', [
      operation(1, 'update', { recordId: '7' }),
      operation(2, 'update', { recordId: '8' }),
    ])
    const results = [
      { id: '8', properties: {} },
      { id: '7', properties: {} },
    ]
    expect(account(updates, { results })).toMatchObject([
      { outcome: 'succeeded', recordId: '7', isCreated: false },
      { outcome: 'succeeded', recordId: '8', isCreated: false },
    ])
  })

  it('give the one left over to the one operation left over: a secondary e-mail', () => {
    const results = [
      { id: '1', new: false, properties: { email: 'a@x.io' } },
      { id: '2', new: false, properties: { email: 'b@x.io' } },
      { id: '9', new: false, properties: { email: 'primary@x.io' } },
    ]
    expect(account(three, { results })[2]).toMatchObject({ outcome: 'succeeded', recordId: '9' })
  })

  it('do not guess when two are left over', () => {
    const results = [
      { id: '8', new: false, properties: { email: 'p@x.io' } },
      { id: '9', new: false, properties: { email: 'q@x.io' } },
      { id: '1', new: false, properties: { email: 'a@x.io' } },
    ]
    expect(account(three, { results }).map((each) => each.outcome)).toEqual([
      'succeeded',
      'unknown',
      'unknown',
    ])
  })

  it('leave in doubt what neither list mentions', () => {
    expect(account(three, { results: [], errors: [] }, 200)).toMatchObject([silent, silent, silent])
  })

  it('do not say whether a record was created when HubSpot does not', () => {
    const results = [{ id: '1', properties: { email: 'a@x.io' } }]
    expect(account(three, { results })[0]).toEqual({
      sequence: 1,
      outcome: 'succeeded',
      recordId: '1',
    })
  })

  it('of an archive are all there with a 204', () => {
    const archive = batch('archive', [operation(1, 'archive', { recordId: '7' })])
    expect(account(archive, {}, 204)).toMatchObject([{ outcome: 'succeeded', recordId: '7' }])
  })
})

describe('results of creates without a unique property', () => {
  const deal = (sequence: number, dealname: string, amount: string) =>
    operation(sequence, 'create', {
      properties: { dealname, amount, closedate: '2026-01-02T00:00:00.000Z' },
    })
  const returned = (id: string, dealname: string, amount: string) => ({
    id,
    properties: { dealname, amount, closedate: '2026-01-02T00:00:00Z', hs_object_id: id },
  })

  it('are told apart by their properties, number and date spellings aside', () => {
    const of = batch('create', [deal(1, 'one', '10.50'), deal(2, 'two', '10')])
    const results = [returned('b', 'two', '10'), returned('a', 'one', '10.5')]
    expect(account(of, { results }, 201)).toMatchObject([
      { outcome: 'succeeded', recordId: 'a', isCreated: true },
      { outcome: 'succeeded', recordId: 'b', isCreated: true },
    ])
  })

  it('go to either of two that are alike, and to none of them where one did not come back', () => {
    const of = batch('create', [deal(1, 'same', '1'), deal(2, 'same', '1'), deal(3, 'other', '1')])
    const results = [
      returned('a', 'same', '1'),
      returned('b', 'same', '1'),
      returned('c', 'other', '1'),
    ]
    const found = account(of, { results }, 201).map((each) => each.recordId)
    expect(found).toEqual(['a', 'b', 'c'])
    const fewer = account(of, { results: results.slice(1) }, 201).map((each) => each.outcome)
    expect(fewer).toEqual(['unknown', 'unknown', 'succeeded'])
  })

  it('are matched by a unique property when there is one', () => {
    const of = batch(
      'create',
      [contact(1, 'A@x.io', 'create'), contact(2, 'b@x.io', 'create')],
      'email',
    )
    const results = [
      { id: '2', properties: { email: 'b@x.io' } },
      { id: '1', properties: { email: 'a@x.io' } },
    ]
    expect(account(of, { results }, 201).map((each) => each.recordId)).toEqual(['1', '2'])
  })
})

describe('errors', () => {
  const two = batch(
    'create',
    [contact(1, 'a@x.io', 'create'), contact(2, 'b@x.io', 'create')],
    'email',
  )

  it('are matched by trace id; a conflict names the record that exists', () => {
    const errors = [
      {
        status: 'error',
        category: 'CONFLICT',
        message: 'Contact already exists. Existing ID: 171591000198',
        context: { objectWriteTraceId: ['1'], existingId: ['171591000198'] },
      },
    ]
    const results = [{ id: '2', properties: { email: 'b@x.io' } }]
    expect(account(two, { results, errors })).toMatchObject([
      { outcome: 'conflict', existingId: '171591000198', error: { category: 'CONFLICT' } },
      { outcome: 'succeeded' },
    ])
  })

  it('are read whatever the status', () => {
    const errors = [
      { category: 'VALIDATION_ERROR', message: 'no', context: { objectWriteTraceId: ['2'] } },
    ]
    const results = [{ id: '1', properties: { email: 'a@x.io' } }]
    expect(account(two, { results, errors }, 200)[1]).toMatchObject({ outcome: 'rejected' })
  })

  it('name the property where HubSpot does', () => {
    const error = (extra: object) => ({
      category: 'VALIDATION_ERROR',
      message: 'no',
      ...extra,
      context: {
        objectWriteTraceId: ['1'],
        ...('context' in extra ? (extra.context as object) : {}),
      },
    })
    const propertyOf = (extra: object) =>
      account(two, { results: [], errors: [error(extra)] })[0]?.error?.property
    expect(propertyOf({ context: { propertyName: ['phone'] } })).toBe('phone')
    expect(propertyOf({ errors: [{ context: { propertyName: ['phone'] } }] })).toBe('phone')
    expect(
      propertyOf({ message: 'Property values were not valid: [{"isValid":false,"name":"phone"}]' }),
    ).toBe('phone')
    expect(propertyOf({ message: 'nothing' })).toBeUndefined()
  })

  it('name records that are gone, one error for many', () => {
    const updates = batch(
      'update',
      ['7', '8', '9'].map((recordId, at) => operation(at + 1, 'update', { recordId })),
    )
    const errors = [
      {
        category: 'OBJECT_NOT_FOUND',
        message: 'Could not get some objects',
        context: { ids: ['7', '9'] },
      },
    ]
    const results = [{ id: '8', properties: {} }]
    expect(account(updates, { results, errors }).map((each) => each.outcome)).toEqual([
      'missing',
      'succeeded',
      'missing',
    ])
  })

  it('that name nobody leave a batch of several in doubt, and settle a batch of one', () => {
    const errors = [{ category: 'VALIDATION_ERROR', message: 'bad' }]
    expect(account(two, { results: [], errors }).map((each) => each.outcome)).toEqual([
      'unknown',
      'unknown',
    ])
    const one = batch('create', [contact(1, 'a@x.io', 'create')])
    expect(account(one, { results: [], errors })).toMatchObject([{ outcome: 'rejected' }])
  })

  it("of HubSpot's own making are no fault of the row", () => {
    const errors = [
      { category: 'RATE_LIMITS', message: 'later', context: { objectWriteTraceId: ['1'] } },
      { category: 'INTERNAL_ERROR', message: 'sorry', context: { objectWriteTraceId: ['2'] } },
    ]
    expect(account(two, { results: [], errors }).map((each) => each.outcome)).toEqual([
      'pending',
      'unknown',
    ])
  })

  it('may be of any shape', () => {
    for (const errors of [
      [null],
      ['text'],
      [{}],
      [{ context: 'x' }],
      [{ context: { objectWriteTraceId: 1 } }],
      'no',
      7,
    ]) {
      expect(account(two, { results: [null, {}, { id: 5 }], errors })).toHaveLength(2)
    }
  })
})
