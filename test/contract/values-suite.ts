import { expect, test } from 'vitest'
import { tableStatements } from '../support/engine-words.ts'
import { createProject, type TestProject } from '../support/project.ts'
import { type StrictSandbox, strictSandbox } from '../support/sandbox.ts'
import type { TestEngine } from '../support/warehouses.ts'
import {
  type Cell,
  type ColumnKind,
  casts,
  columnKinds,
  dropped,
  ownColumnKinds,
  type PropertyKind,
  propertyKinds,
  refused,
} from './value-cells.ts'

const sync = (model: string, properties: Readonly<Record<string, unknown>>, keys = {}) => ({
  model,
  hubspot: {
    sync: model,
    object: 'contacts',
    primary_key: 'id',
    match: { email: 'email' },
    properties,
    ...keys,
  },
})

/** What each kind of column, each kind of property and each rule of HubSpot make of values. */
export function valuesSuite(engine: TestEngine): void {
  const here = test.skipIf(engine.missing !== undefined)
  const quote = (identifier: string) => engine.dialect.quote(identifier)

  const start = async (tables: readonly string[], syncs: readonly ReturnType<typeof sync>[]) => {
    const sandbox = await strictSandbox({ tier: 'unlimited' })
    const project = await createProject({ engine: engine.name, sandbox, tables, syncs })
    return { sandbox, project }
  }

  const spelled = (column: ColumnKind): string | null => {
    const own = column[engine.name]
    return own === undefined ? column.sql : own
  }
  const columns = [...columnKinds, ...ownColumnKinds].filter((column) => spelled(column) !== null)

  here('every column type × property type, and NULL', async () => {
    const cells = columns.flatMap((column) =>
      propertyKinds.map((kind) => ({
        column: column.name,
        property: `${column.name}_${kind.name}`,
        kind,
        expected: expectedOf(engine, column, kind),
      })),
    )
    const properties = Object.fromEntries(cells.map((cell) => [cell.property, cell.column]))
    const keys = { on_invalid: 'drop_property' }
    const values = [...columns.map((column) => [column.name, spelled(column)]), ...epochs]
    const select = values.map(([name, sql]) => `${sql} as ${name}`)
    const { sandbox, project } = await start([], [sync('matrix', properties, keys)])
    const names = values.map(([name]) => `, v.${name}`).join('')
    /** Two rows: all values, and none. */
    const matrix = (which: string) => `create table ${project.relation('matrix')} as
select t.id, t.email${names} from (select 1 as id, 'one@shop.example' as email union all select 2, 'two@shop.example') as t
left join (select * from (select 1 as full_id, ${select.join(', ')}) as w ${which}) as v on v.full_id = t.id`
    await project.sql(matrix(''))
    for (const { property, kind } of cells) define(sandbox, property, kind)
    for (const [column, kind, as] of casts)
      define(sandbox, `${column}_as_${as}_${kind}`, kindOf(kind))

    const { problems } = JSON.parse(
      (await project.run(['validate', '--output', 'json'])).stdout,
    ) as { problems: readonly { key: string; message: string }[] }
    expect(problems.map(({ key }) => key).sort()).toEqual(
      cells
        .filter(({ expected }) => expected === refused)
        .map(({ property }) => `properties.${property}`)
        .sort(),
    )
    const open = cells.filter(({ expected }) => expected !== refused)
    const asked = Object.fromEntries([
      ...open.map(({ property, column }) => [property, column]),
      ...casts.map(([column, kind, as]) => [`${column}_as_${as}_${kind}`, { column, as }]),
    ])
    project.setSyncs([sync('matrix', asked, keys)])
    project.setResults()
    await succeeds(project)
    const [one, two] = ['one', 'two'].map(
      (name) => sandbox.findRecord('contacts', 'email', `${name}@shop.example`)?.properties ?? {},
    )
    const arrived = Object.fromEntries(
      Object.keys(asked).map((property) => [property, one?.[property] ?? dropped]),
    )
    expect(arrived).toEqual(
      Object.fromEntries([
        ...open.map(({ property, expected }) => [property, expected]),
        ...casts.map(([column, kind, as, expected]) => [`${column}_as_${as}_${kind}`, expected]),
      ]),
    )
    expect(Object.keys(asked).filter((property) => two?.[property] !== undefined)).toEqual([])

    // What becomes NULL is cleared, and only that.
    const before = sandbox.writeCalls()
    await project.sql(`drop table ${project.relation('matrix')}`, matrix('where 1 = 0'))
    await succeeds(project)
    expect(sandbox.writeCalls()).toBe(before + 1)
    const sent = Object.keys(arrived).filter((property) => arrived[property] !== dropped)
    expect(sandbox.written().at(-1)?.body).toMatchObject({
      inputs: [{ properties: Object.fromEntries(sent.map((property) => [property, ''])) }],
    })
    const cleared = sandbox.findRecord('contacts', 'email', 'one@shop.example')?.properties ?? {}
    expect(Object.keys(asked).filter((property) => (cleared[property] ?? '') !== '')).toEqual([])
  })

  here('what a property does not take is told before the call, by row and in words', async () => {
    const misfits = columns.flatMap((column) => {
      const kinds = propertyKinds.filter((kind) => expectedOf(engine, column, kind) === dropped)
      return kinds.length === 0 ? [] : [{ column, kinds }]
    })
    const properties = Object.fromEntries(
      misfits.flatMap(({ column: { name }, kinds }) =>
        kinds.map((kind) => [`${name}_${kind.name}`, name]),
      ),
    )
    const { sandbox, project } = await start([], [sync('misfits', properties)])
    for (const { column, kinds } of misfits)
      for (const kind of kinds) define(sandbox, `${column.name}_${kind.name}`, kind)
    const ids = misfits.map(
      (_, index) => `select ${index + 1} as id, 'p${index + 1}@shop.example' as email`,
    )
    const parts = misfits.map(
      ({ column }, index) =>
        `left join (select ${index + 1} as full_id, ${spelled(column)} as ${column.name}) as v${index} on v${index}.full_id = t.id`,
    )
    const names = misfits.map(({ column }, index) => `, v${index}.${column.name}`)
    await project.sql(
      `create table ${project.relation('misfits')} as select t.*${names.join('')} from (${ids.join(' union all ')}) as t ${parts.join(' ')}`,
    )
    const run = await project.run(['run'])
    expect(run.exitCode, run.stderr).toBe(1)
    expect(sandbox.writeCalls()).toBe(0)
    const told = await project.rows('select row_id, outcome, error_message from changes')
    expect(
      Object.fromEntries(
        told.map((row) => [row['row_id'], [row['outcome'], row['error_message']]]),
      ),
    ).toEqual(
      Object.fromEntries(
        misfits.map(({ column, kinds }, index) => [
          `${index + 1}`,
          [
            'rejected',
            kinds
              .map((kind) => whyNot(engine, column, kind))
              .sort()
              .join('; '),
          ],
        ]),
      ),
    )
  })

  here('labels, owners, limits, unique and required values', async () => {
    const table = {
      name: 'people',
      columns: {
        id: 'integer',
        email: 'text',
        status: 'text',
        colours: 'text',
        owner: 'text',
        badge: 'text',
        zip: 'text',
        age: 'integer',
        born: 'date',
      },
      rows: rows.map(([row]) => row),
    } as const
    const { sandbox, project } = await start(tableStatements(engine.name, table, quote), [
      sync('people', peopleProperties),
    ])
    definePeople(sandbox)
    const { stdout } = await project.run(['plan', '--all', '--output', 'json'])
    const changes = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
      .filter(({ kind }) => kind === 'change')
    const told = new Map(
      changes.map((change) => [Number(change.rowId), change.message ?? change.new]),
    )
    expect([...told].sort(([one], [other]) => one - other)).toEqual(
      rows.map(([row, expected]) => [row[0], expected]),
    )
    const run = await project.run(['run'])
    expect(run.exitCode, run.stderr).toBe(1)
    expect(sandbox.countRecords('contacts')).toBe(
      rows.filter(([, expected]) => typeof expected !== 'string').length,
    )
    expect(sandbox.writeCalls()).toBe(1)
    // The owner has another id now: what the addresses mean is part of the diff.
    sandbox.changeProperty('contacts', 'hs_lead_status', {
      options: leadStatuses.map(({ value, ...rest }) => ({
        ...rest,
        value: value === 'OPEN' ? 'OPENED' : value,
      })),
    })
    await project.run(['run'])
    expect(sandbox.written().at(-1)?.body).toMatchObject({
      inputs: [{ properties: { hs_lead_status: 'OPENED' } }],
    })
    expect(sandbox.writeCalls()).toBe(2)
  })
}

