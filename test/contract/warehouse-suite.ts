import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { WarehouseError } from '../../src/errors.ts'
import { digestPlan } from '../../src/plan/plan-digest.ts'
import { sharedTables, syncTables, tableDdl } from '../../src/record/tables.ts'
import { tableName } from '../../src/warehouse/dialect.ts'
import { join, raw, sql } from '../../src/warehouse/sql.ts'
import type { Row, Warehouse } from '../../src/warehouse/warehouse.ts'
import { tableStatements } from '../support/engine-words.ts'
import { type TestEngine, type TestPlace, uniqueName } from '../support/warehouses.ts'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

/** Heap that is in use: what only waits to be collected does not count. */
function aliveBytes(): number {
  collectGarbage()
  return process.memoryUsage().heapUsed
}

/** What every warehouse promises, whatever the engine. */
export function warehouseSuite(engine: TestEngine): void {
  const { dialect } = engine
  const text = raw(dialect.type('text'))
  const integer = raw(dialect.type('integer'))
  describe.skipIf(engine.missing !== undefined)(`${engine.name} keeps the contract`, () => {
    let place: TestPlace
    let warehouse: Warehouse
    const opened: Warehouse[] = []

    beforeAll(async () => {
      place = await engine.create()
      warehouse = await place.open()
    })
    afterAll(() => place?.close())
    afterEach(async () => {
      for (const other of opened.splice(0)) await other.close()
    })

    /** What only engines with snapshots promise. */
    const withSnapshots = test.skipIf(!dialect.capabilities.hasSnapshots)

    const fork = async () => {
      const other = await warehouse.fork()
      opened.push(other)
      return other
    }

    /** A table of ours with a column of each kind. */
    async function makeTable(name = uniqueName('t')) {
      const table = place.table(name)
      const kinds = ['text', 'integer', 'boolean', 'timestamp', 'fingerprint'] as const
      const columns = kinds.map((kind) => `${kind}_value ${dialect.type(kind)}`)
      await warehouse.execute(
        raw(`create table if not exists ${tableName(dialect, table)} (${columns.join(', ')})`),
      )
      return { table, name: raw(tableName(dialect, table)) }
    }

    const countOf = async (name: ReturnType<typeof raw>, session = warehouse) =>
      (await session.query(sql`select count(*) as total from ${name}`))[0]?.['total']

    test('the digest of a change set says what is planned, and nothing of the order', async () => {
      const table = place.table(uniqueName('plan'))
      const form = dialect.tableForm('working', undefined)
      await warehouse.execute(tableDdl(dialect, form, table, syncTables.plan))
      const columns = ['run_id', 'seq', 'row_id', 'operation', 'new_values', 'reason']
      const rows = [
        ['update', '{"firstname": "Ada \\u00e9", "_occurred_at": "1"}', null],
        ['update', '{"firstname": "Grace"}', null],
        ['update', null, 'x'],
        ['reject', null, 'missing_key'],
        ['refresh', '{}', null],
      ]
      const change = (runId: string, order: readonly number[], values = rows) =>
        warehouse.upload(
          table,
          columns,
          order.map((row, index) => [runId, index + 1, `${row}`, ...(values[row] ?? [])]),
        )
      await change('a', [0, 1, 2, 3, 4])
      await change('b', [3, 2, 4, 1, 0])
      await change('c', [0, 1, 2, 3], [['update', '{"firstname": "Eve"}', null], ...rows.slice(1)])
      await change('d', [0, 1, 2], [...rows.slice(0, 2), ['update', 'x', null]])
      const seal = 'salted'
      const digest = (runId: string) => digestPlan(warehouse, { plan: table, runId, seal })
      const [first, second, third, fourth] = [
        await digest('a'),
        await digest('b'),
        await digest('c'),
        await digest('d'),
      ]
      expect(first?.map(({ operation, rows: total }) => [operation, total])).toEqual([
        ['reject', 1],
        ['update', 3],
      ])
      expect(second).toEqual(first)
      expect(third?.[0]).toEqual(first?.[0])
      expect(third?.[1]?.digest).not.toBe(first?.[1]?.digest)
      expect(fourth?.[0]?.digest).not.toBe(first?.[1]?.digest)
      expect(await digest('none')).toEqual([])
      const salted = await digestPlan(warehouse, { plan: table, runId: 'a', seal: 'otherwise' })
      expect(salted[0]?.digest).not.toBe(first?.[0]?.digest)
      const eventProperties = ['firstname', '_occurred_at']
      const event = await digestPlan(warehouse, { plan: table, runId: 'a', seal, eventProperties })
      await change(
        'e',
        [0, 1, 2, 3],
        [['update', '{"firstname": "Ada \\u00e9", "_occurred_at": "2"}', null], ...rows.slice(1)],
      )
      expect(
        await digestPlan(warehouse, { plan: table, runId: 'e', seal, eventProperties }),
      ).toEqual(event)
      await warehouse.execute(raw(`drop table ${tableName(dialect, table)}`))
    })

    test('values come back as they were bound and as they were uploaded', async () => {
      const { table, name } = await makeTable()
      const moment = '2024-02-29T12:34:56.789Z'
      await warehouse.execute(
        sql`insert into ${name} values (${'bound'}, ${2 ** 40}, ${true}, ${moment}, null)`,
      )
      await warehouse.upload(
        table,
        ['timestamp_value', 'boolean_value', 'text_value', 'integer_value', 'fingerprint_value'],
        [
          ['2024-02-29T12:34:56.789123Z', false, 'uploaded', '9007199254740993', '17'],
          [null, null, null, null, null],
          ['1969-12-31T23:59:59.999Z', true, '', -1, 0],
        ],
      )
      expect(await warehouse.query(sql`select * from ${name} order by 1 nulls last`)).toEqual([
        {
          text_value: '',
          integer_value: -1,
          boolean_value: true,
          timestamp_value: '1969-12-31T23:59:59.999Z',
          fingerprint_value: 0,
        },
        {
          text_value: 'bound',
          integer_value: 2 ** 40,
          boolean_value: true,
          timestamp_value: moment,
          fingerprint_value: null,
        },
        {
          text_value: 'uploaded',
          integer_value: '9007199254740993',
          boolean_value: false,
          timestamp_value: '2024-02-29T12:34:56.789123Z',
          fingerprint_value: 17,
        },
        {
          text_value: null,
          integer_value: null,
          boolean_value: null,
          timestamp_value: null,
          fingerprint_value: null,
        },
      ])
    })

    test('bound numbers and booleans keep their types without a column beside them', async () => {
      const rows = await warehouse.query(
        sql`select ${7} as small, ${2 ** 40} as large, ${true} as flag, ${1.5} as fraction, ${'7'} as word`,
      )
      expect(rows).toEqual([{ small: 7, large: 2 ** 40, flag: true, fraction: 1.5, word: '7' }])
    })

    test('execute says how many rows it affected', async () => {
      const { name } = await makeTable()
      const values = join(['a', 'b', 'c'].map((text, index) => sql`(${text}, ${index})`))
      expect(
        await warehouse.execute(
          sql`insert into ${name} (text_value, integer_value) values ${values}`,
        ),
      ).toBe(3)
      expect(
        await warehouse.execute(
          sql`update ${name} set integer_value = 9 where text_value <> ${'a'}`,
        ),
      ).toBe(2)
      const merge = sql`merge into ${name} as t using (select 'c' as k union all select 'd') as n on t.text_value = n.k
        when matched then update set integer_value = 1 when not matched then insert (text_value) values (n.k)`
      expect(await warehouse.execute(merge)).toBe(2)
      expect(
        await warehouse.execute(
          sql`insert into ${name} (text_value) select text_value from ${name} where text_value in ('a', 'b')`,
        ),
      ).toBe(2)
      expect(await warehouse.execute(sql`delete from ${name} where text_value = ${'a'}`)).toBe(2)
    })

    test('a transaction that fails leaves nothing, and the session goes on', async () => {
      const { name } = await makeTable()
      await expect(
        warehouse.transaction([
          sql`insert into ${name} (text_value) values ('kept')`,
          sql`insert into ${name} ("no such column") values (1)`,
        ]),
      ).rejects.toThrow(WarehouseError)
      expect(await countOf(name)).toBe(0)
      await warehouse.transaction([
        sql`insert into ${name} (text_value) values ('a'), ('b')`,
        sql`delete from ${name} where text_value = 'a'`,
      ])
      expect(await countOf(name)).toBe(1)
    })

    test('an upload that fails leaves nothing', async () => {
      const { table, name } = await makeTable()
      const rows = Array.from({ length: 5000 }, (_, index) => [
        index === 4999 ? 'no number' : index,
      ])
      await expect(warehouse.upload(table, ['integer_value'], rows)).rejects.toThrow(WarehouseError)
      expect(await countOf(name)).toBe(0)
    })

    test('uploads a hundred thousand rows and streams them in chunks, in order', async () => {
      const { table, name } = await makeTable()
      const total = 100_000
      const rows = Array.from({ length: total }, (_, index) => [
        `row ${index}`,
        index,
        index % 2 === 0,
      ])
      await warehouse.upload(table, ['text_value', 'integer_value', 'boolean_value'], rows)
      let expected = 0
      let largest = 0
      for await (const chunk of warehouse.stream(
        sql`select integer_value as n from ${name} order by 1`,
      )) {
        largest = Math.max(largest, chunk.length)
        for (const row of chunk) if (row['n'] === expected) expected++
      }
      expect(expected).toBe(total)
      expect(largest).toBeLessThanOrEqual(5000)
    })

    test('memory does not grow with a streamed result', async () => {
      const statement = sql`select repeat('x', 1000) as line, i from ${raw(engine.series(300_000))}`
      let rows = 0
      let measured = 0
      let highest = 0
      const before = aliveBytes()
      for await (const chunk of warehouse.stream(statement)) {
        rows += chunk.length
        if (rows - measured < 30_000) continue
        measured = rows
        highest = Math.max(highest, aliveBytes() - before)
      }
      expect(rows).toBe(300_000)
      expect(highest).toBeLessThan(200 * 2 ** 20)
    })

    test('a stream that is left early frees the session; one that is read refuses others', async () => {
      const numbers = sql`select i from ${raw(engine.series(100_000))}`
      for await (const _ of warehouse.stream(numbers)) {
        await expect(warehouse.query(sql`select 1`)).rejects.toThrow(/fork/)
        break
      }
      expect(await warehouse.query(sql`select ${1} as one`)).toEqual([{ one: 1 }])
    })

    test('a stream is read to its end, however much others ask in between', async () => {
      const total = 20_000
      const other = await fork()
      let rows = 0
      for await (const chunk of warehouse.stream(sql`select i from ${raw(engine.series(total))}`)) {
        if (rows === 0) for (let asked = 0; asked < 150; asked++) await other.query(sql`select 1`)
        rows += chunk.length
      }
      expect(rows).toBe(total)
    })

    test('a stream reports what is wrong with its statement', async () => {
      const read = async () => {
        for await (const _ of warehouse.stream(sql`select nothing from nowhere`)) {
          // nothing comes
        }
      }
      await expect(read()).rejects.toThrow(WarehouseError)
      expect(await warehouse.query(sql`select ${1} as one`)).toEqual([{ one: 1 }])
    })

    test('reads the columns of a relation, and finds none of one that is not there', async () => {
      const odd = { MixedCase: 'integer', 'a.b': 'text', order: 'decimal', '?': 'date' } as const
      const possible = Object.entries(odd).filter(([column]) => engine.canName(column))
      await place.build(
        ...tableStatements(
          engine.name,
          { name: 'odd', columns: Object.fromEntries(possible), rows: [] },
          (identifier) => dialect.quote(identifier),
        ),
      )
      expect(await warehouse.columns(place.relation('odd'))).toMatchObject(
        possible.map(([column, family]) => ({ name: column, family })),
      )
      expect(await warehouse.columns(place.relation('absent'))).toBeUndefined()
    })

    test('reading columns inside a snapshot does not end it', async () => {
      await place.build('create table seen as select 1 as id')
      const rows = await warehouse.withSnapshot(async () => {
        expect(await warehouse.columns(place.relation('absent'))).toBeUndefined()
        expect(await warehouse.columns(place.relation('seen'))).toHaveLength(1)
        return warehouse.query(sql`select id from ${raw(place.relation('seen'))}`)
      })
      expect(rows).toEqual([{ id: 1 }])
    })

    test('a snapshot reads the model and commits what it wrote', async () => {
      await place.build('create table model as select 1 as id')
      const { name } = await makeTable()
      await warehouse.withSnapshot(() =>
        warehouse.execute(
          sql`insert into ${name} (integer_value) select id from ${raw(place.relation('model'))}`,
        ),
      )
      expect(await countOf(name, await fork())).toBe(1)
    })

    withSnapshots('a snapshot that fails leaves nothing behind', async () => {
      const { name } = await makeTable()
      const failure = new Error('stopped')
      await expect(
        warehouse.withSnapshot(async () => {
          await warehouse.execute(sql`insert into ${name} (integer_value) values (1)`)
          throw failure
        }),
      ).rejects.toBe(failure)
      expect(await countOf(name)).toBe(0)
    })

    withSnapshots('a snapshot does not see what another session commits meanwhile', async () => {
      const { name } = await makeTable()
      const other = await fork()
      const counts = await warehouse.withSnapshot(async () => {
        const before = await countOf(name)
        await other.execute(sql`insert into ${name} (integer_value) values (1)`)
        return [before, await countOf(name)]
      })
      expect(counts).toEqual([0, 0])
      expect(await countOf(name)).toBe(1)
    })

    test('uploads and transactions inside a snapshot are part of it', async () => {
      const { table, name } = await makeTable()
      await warehouse.withSnapshot(async () => {
        await warehouse.upload(table, ['integer_value'], [[1], [2]])
        await warehouse.transaction([sql`insert into ${name} (integer_value) values (3)`])
        expect(await countOf(name)).toBe(3)
      })
      expect(await countOf(name)).toBe(3)
    })

    test("a scratch table is in no other session's way", async () => {
      const state = place.table(uniqueName('scratch'))
      const { table, form } = dialect.scratchTable(state)
      const name = raw(tableName(dialect, table))
      await warehouse.execute(tableDdl(dialect, form, table, sharedTables.schema_version))
      await warehouse.execute(sql`insert into ${name} (version) values (${1})`)
      expect(await warehouse.query(sql`select version from ${name}`)).toEqual([{ version: 1 }])
      if (form.create === 'create table') {
        // There are no tables of a session: its name is no other plan's, and it expires by itself.
        expect(dialect.scratchTable(state).table.name).not.toBe(table.name)
      } else {
        await expect((await fork()).query(sql`select version from ${name}`)).rejects.toThrow(
          WarehouseError,
        )
      }
      await warehouse.execute(sql`drop table ${name}`)
    })

    test('of two sessions that take a lease, one gets it', async () => {
      const { name } = await makeTable()
      await warehouse.execute(
        sql`insert into ${name} (text_value, timestamp_value) values ('nobody', ${'2000-01-01T00:00:00.000Z'})`,
      )
      const take = async (session: Warehouse, holder: string): Promise<number> => {
        const until = dialect.addSeconds(dialect.now(), 60)
        const update = sql`update ${name} set text_value = ${holder}, timestamp_value = ${until}
          where timestamp_value <= ${dialect.now()} or text_value = ${holder}`
        // DuckDB refuses the second of two writers at once, with a transient error.
        return session.execute(update).catch((error: unknown) => {
          expect(error).toMatchObject({ disposition: 'transient' })
          return 0
        })
      }
      const other = await fork()
      const taken = await Promise.all([take(warehouse, 'first'), take(other, 'second')])
      expect(taken.toSorted()).toEqual([0, 1])
      const [holder, loser] = taken[0] === 1 ? ['first', other] : ['second', warehouse]
      expect(await take(loser as Warehouse, 'third')).toBe(0)
      expect(await take(warehouse, String(holder))).toBe(1)
    })

    test('a schema is found by its name', async () => {
      expect(await warehouse.hasSchema(place.schema)).toBe(true)
      expect(await warehouse.hasSchema(uniqueName('absent'))).toBe(false)
    })

    test('statements are counted, those of a fork with them', async () => {
      const before = warehouse.usage().statements
      await warehouse.query(sql`select 1 as one`)
      await (await fork()).query(sql`select 1 as one`)
      expect(warehouse.usage().statements - before).toBe(2)
    })

    test('now() moves on within a snapshot', async () => {
      const read = async () =>
        Date.parse(String((await warehouse.query(sql`select ${dialect.now()} as t`))[0]?.['t']))
      const [first, second] = await warehouse.withSnapshot(async () => {
        const before = await read()
        await new Promise((resolve) => setTimeout(resolve, 30))
        return [before, await read()]
      })
      expect(second).toBeGreaterThan(Number(first))
      expect(Math.abs(Date.now() - Number(second))).toBeLessThan(60_000)
    })

    test('an abort cancels the running statement, and the session can still clean up', async () => {
      const abort = new AbortController()
      const session = await place.open({ signal: abort.signal })
      // Minutes, not days: in an account it may outlive the test.
      const long = sql`select count(*) from ${raw(engine.series(1_000_000, 'a'))} cross join ${raw(engine.series(100_000, 'b'))}`
      const running = session.query(long)
      setTimeout(() => abort.abort(), 200)
      await expect(running).rejects.toThrow(WarehouseError)
      expect(await session.query(sql`select ${1} as one`)).toEqual([{ one: 1 }])
      await session.close()
    })

    test('statements asked for at once run one after the other', async () => {
      const { name } = await makeTable()
      const inserts = Array.from({ length: 20 }, (_, index) =>
        warehouse.transaction([sql`insert into ${name} (integer_value) values (${index})`]),
      )
      await Promise.all(inserts)
      expect(await countOf(name)).toBe(20)
    })

    test('errors hold no values', async () => {
      // No word that the random name of a table could hold.
      const secret = 'grace@example.com'
      const failures: unknown[] = []
      const note = (error: unknown) => failures.push(error)
      await warehouse
        .query(sql`select cast(cast(${secret} as ${text}) as ${integer}) as n`)
        .catch(note)
      const { table } = await makeTable()
      await warehouse.upload(table, ['integer_value'], [[secret]]).catch(note)
      expect(failures).toHaveLength(2)
      for (const failure of failures) {
        expect(failure).toBeInstanceOf(WarehouseError)
        const { message, hint, sql: text, cause } = failure as WarehouseError
        expect([message, hint, text, String(cause), JSON.stringify(cause)].join()).not.toContain(
          'grace',
        )
      }
    })

    test('a closed session says so', async () => {
      const session = await warehouse.fork()
      await session.close()
      await session.close()
      await expect(session.query(sql`select 1`)).rejects.toThrow(/closed/)
      expect(await warehouse.query(sql`select ${1} as one`)).toEqual([{ one: 1 }])
    })

    test('a statement of 1,200 columns over chained expressions runs', async () => {
      const width = 1200
      const { name } = await makeTable()
      const all = <T>(make: (index: number) => T) =>
        Array.from({ length: width }, (_, i) => make(i))
      const hint = dialect.capabilities.materializes ? raw('as materialized') : raw('as')
      const object = dialect.jsonObject(all((i) => ({ name: `p${i}`, value: raw(`v${i}`) })))
      const changed = dialect.nameList(
        all((i) => ({ name: `p${i}`, when: raw(`v${i} is not null`) })),
      )
      const statement = sql`insert into ${name} (text_value, fingerprint_value, integer_value)
        with wide ${hint} (select ${join(all((i) => sql`cast(${`value ${i}`} as ${text}) as ${raw(`c${i}`)}`))}),
        rendered ${hint} (select ${join(all((i) => sql`${dialect.render(raw(`c${i}`), 'text', { kind: 'text' }).value} as ${raw(`v${i}`)}`))} from wide)
        select ${object}, ${dialect.fingerprint(
          'seed',
          all((i) => ({ value: raw(`v${i}`), family: 'text' as const })),
        )}, length(${changed}) from rendered`
      expect(await warehouse.execute(statement)).toBe(1)
      const row: Row | undefined = (await warehouse.query(sql`select text_value from ${name}`))[0]
      expect(Object.keys(JSON.parse(String(row?.['text_value'])))).toHaveLength(width)
    })
  })
}
