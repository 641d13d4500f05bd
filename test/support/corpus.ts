import type { WireForm } from '../../src/warehouse/dialect.ts'

/** Identifiers that hurt: case, quotes, dots, reserved words, parameters, Unicode, length. At most 63 bytes: PostgreSQL cuts. */
export const names: readonly string[] = [
  'plain',
  'MixedCase',
  'with space',
  'order',
  'select',
  'hash',
  'user',
  'a.b',
  'a"b',
  '""',
  "a'b",
  'a?b',
  '?',
  '??',
  '\\?',
  '$1',
  ':name',
  '::text',
  '@p0',
  '`tick`',
  '[bracket]',
  '{brace}',
  'semi;colon',
  '--comment',
  '/*x*/',
  'back\\slash',
  'tab\there',
  'new\nline',
  '%s',
  'constructor',
  'valueOf',
  '1starts_with_digit',
  'ümläut',
  'Ελληνικά',
  '日本語',
  '😀',
  'e\u0301',
  ' leading',
  'trailing ',
  'n'.repeat(63),
  'ü'.repeat(31),
]

/** Text values that hurt. None holds NUL: PostgreSQL's text cannot. */
export const texts: readonly string[] = [
  'plain',
  ' ',
  '\\',
  '\\\\',
  '\\N',
  '\\.',
  '\n',
  '\r\n',
  '\t',
  "'",
  "''",
  '"',
  '""',
  '?',
  '??',
  '\\?',
  '$1',
  ':name',
  '%',
  ';',
  'a;b',
  'null',
  'NULL',
  '{}',
  '{"a":1}',
  '[1,2]',
  '{NULL,"x"}',
  '\u0001\u0002\u001f',
  '\u007f\u0080',
  '\u2028\u2029',
  '\ufeffbom',
  'é',
  'e\u0301',
  'ß',
  'İi',
  '\ue000\ue001',
  '😀',
  '👩‍👩‍👧',
  '日本語',
  '𝒳',
  'x'.repeat(10_000),
]

/** What no wire form exists for. */
export const invalid = Symbol('invalid')

/** A column value as SQL, and what the wire carries: the same on every engine. */
export interface Rendering {
  readonly sql: string
  /** Where an engine spells the value differently; `null` where it has no such type. */
  readonly duckdb?: string | null
  readonly postgres?: string | null
  readonly snowflake?: string | null
  readonly bigquery?: string | null
  readonly wire: WireForm
  readonly expected: string | null | typeof invalid
}

type Case = readonly [
  sql: string,
  expected: Rendering['expected'],
  elsewhere?: { duckdb?: string | null; postgres?: string | null; snowflake?: string | null },
]

const as = (wire: WireForm, cases: readonly Case[]): Rendering[] =>
  cases.map(([sql, expected, elsewhere]) => ({
    sql,
    bigquery: inGoogleSql(sql),
    expected,
    wire,
    ...elsewhere,
  }))

const googleTypes: readonly (readonly [standard: RegExp, google: string])[] = [
  [/ as varchar\)/g, ' as string)'],
  [/ as (small|big)?int(eger)?\)/g, ' as int64)'],
  [/ as double precision\)/g, ' as float64)'],
  [/ as decimal\(38, 0\)\)/g, ' as bignumeric)'],
  [/ as decimal\([0-9]+, [0-9]+\)\)/g, ' as numeric)'],
  [/ as timestamp\)/g, ' as datetime)'],
  [/ as timestamp with time zone\)/g, ' as timestamp)'],
  [/ as boolean\)/g, ' as bool)'],
  [/cast\(('.*') as jsonb?\)/g, 'json $1'],
  [/array\[/g, '['],
]

