/** What becomes of a cell: the value that HubSpot holds, or one of these. */
export const refused = Symbol('the mapping is refused')
export const dropped = Symbol('the value is no value of the property')

export type Cell = string | typeof refused | typeof dropped

/** A type of property with what its definition says beside the name. */
export interface PropertyKind {
  readonly name: string
  readonly definition: Readonly<Record<string, unknown>>
  /** Types that no request can create; the sandbox turns the property into one. */
  readonly internalType?: string
}

const options = ['red', 'blue', '1', 'true'].map((value, displayOrder) => ({
  label: value,
  value,
  displayOrder,
  hidden: false,
}))
const yesNo = ['true', 'false'].map((value, displayOrder) => ({
  label: value,
  value,
  displayOrder,
  hidden: false,
}))

export const propertyKinds: readonly PropertyKind[] = [
  { name: 'string', definition: { type: 'string', fieldType: 'text' } },
  { name: 'number', definition: { type: 'number', fieldType: 'number' } },
  { name: 'bool', definition: { type: 'bool', fieldType: 'booleancheckbox', options: yesNo } },
  { name: 'select', definition: { type: 'enumeration', fieldType: 'select', options } },
  { name: 'several', definition: { type: 'enumeration', fieldType: 'checkbox', options } },
  { name: 'date', definition: { type: 'date', fieldType: 'date' } },
  { name: 'datetime', definition: { type: 'datetime', fieldType: 'date' } },
  { name: 'phone', definition: { type: 'phone_number', fieldType: 'phonenumber' } },
  { name: 'html', definition: { type: 'string', fieldType: 'html' } },
  {
    name: 'currency',
    definition: { type: 'number', fieldType: 'number', numberDisplayHint: 'currency' },
  },
  { name: 'json', definition: { type: 'string', fieldType: 'text' }, internalType: 'json' },
  {
    name: 'place',
    definition: { type: 'string', fieldType: 'text' },
    internalType: 'object_coordinates',
  },
]

type Cells = Readonly<
  Record<'string' | 'number' | 'bool' | 'select' | 'several' | 'date' | 'datetime' | 'phone', Cell>
>

/** A column with a value, in the spelling of the engines, and what each kind of property makes of it. */
export interface ColumnKind {
  readonly name: string
  /** As the documentation says them. */
  readonly type: string
  readonly value: string
  readonly sql: string
  /** Where an engine spells it differently; `null` where it has no such type. */
  readonly duckdb?: string | null
  readonly postgres?: string | null
  readonly snowflake?: string | null
  readonly bigquery?: string | null
  /** By kind of property. As `html` holds what `string` does, and `currency` what `number` does, those are not repeated. */
  readonly cells: Cells
  /** What is said of a value that is refused, by kind of property, where no other kind of column says so. */
  readonly said?: Readonly<Record<string, string>>
  /** Where an engine prints it differently as text. */
  readonly texts?: Readonly<Record<string, string>>
}

const none = {
  string: refused,
  number: refused,
  bool: refused,
  select: refused,
  several: refused,
  date: refused,
  datetime: refused,
  phone: refused,
} as const
/** Text can be anything: it is read row by row. */
const anyText = {
  number: dropped,
  bool: dropped,
  select: dropped,
  several: dropped,
  date: dropped,
  datetime: dropped,
} as const
const text = (value: string) => ({ string: value, phone: value })

const whole = (value: string): Cells => ({
  ...none,
  ...text(value),
  number: value,
  bool: 'true',
  select: value,
  several: value,
})
const fraction = (value: string): Cells => ({
  ...none,
  ...text(value),
  number: value,
  select: dropped,
})
const moment = (value: string): Cells => ({
  ...none,
  ...text(value),
  select: dropped,
  date: value.slice(0, 10),
  datetime: value,
})

