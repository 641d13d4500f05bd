import { describe, expect, onTestFinished, test } from 'vitest'
import { changeSet } from '../../src/plan/diff/diff.ts'
import type { DiffLink, DiffSpec } from '../../src/plan/diff-spec.ts'
import { linksStatement, plannedLinks } from '../../src/plan/links/link-plan.ts'
import { type Ledger, linksOf, named, planOf, stateOf } from '../../src/record/ledger.ts'
import { ensureSchema, ensureSyncTables } from '../../src/record/schema/ensure-tables.ts'
import type { Column } from '../../src/warehouse/dialect.ts'
import { sql } from '../../src/warehouse/sql.ts'
import { diffSpec } from '../support/diff-spec.ts'
import { type TestEngine, testEngines } from '../support/warehouses.ts'

/** What a column may hold of lists and JSON, in the engine's own words. */
const words = {
  duckdb: {
    list: (...texts: string[]) => `[${texts.join(', ')}]`,
    json: (text: string) => `${text}::json`,
  },
  postgres: {
    list: (...texts: string[]) => `array[${texts.join(', ')}]::text[]`,
    json: (text: string) => `${text}::jsonb`,
  },
  snowflake: {
    list: (...texts: string[]) => `array_construct(${texts.join(', ')})`,
    json: (text: string) => `parse_json(${text})`,
  },
  bigquery: {
    list: (...texts: string[]) => `[${texts.join(', ')}]`,
    json: (text: string) => `parse_json(${text})`,
  },
} as const

const plain = 'HUBSPOT_DEFINED:279'

const entries = [
  { term: 'Buyer', meaning: 'USER_DEFINED:7' },
  { term: 'Decision maker', meaning: 'USER_DEFINED:5' },
  { term: 'Twice', trouble: 'is the label of several types' },
]

async function openPlace(engine: TestEngine, select: string) {
  const place = await engine.create()
  onTestFinished(() => place.close())
  await place.build(`create table asking as ${select}`)
  const warehouse = await place.open()
  const ledger: Ledger = {
    warehouse,
    location: { database: warehouse.stateDatabase, schema: place.schema },
    version: 'test',
  }
  await ensureSchema(ledger)
  for (const name of ['contacts', 'companies']) await ensureSyncTables(ledger, name)
  const relation = place.relation('asking')
  const columns = (await warehouse.columns(relation)) ?? []
  const column = (name: string): Column => {
    const found = columns.find((one) => one.name.toLowerCase() === name)
    if (found === undefined) throw new Error(`no column ${name}`)
    return found
  }
  const link = (parts: Partial<DiffLink> & Pick<DiffLink, 'target'>): DiffLink => ({
    association: 'companies/id:target',
    object: 'companies',
    objectTypeId: '0-2',
    labels: { kind: 'types', types: [] },
    lookup: { kind: 'link', entries },
    plainType: plain,
    onRemoved: 'keep',
    ...parts,
  })
  const { state: _state, match: _match, plan: _plan, ...blank } = diffSpec()
  const spec = (links: readonly DiffLink[], parts: Partial<DiffSpec> = {}): DiffSpec => ({
    ...blank,
    relation,
    keyColumns: [column('id')],
    properties: [],
    mode: 'insert',
    links,
    ...parts,
  })
  return { ledger, column, link, spec }
}