/** What BigQuery spells in words of its own; `null` where it has no such type, or its range ends before. */
const googleSpellings: Readonly<Record<string, string | null>> = {
  "cast('NaN' as numeric)": null,
  "cast('Infinity' as numeric)": null,
  "cast('0.1' as real)": null,
  "cast('16777216' as real)": null,
  "cast('3.4e38' as real)": null,
  "cast('12345-06-07' as date)": null,
  "cast('0044-03-15 (BC)' as date)": null,
  "cast('infinity' as date)": null,
  "cast('-infinity' as date)": null,
  "cast('12345-01-01 00:00:00' as timestamp)": null,
  "cast('infinity' as timestamp)": null,
  "cast('infinity' as timestamp with time zone)": null,
  "cast('5000000-01-01' as date)": null,
  "cast('9999-12-31T23:59:59-01:00' as varchar)": null,
  // It stores no NULL in a list.
  "array['a', null, 'b', '']": "['a', 'b', '']",
  "cast('{NULL}' as text[])": null,
  "cast('{}' as text[])": 'cast([] as array<string>)',
  'cast(null as text[])': 'cast(null as array<string>)',
  "cast('A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11' as uuid)": null,
  // JSON is kept as values: without its spaces, and a string with its quotes.
  [`cast('{"b":  1}' as json)`]: null,
  [`parse_json('"x y"')`]: null,
  "parse_json('null')": null,
  "cast('\\xDEAD' as bytea)": "b'\\xde\\xad'",
  "cast('ab' as char(5))": null,
  "cast('$1.50' as money)": null,
  "cast('10.0.0.1/8' as inet)": null,
  "cast('1 day' as interval)": null,
}

/** The spellings of this corpus as BigQuery writes them: its names of types, its escapes in literals. */
function inGoogleSql(sql: string): string | null {
  const own = googleSpellings[sql]
  if (own !== undefined) return own
  const escaped = sql.replace(/'(?:[^']|'')*'/g, (quoted) => {
    const text = quoted.slice(1, -1).replaceAll("''", "'")
    return `'${text.replace(/[\\'\n\r]/g, (c) => ({ '\n': '\\n', '\r': '\\r' })[c] ?? `\\${c}`)}'`
  })
  return googleTypes.reduce((text, [standard, google]) => text.replace(standard, google), escaped)
}

const text = (value: string) => `cast('${value.replaceAll("'", "''")}' as varchar)`
const decimal = (value: string, type = '(20, 6)') => `cast('${value}' as decimal${type})`
const double = (value: string) => `cast('${value}' as double precision)`
const moment = (value: string) => `cast('${value}' as timestamp)`
const instant = (value: string) => `cast('${value}' as timestamp with time zone)`