export const columnKinds: readonly ColumnKind[] = [
  {
    name: 'c_text',
    type: 'text',
    value: 'red',
    sql: "'red'",
    cells: { ...text('red'), ...anyText, select: 'red', several: 'red' },
  },
  {
    name: 'c_text_number',
    type: 'text',
    value: '012.50',
    sql: "'012.50'",
    cells: { ...text('012.50'), ...anyText, number: '12.5' },
  },
  {
    name: 'c_text_day',
    type: 'text',
    value: '2024-02-29',
    sql: "'2024-02-29'",
    cells: {
      ...text('2024-02-29'),
      ...anyText,
      date: '2024-02-29',
      datetime: '2024-02-29T00:00:00.000Z',
    },
  },
  {
    name: 'c_text_moment',
    type: 'text',
    value: '2024-02-29T23:30:00-02:00',
    sql: "'2024-02-29T23:30:00-02:00'",
    cells: {
      ...text('2024-02-29T23:30:00-02:00'),
      ...anyText,
      date: '2024-03-01',
      datetime: '2024-03-01T01:30:00.000Z',
    },
  },
  {
    name: 'c_text_yes',
    type: 'text',
    value: 'Yes',
    sql: "'Yes'",
    cells: { ...text('Yes'), ...anyText, bool: 'true' },
  },
  {
    name: 'c_text_list',
    type: 'text',
    value: 'red;blue',
    sql: "'red;blue'",
    cells: { ...text('red;blue'), ...anyText, several: 'red;blue' },
  },
  {
    name: 'c_text_long',
    type: 'text',
    value: '65,537 characters',
    sql: "repeat('x', 65537)",
    cells: { ...none, ...anyText, string: dropped, phone: dropped },
  },
  {
    name: 'c_integer',
    type: 'integer',
    value: '1',
    sql: 'cast(1 as bigint)',
    snowflake: 'cast(1 as number(38, 0))',
    bigquery: '1',
    cells: whole('1'),
  },
  {
    name: 'c_decimal',
    type: 'decimal',
    value: '12.500000',
    sql: 'cast(12.5 as decimal(18, 6))',
    bigquery: "numeric '12.5'",
    cells: fraction('12.5'),
  },
  {
    name: 'c_float',
    type: 'float',
    value: '0.1',
    sql: 'cast(0.1 as double precision)',
    snowflake: 'cast(0.1 as float)',
    bigquery: 'cast(0.1 as float64)',
    cells: fraction('0.1'),
  },
  {
    name: 'c_boolean',
    type: 'boolean',
    value: 'true',
    sql: 'true',
    cells: { ...none, ...text('true'), bool: 'true', select: 'true', several: 'true' },
  },
  {
    name: 'c_date',
    type: 'date',
    value: '2024-02-29',
    sql: "cast('2024-02-29' as date)",
    cells: {
      ...none,
      ...text('2024-02-29'),
      select: dropped,
      date: '2024-02-29',
      datetime: '2024-02-29T00:00:00.000Z',
    },
  },
  {
    name: 'c_timestamp',
    type: 'timestamp without zone',
    value: '2024-02-29 12:34:56.789',
    sql: "cast('2024-02-29 12:34:56.789' as timestamp)",
    snowflake: "cast('2024-02-29 12:34:56.789' as timestamp_ntz)",
    bigquery: "datetime '2024-02-29 12:34:56.789'",
    cells: moment('2024-02-29T12:34:56.789Z'),
  },
  {
    name: 'c_timestamptz',
    type: 'timestamp with zone',
    value: '2024-02-29 23:34:56-02:00',
    sql: "cast('2024-02-29 23:34:56-02:00' as timestamp with time zone)",
    snowflake: "cast('2024-02-29 23:34:56-02:00' as timestamp_tz)",
    bigquery: "timestamp '2024-02-29 23:34:56-02:00'",
    cells: moment('2024-03-01T01:34:56.000Z'),
  },
  {
    name: 'c_time',
    type: 'time',
    value: '12:34:56',
    sql: "cast('12:34:56' as time)",
    cells: { ...none, ...text('12:34:56'), select: dropped },
  },
  {
    name: 'c_array',
    type: 'array',
    value: '[red, blue]',
    sql: "['red', 'blue']",
    postgres: "array['red', 'blue']",
    // The server under test says VARIANT of an ARRAY: `c_json` stands for both.
    snowflake: null,
    cells: { ...none, several: 'red;blue' },
  },
  {
    name: 'c_json',
    type: 'JSON',
    value: '["red","blue"]',
    sql: '',
    duckdb: `cast('["red","blue"]' as json)`,
    postgres: `cast('["red","blue"]' as jsonb)`,
    snowflake: `parse_json('["red","blue"]')`,
    bigquery: `json '["red","blue"]'`,
    cells: { ...none, ...text('["red","blue"]'), select: dropped, several: 'red;blue' },
    texts: { postgres: '["red", "blue"]' },
  },
  {
    name: 'c_uuid',
    type: 'UUID',
    value: 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11',
    sql: "cast('a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11' as uuid)",
    snowflake: null,
    bigquery: null,
    cells: { ...none, ...text('a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'), select: dropped },
  },
  {
    name: 'c_binary',
    type: 'binary',
    value: '0xAA',
    sql: '',
    duckdb: "cast('\\xAA' as blob)",
    postgres: "cast('\\xAA' as bytea)",
    snowflake: "to_binary('AA', 'HEX')",
    bigquery: "b'\\xAA'",
    cells: none,
  },
]

