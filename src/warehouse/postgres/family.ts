import type { TypeFamily } from '../dialect.ts'

const families: Readonly<Record<string, TypeFamily>> = {
  text: 'text',
  'character varying': 'text',
  character: 'text',
  bpchar: 'text',
  '"char"': 'text',
  name: 'text',
  citext: 'text',
  smallint: 'integer',
  integer: 'integer',
  bigint: 'integer',
  numeric: 'decimal',
  real: 'float',
  'double precision': 'float',
  boolean: 'boolean',
  date: 'date',
  'timestamp without time zone': 'timestamp',
  'timestamp with time zone': 'timestamptz',
  'time without time zone': 'time',
  'time with time zone': 'time',
  json: 'json',
  jsonb: 'json',
  uuid: 'uuid',
  bytea: 'binary',
}

/** Family of a type as `format_type` prints it. Enums are the driver's business: only the catalog knows them. */
export function familyOf(type: string): TypeFamily {
  if (type.endsWith('[]')) return 'array'
  const bare = type
    .replace(/\(\d+(,-?\d+)?\)/, '')
    .replace(/^.*\.(citext)$/, '$1')
    .trim()
  return families[bare] ?? 'other'
}