const numbers = as({ kind: 'number' }, [
  ['cast(42 as integer)', '42'],
  ['cast(-32768 as smallint)', '-32768'],
  ['cast(9223372036854775807 as bigint)', '9223372036854775807'],
  ['cast(null as integer)', null],
  [decimal('1.500000'), '1.5'],
  [decimal('100'), '100'],
  [decimal('0.000000'), '0'],
  [decimal('-0.010000'), '-0.01'],
  [decimal('12345678901234.123456'), '12345678901234.123456'],
  [decimal('1200', '(10, 0)'), '1200'],
  [
    decimal('99999999999999999999999999999999999999', '(38, 0)'),
    '99999999999999999999999999999999999999',
  ],
  ["cast('NaN' as numeric)", invalid, { duckdb: null, snowflake: null }],
  ["cast('Infinity' as numeric)", invalid, { duckdb: null, snowflake: null }],
  [double('0.1'), '0.1'],
  ['cast(0.1 as double precision) + cast(0.2 as double precision)', '0.3'],
  ['cast(1 as double precision) / 3', '0.333333333333333'],
  [double('1e22'), '10000000000000000000000'],
  [double('1e-7'), '0.0000001'],
  [double('123456789.123456789'), '123456789.123457'],
  [double('-0'), '0'],
  [double('0'), '0'],
  [double('100'), '100'],
  [double('-2.5'), '-2.5'],
  [double('999999999999999.9'), '1000000000000000'],
  [double('1e100'), `1${'0'.repeat(100)}`],
  [double('5e-324'), `0.${'0'.repeat(323)}494065645841247`],
  [double('1.7976931348623157e308'), `179769313486232${'0'.repeat(294)}`],
  [double('NaN'), invalid],
  [double('Infinity'), invalid],
  [double('-Infinity'), invalid],
  ['cast(null as double precision)', null],
  ["cast('0.1' as real)", '0.1'],
  ["cast('16777216' as real)", '16777216'],
  ["cast('3.4e38' as real)", `34${'0'.repeat(37)}`],
  [text('42'), '42'],
  [text(' 42 '), '42'],
  [text('\t7\n'), '7'],
  [text('+1.50'), '1.5'],
  [text('-0.0'), '0'],
  [text('007'), '7'],
  [text('.5'), '0.5'],
  [text('5.'), '5'],
  [text('1e3'), '1000'],
  [text('1.25E-3'), '0.00125'],
  [text('-12.5e+1'), '-125'],
  [text('0e5'), '0'],
  [text('123456789012345678901234567890.123456789'), '123456789012345678901234567890.123456789'],
  [text(''), null],
  [text(' '), invalid],
  [text('abc'), invalid],
  [text('1,000'), invalid],
  [text('1 000'), invalid],
  [text('0x10'), invalid],
  [text('NaN'), invalid],
  [text('Infinity'), invalid],
  [text('.'), invalid],
  [text('1e'), invalid],
  [text('1e9999'), invalid],
  [text('--1'), invalid],
  [text('٣'), invalid],
  [text('1_000'), invalid],
  [text('9'.repeat(401)), invalid],
  ['true', invalid],
  ["cast('2024-01-01' as date)", invalid],
  ["cast('12' as json)", '12', { snowflake: "parse_json('12')" }],
])

const booleans = as({ kind: 'boolean' }, [
  ['true', 'true'],
  ['false', 'false'],
  ['cast(null as boolean)', null],
  ['cast(1 as integer)', 'true'],
  ['cast(0 as bigint)', 'false'],
  ['cast(2 as integer)', invalid],
  [double('1'), 'true'],
  [double('0.5'), invalid],
  [double('NaN'), invalid],
  [decimal('1.000000'), 'true'],
  [text('true'), 'true'],
  [text(' YES '), 'true'],
  [text('t'), 'true'],
  [text('On'), 'true'],
  [text('1'), 'true'],
  [text('FALSE'), 'false'],
  [text('n'), 'false'],
  [text('0'), 'false'],
  [text('off'), 'false'],
  [text(''), null],
  [text('maybe'), invalid],
  [text('2'), invalid],
  ["cast('2024-01-01' as date)", invalid],
])

const dates = as({ kind: 'date' }, [
  ["cast('2024-02-29' as date)", '2024-02-29'],
  ["cast('1969-12-31' as date)", '1969-12-31'],
  ["cast('0999-01-01' as date)", '0999-01-01'],
  ["cast('0001-01-01' as date)", '0001-01-01'],
  ["cast('12345-06-07' as date)", '12345-06-07', { snowflake: null }],
  [
    "cast('0044-03-15 (BC)' as date)",
    invalid,
    { postgres: "cast('0044-03-15 BC' as date)", snowflake: null },
  ],
  ["cast('infinity' as date)", invalid, { snowflake: null }],
  ["cast('-infinity' as date)", invalid, { snowflake: null }],
  ['cast(null as date)', null],
  [moment('2024-12-31 23:59:59.999'), '2024-12-31'],
  [moment('1969-12-31 23:59:59'), '1969-12-31'],
  [instant('2024-12-31 23:30:00-02'), '2025-01-01'],
  [instant('2025-01-01 00:30:00+02'), '2024-12-31'],
  [text('2024-02-29'), '2024-02-29'],
  [text(' 2024-02-28 '), '2024-02-28'],
  [text('2024-02-29T23:30:00-02:00'), '2024-03-01'],
  [text('2024-02-30'), invalid],
  [text('2023-02-29'), invalid],
  [text('1900-02-29'), invalid],
  [text('2000-02-29'), '2000-02-29'],
  [text('2024-04-31'), invalid],
  [text('2024-13-01'), invalid],
  [text('2024-00-10'), invalid],
  [text('2024-1-1'), invalid],
  [text('0000-01-01'), invalid],
  [text('0001-01-01'), '0001-01-01'],
  [text('9999-12-31'), '9999-12-31'],
  [text('12345-01-01'), invalid],
  [text('20240101'), invalid],
  [text('01/02/2024'), invalid],
  [text('today'), invalid],
  [text('infinity'), invalid],
  [text(''), null],
  ['cast(20240101 as integer)', invalid],
  ['true', invalid],
])