const epochs = [
  ['epoch_s', '1709208000'],
  ['epoch_ms', '1709208000123'],
] as const

const kindOf = (name: string): PropertyKind => {
  const kind = propertyKinds.find((each) => each.name === name)
  if (kind === undefined) throw new TypeError(`no kind ${name}`)
  return kind
}

function define(sandbox: StrictSandbox, name: string, kind: PropertyKind): void {
  sandbox.createProperty('contacts', { name, ...kind.definition })
  if (kind.internalType !== undefined)
    sandbox.changeProperty('contacts', name, { type: kind.internalType })
}

function expectedOf(engine: TestEngine, column: ColumnKind, { name }: PropertyKind): Cell {
  const { cells, texts } = column
  switch (name) {
    case 'json':
    case 'place':
      return refused
    case 'html':
    case 'string':
    case 'phone': {
      const cell = cells[name === 'phone' ? 'phone' : 'string']
      return typeof cell === 'string' ? (texts?.[engine.name] ?? cell) : cell
    }
    case 'currency':
      return cells.number
    default:
      return cells[name as keyof typeof cells]
  }
}

/** The message about a cell whose value the property does not take. */
function whyNot(engine: TestEngine, column: ColumnKind, kind: PropertyKind): string {
  const { name, cells, texts } = column
  const text =
    texts?.[engine.name] ?? String(cells.string === dropped ? 'x'.repeat(80) : cells.string)
  return `${name}_${kind.name}: ${column.said?.[kind.name] ?? `"${text}" ${words[kind.name]}`}`
}

