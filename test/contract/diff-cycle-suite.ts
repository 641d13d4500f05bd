import fc from 'fast-check'
import { afterEach, expect, test as plainTest } from 'vitest'
import { type Fate, type ModelRow, openCycle, Portal } from '../support/diff-cycle.ts'
import type { TestEngine } from '../support/warehouses.ts'

const ids = ['a', 'b', 'c', 'd'] as const

/** A model: some of the keys, each with an e-mail of its own that may change, and values that come and go. */
const model = fc
  .record(
    Object.fromEntries(
      ids.map((id) => [
        id,
        fc.option(
          fc.record({
            version: fc.integer({ min: 0, max: 1 }),
            name: fc.constantFrom(null, '', 'Ada', "O'Brien"),
            score: fc.constantFrom(null, 0, 1.5),
          }),
          { freq: 4, nil: null },
        ),
      ]),
    ),
  )
  .map((byId): readonly ModelRow[] =>
    Object.entries(byId).flatMap(([id, row]) =>
      row === null
        ? []
        : [
            {
              id,
              email: `${id}${row.version}@example.com`,
              name: row.name,
              score: row.score,
            },
          ],
    ),
  )

const fate = fc.constantFrom<Fate>(
  'ok',
  'ok',
  'refused',
  'not-sent',
  'doubt-written',
  'doubt-unwritten',
  'killed-written',
  'killed-unwritten',
)

/**
 * Applying diff(A, B) to A gives B, and diff(A, A) is empty, whatever becomes of the operations in between.
 *
 * @param numRuns random histories that are tried
 */