const datetimes = as({ kind: 'datetime' }, [
  [moment('2024-01-02 03:04:05'), '2024-01-02T03:04:05.000Z'],
  [moment('2024-01-02 03:04:05.6789'), '2024-01-02T03:04:05.678Z'],
  [moment('2024-01-02 03:04:05.999999'), '2024-01-02T03:04:05.999Z'],
  [moment('1969-12-31 23:59:59.9996'), '1969-12-31T23:59:59.999Z'],
  [moment('12345-01-01 00:00:00'), '12345-01-01T00:00:00.000Z', { snowflake: null }],
  [moment('0001-01-01 00:00:00'), '0001-01-01T00:00:00.000Z'],
  [moment('infinity'), invalid, { snowflake: null }],
  ['cast(null as timestamp)', null],
  [instant('2024-07-01 12:00:00+02'), '2024-07-01T10:00:00.000Z'],
  [instant('2024-07-01 12:00:00.123456-09:30'), '2024-07-01T21:30:00.123Z'],
  [instant('infinity'), invalid, { snowflake: null }],
  ["cast('2024-02-29' as date)", '2024-02-29T00:00:00.000Z'],
  ["cast('5000000-01-01' as date)", invalid, { snowflake: null }],
  [text('2024-01-02'), '2024-01-02T00:00:00.000Z'],
  [text('2024-01-02 03:04'), '2024-01-02T03:04:00.000Z'],
  [text('2024-01-02T03:04:05'), '2024-01-02T03:04:05.000Z'],
  [text('2024-01-02T03:04:05.6'), '2024-01-02T03:04:05.600Z'],
  [text('2024-01-02T03:04:05.999999999'), '2024-01-02T03:04:05.999Z'],
  [text('2024-12-31T23:59:59.9999999'), '2024-12-31T23:59:59.999Z'],
  [text('2024-01-02T03:04:05Z'), '2024-01-02T03:04:05.000Z'],
  [text('2024-01-02 03:04:05.123 +05:30'), '2024-01-01T21:34:05.123Z'],
  [text('2024-01-02T03:04:05.123456+0530'), '2024-01-01T21:34:05.123Z'],
  [text('2024-01-02T03:04-08'), '2024-01-02T11:04:00.000Z'],
  [text('9999-12-31T23:59:59-01:00'), '10000-01-01T00:59:59.000Z'],
  [text('0001-01-01T00:00:00'), '0001-01-01T00:00:00.000Z'],
  [text('0001-01-01T00:00:00+01:00'), invalid],
  [text('2024-02-30T00:00:00'), invalid],
  [text('2024-01-02T24:00:00'), invalid],
  [text('2024-01-02T23:60:00'), invalid],
  [text('2024-01-02T23:59:60'), invalid],
  [text('2024-01-02T03'), invalid],
  [text('2024-01-02T03:04:05+25:00'), invalid],
  [text('2024-01-02T03:04:05 CET'), invalid],
  [text('2024-01-02T03:04:05.'), invalid],
  [text('now'), invalid],
  [text(''), null],
  ['cast(1700000000 as bigint)', invalid],
])

