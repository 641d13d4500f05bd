/**
 * What the analyzer does not know of Snowflake, and how a statement is rewritten for it. The rewrites keep what is checked: names, columns,
 * numbers and types of arguments. It reads names without regard to case and quotes, so it cannot tell `"email"` from EMAIL.
 */
export interface Deviation {
  readonly written: RegExp
  readonly read: string
  readonly reason: string
  /** What it is to be refused without the rewrite: shows that the entry is needed. */
  readonly refused: string
}

export const deviations: readonly Deviation[] = [
  {
    written: /\bhash\(/g,
    read: 'hash_number(',
    reason: 'HASH is a function of Snowflake, and a keyword to the analyzer.',
    refused: 'select hash(1, 2)',
  },
  {
    written: /\bnumber\(38, /g,
    read: 'number(29, ',
    reason: 'Snowflake’s numbers have 38 digits, the analyzer’s 29 before the point.',
    refused: 'select cast(1 as number(38, 0))',
  },
  {
    written: /\scomment (= )?'(''|\\\\.|[^'\\\\])*'/g,
    read: '',
    reason: 'Comments of tables and columns are not known.',
    refused: "create table a (b varchar comment 'c')",
  },
  {
    written: /\bcreate transient table\b/g,
    read: 'create table',
    reason: 'Transient tables are not known.',
    refused: 'create transient table a (b varchar)',
  },
  {
    written: /::array\b/g,
    read: '::array<variant>',
    reason: 'An ARRAY without a type of its elements is not known.',
    refused: "select parse_json('[]')::array",
  },
  {
    written: /"([^"]*)""([^"]*)""([^"]*)"/g,
    read: '"$1$2$3"',
    reason: 'A quote within a quoted name is not understood.',
    refused: 'select 1 as "a""b""c"',
  },
  {
    written: /\btable\(flatten\(input => (parse_json\([^()]*\))\)\)/g,
    read: '(select $1 as value)',
    reason: 'FLATTEN, a row for each element, is not known; of its columns only VALUE is used.',
    refused: "select e.value from table(flatten(input => parse_json('[]'))) as e",
  },
  {
    written: /\blateral flatten\(input => parse_json\((?:[^()]|\([^()]*\))*\)\)/g,
    read: "(select parse_json('[]') as value)",
    reason: 'The same for the lists that rows hold: what is flattened is not checked.',
    refused:
      "select e.value from (select '[]' as a) as l, lateral flatten(input => parse_json(l.a)) as e",
  },
  {
    written: /\blistagg\(distinct (.+?), ','\) within group \(order by .+?\)/g,
    read: 'max($1)',
    reason: 'LISTAGG is not known.',
    refused:
      "select listagg(distinct a, ',') within group (order by a) from (select 'a' as a) as l",
  },
  {
    written: /\barray_to_string\(/g,
    read: 'text_of_array(',
    reason: 'Arrays of Snowflake hold variants; the analyzer’s function takes text only.',
    refused: "select array_to_string(array_construct('a'), ',')",
  },
  {
    written: /\binsert\(/g,
    read: 'insert_text(',
    reason: 'A position may be any number; the analyzer has integers besides.',
    refused: "select insert('a', try_to_number('1'), 1, 'b')",
  },
  {
    written: /\bregexp_substr\(/g,
    read: 'regexp_part(',
    reason: 'Parameters and groups of REGEXP_SUBSTR are not known.',
    refused: "select regexp_substr('a', 'a', 1, 1, 'e', 1)",
  },
]

const text = 'TYPE_STRING'
const integer = 'TYPE_INT64'

/** A function that the analyzer lacks, or has with other arguments. `any…` takes any number of values. */
export interface MissingFunction {
  readonly name: string
  readonly arguments: readonly string[]
  readonly optional?: readonly string[]
  readonly result: string
  /** A call that is refused without the declaration; not for names that only rewrites use. */
  readonly refused?: string
}

export const missingFunctions: readonly MissingFunction[] = [
  { name: 'hash_number', arguments: ['any…'], result: 'TYPE_NUMERIC' },
  { name: 'text_of_array', arguments: ['any', text], result: text },
  {
    name: 'regexp_part',
    arguments: [text, text],
    optional: [integer, integer, text, integer],
    result: text,
  },
  {
    name: 'insert_text',
    arguments: [text, 'TYPE_NUMERIC', 'TYPE_NUMERIC', text],
    result: text,
  },
  {
    name: 'array_distinct',
    arguments: ['any'],
    result: 'TYPE_VARIANT',
    refused: "select array_distinct(array_construct('a'))",
  },
  {
    name: 'array_except',
    arguments: ['any', 'any'],
    result: 'TYPE_VARIANT',
    refused: "select array_except(array_construct('a'), array_construct('b'))",
  },
  {
    name: 'object_construct_keep_null',
    arguments: ['any…'],
    result: 'TYPE_VARIANT',
    refused: "select object_construct_keep_null('a', 1)",
  },
  { name: 'sha2', arguments: [text, integer], result: text, refused: "select sha2('a', 256)" },
  {
    name: 'collate',
    arguments: [text, text],
    result: text,
    refused: "select collate('a', 'utf8')",
  },
  {
    name: 'split_part',
    arguments: [text, text, integer],
    result: text,
    refused: "select split_part('a', 'b', 1)",
  },
  {
    name: 'hex_encode',
    arguments: ['TYPE_BYTES'],
    optional: [integer],
    result: text,
    refused: "select hex_encode(to_binary('DEAD', 'HEX'), 0)",
  },
]