export function diffCycleSuite(engine: TestEngine, numRuns: number): void {
  const open: { close(): Promise<void> }[] = []
  const test = plainTest.skipIf(engine.missing !== undefined)

  afterEach(async () => {
    for (const cycle of open.splice(0)) await cycle.close()
  })

  test('whatever happens to each operation, a clean run makes HubSpot equal to the model, and the next has nothing to do', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(model, fc.array(fate, { minLength: 1, maxLength: 8 })), {
          minLength: 1,
          maxLength: 4,
        }),
        model,
        async (troubled, last) => {
          const portal = new Portal()
          const cycle = await openCycle(portal, engine)
          open.push(cycle)
          for (const [rows, fates] of troubled) {
            await cycle.setModel(rows)
            let turn = 0
            await cycle.run(() => fates[turn++ % fates.length] ?? 'ok')
          }
          await cycle.setModel(last)
          await cycle.run(() => 'ok')
          expectEqual(portal, last)
          const again = await cycle.run(() => 'ok')
          const { refresh, ...operations } = again.operations
          expect(Object.values(operations).every((rows) => rows === 0)).toBe(true)
          await cycle.close()
          open.length = 0
        },
      ),
      { numRuns },
    )
  })

  test.each(['clear', 'delete'] as const)(
    'with on_delete: %s, rows that leave cost their record what it says, and nothing else',
    async (onDelete) => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.tuple(model, fc.array(fate, { minLength: 1, maxLength: 8 })), {
            minLength: 2,
            maxLength: 4,
          }),
          model,
          async (troubled, last) => {
            const portal = new Portal()
            const cycle = await openCycle(portal, engine, { onDelete })
            open.push(cycle)
            for (const [rows, fates] of troubled) {
              await cycle.setModel(rows)
              let turn = 0
              await cycle.run(() => fates[turn++ % fates.length] ?? 'ok')
            }
            await cycle.setModel(last)
            await cycle.run(() => 'ok')
            expectEqual(portal, last)
            const emails = new Set(last.map(({ email }) => email))
            const departed = [...portal.records.values()].filter(
              ({ email = '' }) => !emails.has(email),
            )
            if (onDelete === 'delete') expect(departed).toEqual([])
            for (const { firstname = '', score = '' } of departed) {
              expect({ firstname, score }).toEqual({ firstname: '', score: '' })
            }
            const again = await cycle.run(() => 'ok')
            const { refresh, ...operations } = again.operations
            expect(Object.values(operations).every((rows) => rows === 0)).toBe(true)
            await cycle.close()
            open.length = 0
          },
        ),
        { numRuns: Math.ceil(numRuns / 2) },
      )
    },
    120_000,
  )

  test('change sets that are computed and merged in slices of the key come out the same', async () => {
    const portal = new Portal()
    const cycle = await openCycle(portal, engine, { sliceRows: 2 })
    open.push(cycle)
    const rows = [...'abcdefg'].map((id) => ({
      id,
      email: `${id}@example.com`,
      name: id,
      score: 1,
    }))
    await cycle.setModel(rows)
    const first = await cycle.run(() => 'ok')
    expect(first.operations.upsert).toBe(rows.length)
    expectEqual(portal, rows)
    const changed = rows.slice(1).map((row) => ({ ...row, score: row.id < 'e' ? 2 : 1 }))
    await cycle.setModel(changed)
    const second = await cycle.run((operation) =>
      operation.rowId === 'b' ? 'doubt-written' : 'ok',
    )
    expect(second.operations).toMatchObject({ update: 3, leave: 1 })
    const third = await cycle.run(() => 'ok')
    expect(third.operations.update).toBe(1)
    expectEqual(portal, changed)
  })

  test('counting without a plan table finds what planning finds', async () => {
    const portal = new Portal()
    const cycle = await openCycle(portal, engine)
    open.push(cycle)
    const row = (id: string, name: string, email = `${id}@example.com`) => ({
      id,
      email,
      name,
      score: 1,
    })
    await cycle.setModel([row('a', 'Ada'), row('b', 'Bob'), row('c', 'Cleo')])
    const first = await cycle.count()
    expect(first.operations.upsert).toBe(3)
    expect(await cycle.run(({ rowId }) => (rowId === 'c' ? 'refused' : 'ok'))).toEqual(first)
    const twins = [row('d', 'Dora'), row('e', 'Eve', 'd@example.com'), row('f', 'Fay')]
    await cycle.setModel([row('a', 'Changed'), row('c', 'Cleo'), row('f', 'Fay'), ...twins])
    const second = await cycle.count()
    expect(second.operations).toMatchObject({ update: 1, upsert: 1, leave: 1, reject: 4 })
    expect(await cycle.run(() => 'ok')).toEqual(second)
  })

  test('the rows of a state get the keys that the model now has for their match values', async () => {
    const portal = new Portal()
    const cycle = await openCycle(portal, engine)
    open.push(cycle)
    // The new keys are the old ones the other way round, so that each is in the way of another.
    const rows = ids.map((id, at) => ({
      id,
      email: `${id}@example.com`,
      name: ids[ids.length - 1 - at] ?? '',
      score: 1,
    }))
    await cycle.setModel(rows)
    await cycle.run(() => 'ok')
    const before = await cycle.keys()
    await cycle.setModel(rows.slice(1))
    expect(await cycle.rekey('name')).toEqual({ found: 3, lost: 1 })
    const expected = [...before].map(([record, id]) => {
      const row = rows.slice(1).find((each) => each.id === id)
      return [record, row === undefined ? `rekeyed: ${id}` : row.name]
    })
    expect([...(await cycle.keys())].sort()).toEqual(expected.sort())
  })

  test('known rows go to the records that another match property finds, and none to one that a row keeps', async () => {
    const portal = new Portal()
    const cycle = await openCycle(portal, engine)
    open.push(cycle)
    const people = ['a', 'b', 'c', 'd', 'e', 'f']
    await cycle.setModel(
      people.map((id) => ({ id, email: `${id}@example.com`, name: `n${id}`, score: 1 })),
    )
    await cycle.run(() => 'ok')
    const before = new Map([...(await cycle.keys())].map(([record, id]) => [id, record]))
    const of = (id: string) => before.get(id)
    // a and b swap; c wants what d keeps, so that e, who wants what c has, stays as well; f goes to a record of its own.
    const wanted: Readonly<Record<string, string | undefined>> = {
      na: of('b'),
      nb: of('a'),
      nc: of('d'),
      ne: of('c'),
      nf: '99',
    }
    expect(await cycle.rematch('name', (value) => wanted[value])).toEqual({ found: 3, moved: 3 })
    const after = new Map([...(await cycle.keys())].map(([record, id]) => [id, record]))
    expect(people.map((id) => after.get(id))).toEqual([
      of('b'),
      of('a'),
      of('c'),
      of('d'),
      of('e'),
      '99',
    ])
  })

  test('adopted rows are sent where they differ from their record, and clear nothing that was never sent', async () => {
    const portal = new Portal()
    const cycle = await openCycle(portal, engine, { onDelete: 'clear' })
    open.push(cycle)
    const row = (id: string, name: string | null, score: number | null) => ({
      id,
      email: `${id}@example.com`,
      name,
      score,
    })
    for (const id of ['a', 'b', 'c', 'd']) {
      portal.records.set(id, {
        email: `${id.toUpperCase()}@example.com`,
        firstname: 'Ada',
        score: '1.50',
      })
    }
    await cycle.setModel([
      row('a', 'Ada', 1.5),
      row('b', 'Bob', null),
      row('c', 'Ada', 2),
      row('d', 'Ada', 1.5),
      row('e', 'Eve', 1),
    ])
    expect(await cycle.adopt()).toEqual({ sought: 5, adopted: 4, differing: 2 })
    expect(await cycle.adopt(), 'only what has no record').toEqual({
      sought: 1,
      adopted: 0,
      differing: 0,
    })
    // Nothing was sent of `a`, which is gone, nor of `c` and `d`, which say nothing any more.
    await cycle.setModel([
      row('b', 'Bob', null),
      row('c', null, 2),
      row('d', null, null),
      row('e', 'Eve', 1),
    ])
    const { operations } = await cycle.run(() => 'ok')
    expect(operations).toMatchObject({ update: 2, refresh: 1, upsert: 1, leave: 1, clear: 0 })
    expect(portal.records.get('a')).toMatchObject({ firstname: 'Ada', score: '1.50' })
    expect(portal.records.get('b')).toMatchObject({ firstname: 'Bob', score: '1.50' })
    expect(portal.records.get('c')).toMatchObject({ firstname: 'Ada', score: '2' })
    expect(portal.records.get('d')).toMatchObject({ firstname: 'Ada', score: '1.50' })
    const again = await cycle.run(() => 'ok')
    expect(again.operations).toMatchObject({ update: 0, refresh: 0, upsert: 0, clear: 0 })
  })

  test('of the owner of a record that other rows were led to, only what they wrote is in doubt', async () => {
    const portal = new Portal()
    const cycle = await openCycle(portal, engine)
    open.push(cycle)
    const owners = [
      { id: 'a', email: 'a@example.com', name: 'Ada', score: null },
      { id: 'b', email: 'b@example.com', name: null, score: 2 },
    ]
    await cycle.setModel(owners)
    await cycle.run(() => 'ok')
    const [a = '', b = ''] = ['a@example.com', 'b@example.com'].map((email) => portal.find(email))
    // Somebody else's values, which this sync never sent.
    portal.records.set(a, { ...portal.records.get(a), score: '9' })
    portal.records.set(b, { ...portal.records.get(b), firstname: 'BySales' })
    for (const email of ['c@example.com', 'd@example.com']) portal.secondary.set(email, a)
    portal.secondary.set('e@example.com', b)
    portal.secondary.set('f@example.com', b)
    const others = [
      { id: 'c', email: 'c@example.com', name: 'Cyd', score: null },
      { id: 'd', email: 'd@example.com', name: null, score: 4 },
      { id: 'e', email: 'e@example.com', name: null, score: null },
      { id: 'f', email: 'f@example.com', name: 'Fay', score: null },
    ]
    await cycle.setModel([...owners, ...others])
    // Of the last one nobody knows whether it was written, and it was not.
    await cycle.run(({ rowId }) => (rowId === 'f' ? 'doubt-unwritten' : 'ok'))
    expect(portal.records.get(a)).toMatchObject({ firstname: 'Cyd', score: '4' })
    expect(await cycle.inDoubt()).toMatchObject({
      a: ['email', 'firstname', 'score'],
      b: ['email'],
    })
    // What the owner was sent, and no other row wrote, is still its own to clear.
    await cycle.setModel([
      { ...owners[0], name: null },
      { ...owners[1], score: null },
      ...others,
    ] as ModelRow[])
    await cycle.run(({ rowId }) => (rowId === 'f' ? 'not-sent' : 'ok'))
    expect(portal.records.get(a)).toEqual({ email: 'a@example.com', firstname: '', score: '' })
    expect(portal.records.get(b)).toEqual({
      email: 'b@example.com',
      firstname: 'BySales',
      score: '',
    })
  })

  test('a changed mapping renders every row again and sends none of them', async () => {
    const portal = new Portal()
    const cycle = await openCycle(portal, engine)
    open.push(cycle)
    const rows = ids.map((id) => ({ id, email: `${id}@example.com`, name: 'Ada', score: 1.5 }))
    await cycle.setModel(rows)
    await cycle.run(() => 'ok')
    const { operations } = await cycle.run(() => 'ok', 'another seed')
    expect(operations.refresh).toBe(ids.length)
    expect(operations.update + operations.upsert).toBe(0)
  })
}

/** Each row has one record with exactly its values; no e-mail occurs twice. */
function expectEqual(portal: Portal, rows: readonly ModelRow[]): void {
  const emails = [...portal.records.values()].map((record) => record['email'])
  expect(new Set(emails).size).toBe(emails.length)
  for (const row of rows) {
    const record = portal.records.get(portal.find(row.email) ?? '')
    expect({
      firstname: record?.['firstname'] ?? '',
      score: record?.['score'] ?? '',
    }).toEqual({
      firstname: row.name ?? '',
      score: row.score === null ? '' : String(row.score),
    })
  }
}