const noOption = 'is no option (options: red, blue, 1, true)'
const tooLong = 'has more than 65536 characters, which HubSpot does not take'

/** What is said of values, by kind of property. */
const words: Readonly<Record<string, string>> = {
  string: tooLong,
  html: tooLong,
  phone: tooLong,
  number: 'is no number',
  currency: 'is no number',
  bool: 'is neither true nor false',
  select: noOption,
  several: noOption,
  date: 'is no date',
  datetime: 'is no date and time',
}

async function succeeds(project: TestProject): Promise<void> {
  const { exitCode, stdout, stderr } = await project.run(['run'])
  expect(exitCode, `${stdout}\n${stderr}`).toBe(0)
}

const leadStatuses = [
  { label: 'New', value: 'NEW', hidden: false, displayOrder: 0 },
  { label: 'Open', value: 'OPEN', hidden: false, displayOrder: 1 },
  { label: 'Lost', value: 'LOST_1', hidden: false, displayOrder: 2 },
  { label: 'Lost', value: 'LOST_2', hidden: false, displayOrder: 3 },
]

function definePeople(sandbox: StrictSandbox): void {
  sandbox.changeProperty('contacts', 'hs_lead_status', { options: leadStatuses })
  sandbox.createProperty('contacts', {
    name: 'colours',
    type: 'enumeration',
    fieldType: 'checkbox',
    options: [
      { label: 'Deep red', value: 'r', hidden: false, displayOrder: 0 },
      { label: 'Blue', value: 'b', hidden: false, displayOrder: 1 },
    ],
  })
  sandbox.createProperty('contacts', {
    name: 'badge',
    type: 'string',
    fieldType: 'text',
    hasUniqueValue: true,
  })
  sandbox.createProperty('contacts', { name: 'age', type: 'number', fieldType: 'number' })
  sandbox.createProperty('contacts', { name: 'born', type: 'date', fieldType: 'date' })
  sandbox.setRule('contacts', 'zip', 'REGEX', '^\\d{5}(-\\d{4})?$')
  sandbox.setRule('contacts', 'age', 'MIN_NUMBER', '1')
  sandbox.setRule('contacts', 'age', 'MAX_NUMBER', '150')
  sandbox.setRule('contacts', 'born', 'START_DATE', '1900-01-01')
  sandbox.setRule('contacts', 'born', 'END_DATE', String(Date.UTC(2020, 0, 1)))
  sandbox.setRule('contacts', 'firstname', 'MIN_LENGTH', '2')
  sandbox.addOwner({
    id: '99',
    email: 'Gone@Shop.example',
    firstName: 'Gone',
    lastName: 'Away',
    userId: 99,
    archived: true,
  })
}

