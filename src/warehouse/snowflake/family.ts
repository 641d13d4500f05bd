import type { TypeFamily } from '../dialect.ts'

const families: Readonly<Record<string, TypeFamily>> = {
  VARCHAR: 'text',
  CHAR: 'text',
  STRING: 'text',
  TEXT: 'text',
  FLOAT: 'float',
  DOUBLE: 'float',
  REAL: 'float',
  BOOLEAN: 'boolean',
  DATE: 'date',
  TIMESTAMP_NTZ: 'timestamp',
  TIMESTAMP_LTZ: 'timestamptz',
  TIMESTAMP_TZ: 'timestamptz',
  TIME: 'time',
  ARRAY: 'array',
  VARIANT: 'json',
  OBJECT: 'json',
  MAP: 'json',
  UUID: 'uuid',
  BINARY: 'binary',
}

/** Family of a type as `describe table` prints it, e.g. `NUMBER(10,2)`. */
export function familyOf(type: string): TypeFamily {
  const number = /^(?:NUMBER|FIXED|DECIMAL|NUMERIC)(?:\((\d+)(?:,\s*(\d+))?\))?$/i.exec(type.trim())
  if (number !== null) return Number(number[2] ?? 0) === 0 ? 'integer' : 'decimal'
  const bare = type
    .replace(/\(.*\)$/s, '')
    .trim()
    .toUpperCase()
  return families[bare] ?? 'other'
}
