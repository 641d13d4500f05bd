import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { tableName } from '../../src/warehouse/dialect.ts'
import { join, raw, sql } from '../../src/warehouse/sql.ts'
import type { Warehouse } from '../../src/warehouse/warehouse.ts'
import { names, texts } from '../support/corpus.ts'
import { type TestPlace, testEngines, uniqueName } from '../support/warehouses.ts'

/**
 * Any text that PostgreSQL can hold. Without a byte order mark in front: DuckDB's SDK drops one when a cell is read
 * (not inside of JSON, which is how wire values are read).
 */
const anyText = fc
  .oneof(
    fc.string({ unit: 'grapheme', maxLength: 40 }).filter((text) => !text.includes('\0')),
    fc.string({
      unit: fc.constantFrom(
        '\\',
        "'",
        '"',
        '?',
        '$',
        '1',
        '\n',
        '\r',
        '\t',
        ';',
        '{',
        '}',
        ':',
        'N',
        '😀',
      ),
      maxLength: 12,
    }),
    fc.constantFrom(...texts),
  )
  .filter((text) => !text.startsWith('\ufeff'))
const anyName = fc.oneof(anyText, fc.constantFrom(...names)).filter((name) => {
  const bytes = Buffer.byteLength(name)
  return bytes > 0 && bytes <= 63
})

const rounds = { numRuns: 60 }

