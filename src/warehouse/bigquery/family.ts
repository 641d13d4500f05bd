import type { TypeFamily } from '../dialect.ts'

const families: Readonly<Record<string, TypeFamily>> = {
  STRING: 'text',
  INT64: 'integer',
  NUMERIC: 'decimal',
  BIGNUMERIC: 'decimal',
  FLOAT64: 'float',
  BOOL: 'boolean',
  DATE: 'date',
  DATETIME: 'timestamp',
  TIMESTAMP: 'timestamptz',
  TIME: 'time',
  JSON: 'json',
  STRUCT: 'json',
  BYTES: 'binary',
}

/** Family of a type by its GoogleSQL name. Lists of anything but scalars are no list of text: they travel as JSON. */
export function familyOf(type: string): TypeFamily {
  const element = /^ARRAY<(.*)>$/s.exec(type)?.[1]
  if (element !== undefined) return familyOf(element) === 'json' ? 'json' : 'array'
  return families[type.replace(/[(<].*$/s, '').trim()] ?? 'other'
}