/** Types that single engines have beside those, read like one of them. */
export const ownColumnKinds: readonly ColumnKind[] = [
  own('smallint', whole('1'), { postgres: 'cast(1 as smallint)', duckdb: 'cast(1 as utinyint)' }),
  own('wide_integer', whole('1'), {
    duckdb: 'cast(1 as hugeint)',
    postgres: 'cast(1 as integer)',
    snowflake: 'cast(1 as number(4, 0))',
  }),
  own('wide_decimal', fraction('0.1'), {
    duckdb: 'cast(0.1 as decimal(38, 20))',
    postgres: "cast('0.10' as numeric)",
    snowflake: 'cast(0.1 as number(38, 20))',
    bigquery: "bignumeric '0.1'",
  }),
  own('single_float', fraction('0.5'), {
    duckdb: 'cast(0.5 as real)',
    postgres: 'cast(0.5 as real)',
  }),
  own(
    'short_text',
    { ...text('red'), ...anyText, select: 'red', several: 'red' },
    {
      duckdb: "cast('red' as enum('red', 'blue'))",
      postgres: "cast('red' as varchar(5))",
      snowflake: "cast('red' as varchar(5))",
      bigquery: "cast('red' as string(5))",
    },
  ),
  own('other_timestamp', moment('2024-02-29T12:34:56.000Z'), {
    duckdb: "cast('2024-02-29 12:34:56' as timestamp_s)",
    postgres: "cast('2024-02-29 12:34:56' as timestamp(0))",
    snowflake: "cast('2024-02-29 12:34:56' as timestamp_ntz(0))",
  }),
  own(
    'integers',
    { ...none, several: '1' },
    {
      duckdb: '[1]',
      postgres: 'array[1]',
      bigquery: '[1]',
    },
  ),
  own(
    'interval',
    { ...none, ...text('1 day'), select: dropped },
    {
      duckdb: "interval '1 day'",
      postgres: "interval '1 day'",
    },
  ),
  own('struct', { ...none, ...text(`{'a': 1}`), select: dropped }, { duckdb: "{'a': 1}" }),
  own(
    'money',
    { ...none, ...text('$1.50'), select: dropped },
    {
      postgres: "cast('1.5' as money)",
    },
  ),
  own(
    'address',
    { ...none, ...text('10.0.0.0/8'), select: dropped },
    {
      postgres: "cast('10.0.0.0/8' as inet)",
    },
  ),
  {
    ...own(
      'variant_text',
      { ...none, ...text('red'), select: 'red', several: dropped },
      { snowflake: "to_variant('red')" },
    ),
    said: { several: 'the value has an element that holds a semicolon, or is no list' },
  },
]

/** A kind that only the engines have for which it is spelled. */
function own(
  name: string,
  cells: Cells,
  spelled: Partial<Record<'duckdb' | 'postgres' | 'snowflake' | 'bigquery', string>>,
): ColumnKind {
  const absent = { duckdb: null, postgres: null, snowflake: null, bigquery: null }
  return { name: `o_${name}`, type: name, value: '', sql: '', cells, ...absent, ...spelled }
}

/** Casts that the sync says: column, property, `as`, value. */
export const casts: readonly (readonly [
  column: string,
  property: string,
  as: string,
  expected: string,
])[] = [
  ['epoch_s', 'date', 'epoch_s', '2024-02-29'],
  ['epoch_s', 'datetime', 'epoch_s', '2024-02-29T12:00:00.000Z'],
  ['epoch_ms', 'date', 'epoch_ms', '2024-02-29'],
  ['epoch_ms', 'datetime', 'epoch_ms', '2024-02-29T12:00:00.123Z'],
  ['c_timestamptz', 'string', 'date', '2024-03-01'],
  ['c_integer', 'string', 'boolean', 'true'],
  ['c_text_number', 'string', 'number', '12.5'],
  ['c_json', 'string', 'multi', 'red;blue'],
]