describe.each(testEngines())('links on $name', (engine) => {
  const here = test.skipIf(engine.missing !== undefined)
  const { list, json } = words[engine.name]
  const text = (value: string | null) =>
    value === null ? `cast(null as ${engine.dialect.type('text')})` : engine.literal(value)

  /** What rows ask for: key and types of each link, or what is wrong with the row. */
  async function asked(
    cell: string,
    parts: (column: (name: string) => Column) => Partial<DiffLink>,
  ) {
    const { ledger, column, link, spec } = await openPlace(
      engine,
      `select 1 as id, ${cell} as target, ${text('Buyer')} as role, ${text('Buyer,Decision maker')} as roles, ${text(null)} as nothing, ${text(' []')} as empty`,
    )
    const { warehouse } = ledger
    const { dialect } = warehouse
    const target = { kind: 'id', column: column('target') } as const
    const one = spec([link({ target, ...parts(column) })])
    return warehouse.withSnapshot(async () => {
      const [row] = await warehouse.query(
        sql`select reason, reason_detail, reason_message from (${changeSet(dialect, one)}) as planned`,
      )
      if (row?.['reason'] !== null)
        return String(row?.['reason_message']).replace('TARGET', 'target')
      const links = await warehouse.query(
        sql`select target_key, labels from ${plannedLinks(dialect, one)} order by target_key`,
      )
      return links.map((found) => [found['target_key'], found['labels']])
    })
  }

  const key = '{"value": "12", "label": "Buyer"}'
  const none = () => ({})
  const split = () => ({ split: ',' })
  type Columns = (name: string) => Column
  const toSync = (...columns: readonly Column[]) =>
    ({ target: { kind: 'sync', sync: 'companies', columns } }) as const
  const ofSync = (column: Columns) => toSync(column('target'))
  const ofSyncByTwo = (column: Columns) => toSync(column('role'), column('target'))
  const labelled = (name: string) => (column: (name: string) => Column) => ({
    labels: { kind: 'column', column: column(name) } as const,
  })

  here.each([
    ['a number', '12', none, [['12', '[]']]],
    ['text', text(' 12 '), none, [['12', '[]']]],
    ['NULL', text(null), none, []],
    ['an empty text', text(''), none, []],
    [
      'text with a separator that nobody named',
      text('1,2'),
      none,
      expect.stringContaining('"1,2" is no record id'),
    ],
    [
      'text with a separator',
      text('3, 1,,2'),
      split,
      [
        ['1', '[]'],
        ['2', '[]'],
        ['3', '[]'],
      ],
    ],
    [
      'a list',
      list(text('1'), text('2')),
      none,
      [
        ['1', '[]'],
        ['2', '[]'],
      ],
    ],
    [
      'a JSON list',
      json(text('[1, "2", null]')),
      none,
      [
        ['1', '[]'],
        ['2', '[]'],
      ],
    ],
    [
      'a JSON list in text',
      text('["1", 2]'),
      none,
      [
        ['1', '[]'],
        ['2', '[]'],
      ],
    ],
    [
      'numbers as engines write them, and text that looks like one',
      json(text('[1.0, 2e0, {"value": 3.00}]')),
      none,
      [
        ['1', '[]'],
        ['2', '[]'],
        ['3', '[]'],
      ],
    ],
    [
      'keys of another sync: numbers by their value, texts as they are',
      text('[1.0, 2.50, "3.0", " ", "", null]'),
      ofSync,
      [
        ['1', '[]'],
        ['2.5', '[]'],
        ['3.0', '[]'],
      ],
    ],
    ['a blank text as the key of another sync', text('  '), ofSync, []],
    ['JSON null as the key of another sync', json(text('null')), ofSync, []],
    ['a blank part of a key of several columns', text(' '), ofSyncByTwo, []],
    ['JSON null as a part of a key of several columns', json(text('null')), ofSyncByTwo, []],
    ['an object', json(text(key)), none, [['12', '["USER_DEFINED:7"]']]],
    ['an object in text', text(key), none, [['12', '["USER_DEFINED:7"]']]],
    [
      'objects, labels, a null label and a list of them',
      text(
        '[{"value": 1, "label": ["Decision maker", "Buyer"]}, {"value": "2", "label": null}, {"value": "3"}]',
      ),
      labelled('role'),
      [
        ['1', '["USER_DEFINED:5","USER_DEFINED:7"]'],
        ['2', '[]'],
        ['3', '["USER_DEFINED:7"]'],
      ],
    ],
    [
      'one pair in several pieces',
      text('[{"value": 1, "label": "Buyer"}, {"value": 1, "label": "Decision maker"}, 1]'),
      none,
      [['1', '["USER_DEFINED:5","USER_DEFINED:7"]']],
    ],
    ['a label of a column', text('1'), labelled('role'), [['1', '["USER_DEFINED:7"]']]],
    ['a label of a column that is NULL', text('1'), labelled('nothing'), [['1', '[]']]],
    ['an empty list of labels of a column', text('1'), labelled('empty'), [['1', '[]']]],
    ['an empty list of labels', text('[{"value": 1, "label": [ ]}]'), none, [['1', '[]']]],
    [
      'labels of a column with a separator',
      text('1'),
      (column: (name: string) => Column) => ({ ...labelled('roles')(column), split: ',' }),
      [['1', '["USER_DEFINED:5","USER_DEFINED:7"]']],
    ],
    [
      'a static label',
      text('1'),
      () => ({ labels: { kind: 'types', types: ['USER_DEFINED:5'] } as const }),
      [['1', '["USER_DEFINED:5"]']],
    ],
    [
      'a label in an object with a separator',
      text('{"value": "1", "label": "Buyer,Decision maker"}'),
      split,
      expect.stringContaining('is no record id'),
    ],
    [
      'a label that is not there',
      text('{"value": "1", "label": "Boss"}'),
      none,
      'target: "Boss" is no label of companies (labels: Buyer, Decision maker, Twice)',
    ],
    [
      'a label of several types',
      text('{"value": "1", "label": "Twice"}'),
      none,
      'target: "Twice" is the label of several types',
    ],
    [
      'an object without a value',
      text('{"id":"1"}'),
      none,
      'target: "{"id":"1"}" is neither a target nor an object of "value" and "label"',
    ],
    [
      'broken JSON',
      text('[1, 2'),
      none,
      'target: "[1, 2" is neither a target nor an object of "value" and "label"',
    ],
    [
      'a list in a list',
      text('[1, [2]]'),
      none,
      'target: "[2]" is neither a target nor an object of "value" and "label"',
    ],
    [
      'an element that is no id',
      text('["1", "x"]'),
      none,
      'target: "x" is no record id, which is a whole number',
    ],
    [
      'true',
      text('[true]'),
      none,
      'target: "true" is neither a target nor an object of "value" and "label"',
    ],
    [
      'quotes, backslashes and other letters',
      text('{"value": "7", "label": "\\"\\\\ \\u00e4 \\ud83d\\ude00"}'),
      none,
      'target: ""\\ ä 😀" is no label of companies (labels: Buyer, Decision maker, Twice)',
    ],
  ] as const)('%s', async (_name, cell, parts, expected) => {
    expect(await asked(cell, parts)).toEqual(expected)
  })

  here('what is known decides what is done', async () => {
    const { ledger, column, link, spec } = await openPlace(
      engine,
      ['1|a', '2|b', '3|c', '4|d', '5|e', '6|f', '8|h', '9|i']
        .map((pair) => pair.split('|'))
        .map(([id, target]) => `select ${text(id ?? '')} as id, ${text(target ?? '')} as target`)
        .join(' union all '),
    )
    const { warehouse } = ledger
    const { dialect } = warehouse
    const association = 'companies/sync:companies'
    const insert = async (
      table: ReturnType<typeof stateOf>,
      rows: readonly Readonly<Record<string, string | boolean>>[],
    ) => {
      const names = [...new Set(rows.flatMap((row) => Object.keys(row)))]
      await warehouse.upload(
        table,
        names,
        rows.map((row) => names.map((name) => row[name] ?? null)),
      )
    }
    const record = (row_id: string) => ({ row_id, record_id: `1${row_id}`, status: 'succeeded' })
    await insert(stateOf(ledger, 'contacts'), ['1', '2', '3', '4', '5', '7', '8', '9'].map(record))
    await insert(stateOf(ledger, 'companies'), [
      { row_id: 'a', record_id: '90', status: 'succeeded' },
      { row_id: 'b', record_id: '91', status: 'succeeded' },
      { row_id: 'c', record_id: '92', status: 'succeeded' },
      { row_id: 'h', record_id: '93', status: 'succeeded' },
      { row_id: 'i', record_id: '94', status: 'succeeded' },
    ])
    const known = (
      row_id: string,
      target_key: string,
      target: string,
      parts: Readonly<Record<string, string | boolean>> = {},
    ) => ({
      row_id,
      association,
      target_key,
      record_id: `1${row_id}`,
      target_record_id: target,
      labels: '[]',
      status: 'succeeded',
      ...parts,
    })
    await insert(linksOf(ledger, 'contacts'), [
      known('1', 'a', '90'),
      known('2', 'b', '90'), // its company has another record now
      known('3', 'c', '92', { labels: '["USER_DEFINED:7"]' }), // another label
      { row_id: '5', association, target_key: 'e', status: 'pending' }, // still no company
      known('7', 'a', '90', { added_here: true }), // the row left
      known('8', 'a', '90', { added_here: true }), // another target
      known('8', 'b', '91'), // not made here
      known('9', 'i', '94', { status: 'left' }), // asked for again
    ])
    await insert(planOf(ledger, 'contacts'), [])
    await warehouse.execute(
      sql`insert into ${named(ledger, planOf(ledger, 'contacts'))} (run_id, seq, row_id, operation) values ('run-1', 1, '6', 'upsert'), ('run-1', 2, '9', 'refresh')`,
    )
    const own = spec(
      [
        link({
          association,
          target: { kind: 'sync', sync: 'companies', columns: [column('target')] },
          onRemoved: 'remove',
        }),
      ],
      {
        mode: 'upsert',
        state: stateOf(ledger, 'contacts'),
        linksTable: linksOf(ledger, 'contacts'),
        linkTargets: [{ syncName: 'companies', state: stateOf(ledger, 'companies') }],
      },
    )
    const planned = { ...own, plan: planOf(ledger, 'contacts') }
    await warehouse.withSnapshot(() => warehouse.execute(linksStatement(dialect, planned)))
    const rows = await warehouse.query(
      sql`select seq, operation, row_id, target_key, record_id, target_record_id, labels, audit_old, reason_message from ${plannedLinks(dialect, planned)} order by seq`,
    )
    expect(rows.map((row) => Object.values(row))).toEqual([
      [3, 'associate', '2', 'b', '12', '91', '[]', '{"labels":[]}', null],
      [4, 'associate', '3', 'c', '13', '92', '[]', '{"labels":["USER_DEFINED:7"]}', null],
      [5, 'associate', '8', 'h', '18', '93', '[]', null, null],
      [6, 'associate', '9', 'i', '19', '94', '[]', '{"labels":[]}', null],
      [7, 'dissociate', '7', 'a', '17', '90', '[]', '{"labels":[]}', null],
      [8, 'dissociate', '8', 'a', '18', '90', '[]', '{"labels":[]}', null],
      [9, 'release', '8', 'b', '18', '91', '[]', '{"labels":[]}', null],
      [
        10,
        'wait',
        '4',
        'd',
        '14',
        null,
        '[]',
        null,
        'Row d of sync companies has no record in HubSpot yet.',
      ],
      [
        11,
        'wait',
        '6',
        'f',
        null,
        null,
        '[]',
        null,
        'Row f of sync companies has no record in HubSpot yet.',
      ],
    ])
  })
})