const berlin = as({ kind: 'datetime', timezone: 'Europe/Berlin' }, [
  [moment('2024-07-01 12:00:00'), '2024-07-01T10:00:00.000Z'],
  [moment('2024-01-01 00:30:00'), '2023-12-31T23:30:00.000Z'],
  [moment('2024-03-31 02:30:00'), '2024-03-31T01:30:00.000Z'],
  [moment('2024-10-27 02:30:00'), '2024-10-27T01:30:00.000Z'],
  [instant('2024-07-01 12:00:00+00'), '2024-07-01T12:00:00.000Z'],
  [text('2024-07-01 12:00:00'), '2024-07-01T10:00:00.000Z'],
  [text('2024-07-01T12:00:00Z'), '2024-07-01T12:00:00.000Z'],
  [moment('0001-01-01 00:00:00'), invalid],
])

const berlinDays = as({ kind: 'date', timezone: 'Europe/Berlin' }, [
  [moment('2024-01-01 00:30:00'), '2023-12-31'],
  [moment('2024-01-01 12:00:00'), '2024-01-01'],
  ["cast('2024-01-01' as date)", '2024-01-01'],
  [text('2024-01-01 00:30'), '2023-12-31'],
])

const epochSeconds = as({ kind: 'datetime', epoch: 's' }, [
  ['cast(1700000000 as bigint)', '2023-11-14T22:13:20.000Z'],
  ['cast(0 as integer)', '1970-01-01T00:00:00.000Z'],
  ['cast(-1 as integer)', '1969-12-31T23:59:59.000Z'],
  [decimal('1700000000.123456'), '2023-11-14T22:13:20.123Z'],
  [decimal('-0.001000'), '1969-12-31T23:59:59.999Z'],
  [double('1700000000.123'), '2023-11-14T22:13:20.123Z'],
  [double('NaN'), invalid],
  [text('1700000000'), '2023-11-14T22:13:20.000Z'],
  [text('1.001'), '1970-01-01T00:00:01.001Z'],
  [text('2024-01-01'), invalid],
  ['cast(253402300799 as bigint)', '9999-12-31T23:59:59.000Z'],
  ['cast(253402300800 as bigint)', invalid],
  ['cast(-62135596800 as bigint)', '0001-01-01T00:00:00.000Z'],
  ['cast(-62135596801 as bigint)', invalid],
  ['cast(9223372036854775807 as bigint)', invalid],
  ['cast(null as bigint)', null],
  ['true', invalid],
])

const epochMilliseconds = as({ kind: 'datetime', epoch: 'ms' }, [
  ['cast(1700000000123 as bigint)', '2023-11-14T22:13:20.123Z'],
  ['cast(-1 as bigint)', '1969-12-31T23:59:59.999Z'],
  ['cast(253402300799999 as bigint)', '9999-12-31T23:59:59.999Z'],
  ['cast(253402300800000 as bigint)', invalid],
  [text('1700000000123'), '2023-11-14T22:13:20.123Z'],
  [double('1700000000123.9'), '2023-11-14T22:13:20.123Z'],
])

const epochDays = as({ kind: 'date', epoch: 's' }, [
  ['cast(1700000000 as bigint)', '2023-11-14'],
  ['cast(-1 as bigint)', '1969-12-31'],
])

