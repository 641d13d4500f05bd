import type { ModelTable } from '../support/engine-words.ts'

/** Properties of the columns of the same name, as HubSpot takes their definition. */
export const typedProperties: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  words: { type: 'string', fieldType: 'text' },
  whole: { type: 'number', fieldType: 'number' },
  exact: { type: 'number', fieldType: 'number' },
  rough: { type: 'number', fieldType: 'number' },
  flag: {
    type: 'bool',
    fieldType: 'booleancheckbox',
    options: [
      { label: 'Yes', value: 'true', hidden: false, displayOrder: 0 },
      { label: 'No', value: 'false', hidden: false, displayOrder: 1 },
    ],
  },
  day: { type: 'date', fieldType: 'date' },
  naive: { type: 'datetime', fieldType: 'date' },
  instant: { type: 'datetime', fieldType: 'date' },
  instant_day: { type: 'date', fieldType: 'date' },
}

/** Values at the edges of the types that all engines have. */
export const typedTable: ModelTable = {
  name: 'typed',
  columns: {
    id: 'integer',
    email: 'text',
    words: 'text',
    whole: 'integer',
    exact: 'decimal',
    rough: 'float',
    flag: 'boolean',
    day: 'date',
    naive: 'timestamp',
    instant: 'timestamptz',
    instant_day: 'timestamptz',
  },
  rows: [
    [
      1,
      'Ada@Shop.example',
      'O\'Brien \\ "quoted"; 😀 日本語',
      42,
      '10.500000',
      '0.1',
      true,
      '2024-02-29',
      '2024-02-29 12:34:56.789123',
      '2024-02-29 23:34:56.789999-02:00',
      '2024-02-29 23:34:56-02:00',
    ],
    [
      2,
      'two@shop.example',
      'line\nbreak',
      '-9007199254740993',
      '-0.000001',
      '1e-7',
      false,
      '1969-12-31',
      '1969-12-31 23:59:59.999',
      '1969-12-31 23:59:59.999+00:00',
      '1970-01-01 00:30:00+01:00',
    ],
    [
      3,
      'three@shop.example',
      ' ',
      0,
      '0',
      '0.3333333333333333',
      false,
      '0001-01-01',
      '9999-12-31 23:59:59',
      '9999-12-31 23:59:59+00:00',
      '2000-01-01 00:00:00+00:00',
    ],
    [4, 'four@shop.example', null, null, null, null, null, null, null, null, null],
    [5, 'five@shop.example', '', 1, '1', 'NaN', true, null, null, null, null],
    [6, 'six@shop.example', 'x', 1, '999999999999.999999', '-1.5e21', null, null, null, null, null],
  ],
}

/** What `plan --output json` says of each row. */
export const expectedTyped: readonly (readonly [
  rowId: string,
  operation: string,
  values: Readonly<Record<string, string>>,
  reason: string | null,
  detail: string | null,
])[] = [
  [
    '5',
    'reject',
    { email: 'five@shop.example', whole: '1', exact: '1', flag: 'true' },
    'invalid_value',
    '["rough"]',
  ],
  [
    '1',
    'upsert',
    {
      email: 'ada@shop.example',
      words: 'O\'Brien \\ "quoted"; 😀 日本語',
      whole: '42',
      exact: '10.5',
      rough: '0.1',
      flag: 'true',
      day: '2024-02-29',
      naive: '2024-02-29T12:34:56.789Z',
      instant: '2024-03-01T01:34:56.789Z',
      instant_day: '2024-03-01',
    },
    null,
    null,
  ],
  [
    '2',
    'upsert',
    {
      email: 'two@shop.example',
      words: 'line\nbreak',
      whole: '-9007199254740993',
      exact: '-0.000001',
      rough: '0.0000001',
      flag: 'false',
      day: '1969-12-31',
      naive: '1969-12-31T23:59:59.999Z',
      instant: '1969-12-31T23:59:59.999Z',
      instant_day: '1969-12-31',
    },
    null,
    null,
  ],
  [
    '3',
    'upsert',
    {
      email: 'three@shop.example',
      words: ' ',
      whole: '0',
      exact: '0',
      rough: '0.333333333333333',
      flag: 'false',
      day: '0001-01-01',
      naive: '9999-12-31T23:59:59.000Z',
      instant: '9999-12-31T23:59:59.000Z',
      instant_day: '2000-01-01',
    },
    null,
    null,
  ],
  ['4', 'upsert', { email: 'four@shop.example' }, null, null],
  [
    '6',
    'upsert',
    {
      email: 'six@shop.example',
      words: 'x',
      whole: '1',
      exact: '999999999999.999999',
      rough: '-1500000000000000000000',
    },
    null,
    null,
  ],
]

/** The plan as a whole, but for names and ids that differ by engine or run. */
export const expectedPlan = {
  kind: 'plan',
  version: 1,
  sync: 'typed',
  object: 'contacts',
  mode: 'upsert',
  matchedBy: 'unique',
  warnings: [],
  start: 'all',
  isFirstRun: true,
  isCountOnly: false,
  rows: { inModel: 6, known: 0, unchanged: 0, returned: 0, onlyDropped: 0, parked: 0, unknown: 0 },
  operations: {
    create: 0,
    upsert: 5,
    update: 0,
    clear: 0,
    archive: 0,
    leave: 0,
    skip: 0,
    reject: 1,
    refresh: 0,
  },
  rejects: [{ reason: 'invalid_value', rows: 1 }],
  removals: { kept: [], restorableForDays: 90 },
  dropped: [],
  calls: { writes: 1, lookups: 0, searches: 0 },
  guards: [],
  expectedSeconds: 0,
}

/** Rows whose columns templates read. */
export const templatedTable: ModelTable = {
  ...typedTable,
  rows: [
    ...typedTable.rows.slice(0, 1),
    [
      2,
      'two@shop.example',
      '',
      '-9007199254740993',
      '-0.000001',
      '1e-7',
      false,
      null,
      null,
      null,
      null,
    ],
    [3, 'three@shop.example', ...Array.from({ length: 9 }, () => null)],
  ],
}

/** What `json` makes of each column: numbers that JavaScript would round are text. */
export const templatedTexts: readonly string[] = [
  `"O'Brien \\\\ \\"quoted\\"; 😀 日本語" 42 10.5 0.1 true "2024-02-29" "2024-02-29T12:34:56.789Z" "2024-03-01T01:34:56.789Z"`,
  `null "-9007199254740993" -0.000001 "0.0000001" false null null null`,
  'null null null null null null null null',
]