describe.each(testEngines())('names and values on $name', (engine) => {
  const { dialect } = engine
  const textType = raw(dialect.type('text'))
  const possible = names.filter((name) => engine.canName(name))
  const anyPossibleName = fc.oneof(
    anyName.filter((name) => engine.canName(name)),
    fc.constantFrom(...possible),
  )
  let place: TestPlace
  let warehouse: Warehouse

  beforeAll(async () => {
    if (engine.missing !== undefined) return
    place = await engine.create()
    warehouse = await place.open()
  })
  afterAll(() => place?.close())

  const check = test.skipIf(engine.missing !== undefined)

  check('every name can be a table, a column and an alias', async () => {
    for (const name of possible) {
      const quoted = raw(dialect.quote(name))
      const table = raw(tableName(dialect, place.table(`${name.slice(0, 20)}${uniqueName('')}`)))
      await warehouse.execute(sql`create table ${table} (${quoted} ${raw(dialect.type('text'))})`)
      await warehouse.execute(sql`insert into ${table} (${quoted}) values (${name})`)
      const rows = await warehouse.query(sql`select t.${quoted} as ${quoted} from ${table} as t`)
      expect(rows).toEqual([{ [engine.key(name)]: name }])
    }
  })

  check('columns are found by the spelling they have', async () => {
    const columns = possible.map((name) => `${dialect.quote(name)} ${textType.text}`)
    await place.build(`create table named (${columns.join(', ')})`)
    const found = await warehouse.columns(place.relation('named'))
    expect(found?.map((column) => column.name)).toEqual(possible)
  })

  check('any name is quoted so that it means itself', async () => {
    await fc.assert(
      fc.asyncProperty(anyPossibleName, async (name) => {
        const rows = await warehouse.query(sql`select ${1} as ${raw(dialect.quote(name))}`)
        expect(rows).toEqual([{ [engine.key(name)]: 1 }])
      }),
      rounds,
    )
  })

  check(
    'any value comes back as it was bound, beside literals that look like parameters',
    async () => {
      await fc.assert(
        fc.asyncProperty(anyText, anyText, async (first, second) => {
          const rows = await warehouse.query(
            sql`select cast(${first} as ${textType}) as a, ${raw(['?', '\\?', '$1', '??'].map(engine.literal).join(' || '))} as literal, cast(${second} as ${textType}) as b`,
          )
          expect(rows).toEqual([{ a: first, literal: '?\\?$1??', b: second }])
        }),
        rounds,
      )
    },
  )

  check('any value comes back as it was uploaded', async () => {
    const table = place.table(uniqueName('uploaded'))
    const name = raw(tableName(dialect, table))
    await warehouse.execute(
      sql`create table ${name} (a ${raw(dialect.type('text'))}, b ${raw(dialect.type('text'))}, n ${raw(dialect.type('integer'))})`,
    )
    const cell = fc.oneof(anyText, fc.constant(null))
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 8 }),
        async (rows) => {
          await warehouse.execute(sql`delete from ${name}`)
          await warehouse.upload(
            table,
            ['n', 'b', 'a'],
            rows.map(([a, b], index) => [index, b, a]),
          )
          const found = await warehouse.query(sql`select a, b from ${name} order by n`)
          expect(found).toEqual(rows.map(([a, b]) => ({ a, b })))
        },
      ),
      rounds,
    )
  })

  check('any JSON object can be written and its fields read', async () => {
    const entry = fc.tuple(anyName, fc.oneof(anyText, fc.constant(null)))
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(entry, { selector: ([name]) => name, maxLength: 6 }),
        async (entries) => {
          const pairs = entries.map(([name, value]) => ({
            name,
            value: sql`cast(${value} as ${textType})`,
          }))
          const present = entries.filter(([, value]) => value !== null)
          const [object] = await warehouse.query(sql`select ${dialect.jsonObject(pairs)} as j`)
          const text = String(object?.['j'])
          expect(Object.entries(JSON.parse(text))).toEqual(
            Object.entries(Object.fromEntries(present)),
          )
          if (entries.length === 0) return
          const opened = dialect.openJson(
            sql`cast(${text} as ${textType})`,
            entries.map(([name]) => name),
          )
          const fields = entries.map(
            ([name], index) => sql`${dialect.jsonField(raw('o'), name)} as ${raw(`f${index}`)}`,
          )
          const [row] = await warehouse.query(
            sql`select ${join(fields)} from (select ${opened} as o) as q`,
          )
          expect(entries.map((_, index) => row?.[`f${index}`])).toEqual(
            entries.map(([, value]) => value),
          )
        },
      ),
      rounds,
    )
  })

  check('NULL opened as JSON has NULL fields', async () => {
    const opened = dialect.openJson(sql`cast(null as ${textType})`, ['a', 'B'])
    const rows = await warehouse.query(
      sql`select ${dialect.jsonField(raw('o'), 'a')} as a, ${dialect.jsonField(raw('o'), 'B')} as b from (select ${opened} as o) as q`,
    )
    expect(rows).toEqual([{ a: null, b: null }])
  })

  check('lists of names and keys are JSON', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(anyName, fc.boolean()), { maxLength: 5 }),
        async (entries) => {
          const list = dialect.nameList(
            entries.map(([name, isTrue]) => ({ name, when: raw(isTrue ? '1 = 1' : '1 = 0') })),
          )
          const keys = dialect.keyList(
            [['first', true] as const, ...entries].map(
              ([name]) => sql`cast(${name} as ${textType})`,
            ),
          )
          const [row] = await warehouse.query(sql`select ${list} as l, ${keys} as k`)
          const chosen = entries.filter(([, isTrue]) => isTrue).map(([name]) => name)
          if (chosen.length === 0) expect(row?.['l']).toBe('[]')
          expect(JSON.parse(String(row?.['l']))).toEqual(chosen)
          expect(JSON.parse(String(row?.['k']))).toEqual([
            'first',
            ...entries.map(([name]) => name),
          ])
        },
      ),
      rounds,
    )
  })

  check('a key with a NULL part is NULL', async () => {
    const keys = dialect.keyList([sql`cast(${'a'} as ${textType})`, sql`cast(null as ${textType})`])
    expect(await warehouse.query(sql`select ${keys} as k`)).toEqual([{ k: null }])
  })

  check('elements outside of the options are found, whatever they hold', async () => {
    const option = anyText.filter((text) => !text.includes(';') && text !== '')
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(option, { minLength: 2, maxLength: 6 }), async (all) => {
        const [stranger, ...options] = all
        const has = (text: string | null) =>
          dialect.hasElementOutside(sql`cast(${text} as ${textType})`, options)
        const rows = await warehouse.query(
          sql`select ${has(options.join(';'))} as known, ${has(all.join(';'))} as strange, ${has(null)} as absent`,
        )
        expect(rows).toEqual([{ known: false, strange: stranger !== undefined, absent: false }])
      }),
      rounds,
    )
  })
})