const multis = as({ kind: 'multi' }, [
  [
    "array['a', 'b c']",
    'a;b c',
    { duckdb: "['a', 'b c']", snowflake: "array_construct('a', 'b c')" },
  ],
  [
    "array['a', null, 'b', '']",
    'a;b',
    { duckdb: "['a', null, 'b', '']", snowflake: "array_construct('a', null, 'b', '')" },
  ],
  [
    "array['a;b', 'c']",
    invalid,
    { duckdb: "['a;b', 'c']", snowflake: "array_construct('a;b', 'c')" },
  ],
  [
    "cast('{}' as text[])",
    null,
    { duckdb: 'cast([] as varchar[])', snowflake: 'array_construct()' },
  ],
  [
    'cast(null as text[])',
    null,
    { duckdb: 'cast(null as varchar[])', snowflake: 'cast(null as array)' },
  ],
  [
    "cast('{NULL}' as text[])",
    null,
    { duckdb: 'cast([null] as varchar[])', snowflake: 'array_construct(null)' },
  ],
  ['array[1, 2]', '1;2', { duckdb: '[1, 2]', snowflake: 'array_construct(1, 2)' }],
  [
    'array[true, false]',
    'true;false',
    { duckdb: '[true, false]', snowflake: 'array_construct(true, false)' },
  ],
  [
    `array['"q"', '{x}', 'a,b', 'NULL']`,
    '"q";{x};a,b;NULL',
    {
      duckdb: `['"q"', '{x}', 'a,b', 'NULL']`,
      snowflake: `array_construct('"q"', '{x}', 'a,b', 'NULL')`,
    },
  ],
  [text('a;b'), 'a;b'],
  [text(''), null],
  ['cast(7 as integer)', '7'],
  [
    `cast('["x", "y", null, ""]' as json)`,
    'x;y',
    { snowflake: `parse_json('["x", "y", null, ""]')` },
  ],
  [`cast('["x;y"]' as json)`, invalid, { snowflake: `parse_json('["x;y"]')` }],
  [`cast('[]' as json)`, null, { snowflake: `parse_json('[]')` }],
  [`cast('null' as json)`, null, { snowflake: `parse_json('null')` }],
  [`cast('{"a": 1}' as json)`, invalid, { snowflake: `parse_json('{"a": 1}')` }],
  [`cast('"x"' as json)`, invalid, { snowflake: `parse_json('"x"')` }],
  [`cast('["x", 1]' as jsonb)`, 'x;1', { duckdb: null, snowflake: `parse_json('["x", 1]')` }],
])

const plainTexts = as({ kind: 'text' }, [
  [text('as is '), 'as is '],
  [text(''), null],
  [text(' '), ' '],
  ['cast(null as varchar)', null],
  ['cast(7 as integer)', '7'],
  [decimal('1.10'), '1.1'],
  [double('1e22'), '10000000000000000000000'],
  [double('NaN'), invalid],
  ['true', 'true'],
  ["cast('2024-02-29' as date)", '2024-02-29'],
  [moment('2024-01-02 03:04:05.6'), '2024-01-02T03:04:05.600Z'],
  [instant('2024-07-01 12:00:00+02'), '2024-07-01T10:00:00.000Z'],
  ["cast('12:34:56' as time)", '12:34:56'],
  ["cast('12:34:56.5' as time)", '12:34:56.5'],
  [
    "cast('A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11' as uuid)",
    'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11',
    { snowflake: null },
  ],
  [`cast('{"b":  1}' as json)`, '{"b":  1}', { snowflake: null }],
  // Snowflake keeps values, not text: a string is itself, and there is no space in an object.
  [`parse_json('{"b":  1}')`, '{"b":1}', { duckdb: null, postgres: null }],
  [`parse_json('"x y"')`, 'x y', { duckdb: null, postgres: null }],
  [`parse_json('null')`, null, { duckdb: null, postgres: null }],
  [`parse_json('1.50')`, '1.5', { duckdb: null, postgres: null }],
  [
    "cast('\\xDEAD' as bytea)",
    'dead',
    { duckdb: "cast('\\xDE\\xAD' as blob)", snowflake: "to_binary('DEAD', 'HEX')" },
  ],
  ["array['a', 'b']", 'a;b', { duckdb: "['a', 'b']", snowflake: "array_construct('a', 'b')" }],
  ["cast('ab' as char(5))", 'ab'],
  ["cast('$1.50' as money)", '$1.50', { duckdb: null, snowflake: null }],
  ["cast('10.0.0.1/8' as inet)", '10.0.0.1/8', { duckdb: null, snowflake: null }],
  ["cast('1 day' as interval)", '1 day', { snowflake: null }],
])

/** Column values of every family, each with its wire text. */
export const renderings: readonly Rendering[] = [
  ...numbers,
  ...booleans,
  ...dates,
  ...datetimes,
  ...berlin,
  ...berlinDays,
  ...epochSeconds,
  ...epochMilliseconds,
  ...epochDays,
  ...multis,
  ...plainTexts,
]