const peopleProperties = {
  hs_lead_status: { column: 'status', as: 'option_label' },
  colours: { column: 'colours', as: 'option_label' },
  hubspot_owner_id: { column: 'owner', as: 'owner_email' },
  badge: 'badge',
  zip: 'zip',
  age: 'age',
  born: 'born',
}

type PersonRow = readonly [
  id: number,
  email: string,
  status: string | null,
  colours: string | null,
  owner: string | null,
  badge: string | null,
  zip: string | null,
  age: number | null,
  born: string | null,
]

/** Rows, and what is sent of each or why nothing is. */
const rows: readonly (readonly [PersonRow, string | Readonly<Record<string, string>>])[] = [
  [
    [
      1,
      'p1@shop.example',
      ' Open ',
      'Blue;Deep red',
      ' Ada.Marlow@backhaul.example',
      'B1',
      '12345',
      1,
      '1900-01-01',
    ],
    {
      email: 'p1@shop.example',
      hs_lead_status: 'OPEN',
      colours: 'r;b',
      hubspot_owner_id: '41629779',
      badge: 'B1',
      zip: '12345',
      age: '1',
      born: '1900-01-01',
    },
  ],
  [[2, 'p2@shop.example', null, null, null, null, null, null, null], { email: 'p2@shop.example' }],
  [
    [3, 'p3@shop.example', 'OPEN', null, null, null, null, null, null],
    'hs_lead_status: "OPEN" is no label of an option (labels: New, Open, Lost)',
  ],
  [
    [4, 'p4@shop.example', 'Lost', null, null, null, null, null, null],
    'hs_lead_status: "Lost" is the label of several options (LOST_1, LOST_2)',
  ],
  [
    [5, 'p5@shop.example', null, 'Blue;Green', null, null, null, null, null],
    'colours: "Blue;Green" is no label of an option (labels: Deep red, Blue)',
  ],
  [
    [6, 'p6@shop.example', null, null, 'nobody@shop.example', null, null, null, null],
    'hubspot_owner_id: "nobody@shop.example" is no e-mail address of an owner in HubSpot',
  ],
  [
    [7, 'p7@shop.example', null, null, 'GONE@shop.example', null, null, null, null],
    'hubspot_owner_id: "gone@shop.example" belongs to an owner who is deactivated in HubSpot',
  ],
  [
    [8, 'p8@shop.example', null, null, null, 'B8', null, null, null],
    'badge: "B8" must be unique, and row 9 of the model has it, too',
  ],
  [
    [9, 'p9@shop.example', null, null, null, 'B8', null, null, null],
    'badge: "B8" must be unique, and row 8 of the model has it, too',
  ],
  [
    [10, 'p10@shop.example', null, null, null, null, '1234', null, null],
    'zip: "1234" does not match ^\\d{5}(-\\d{4})?$, which HubSpot does not take',
  ],
  [
    [11, 'p11@shop.example', null, null, null, null, null, 0, null],
    'age: "0" is below 1, which HubSpot does not take',
  ],
  [
    [12, 'p12@shop.example', null, null, null, null, null, 151, null],
    'age: "151" is above 150, which HubSpot does not take',
  ],
  [
    [13, 'p13@shop.example', null, null, null, null, null, null, '1899-12-31'],
    'born: "1899-12-31" is before 1900-01-01, which HubSpot does not take',
  ],
  [
    [14, 'p14@shop.example', null, null, null, null, null, null, '2020-01-02'],
    'born: "2020-01-02" is after 2020-01-01, which HubSpot does not take',
  ],
]
