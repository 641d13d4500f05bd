import type { TypeFamily } from '../dialect.ts'

const families: Readonly<Record<string, TypeFamily>> = {
  VARCHAR: 'text',
  ENUM: 'text',
  TINYINT: 'integer',
  SMALLINT: 'integer',
  INTEGER: 'integer',
  BIGINT: 'integer',
  HUGEINT: 'integer',
  UTINYINT: 'integer',
  USMALLINT: 'integer',
  UINTEGER: 'integer',
  UBIGINT: 'integer',
  UHUGEINT: 'integer',
  BIGNUM: 'integer',
  DECIMAL: 'decimal',
  FLOAT: 'float',
  DOUBLE: 'float',
  BOOLEAN: 'boolean',
  DATE: 'date',
  TIMESTAMP: 'timestamp',
  TIMESTAMP_S: 'timestamp',
  TIMESTAMP_MS: 'timestamp',
  TIMESTAMP_NS: 'timestamp',
  'TIMESTAMP WITH TIME ZONE': 'timestamptz',
  TIME: 'time',
  TIME_NS: 'time',
  'TIME WITH TIME ZONE': 'time',
  JSON: 'json',
  UUID: 'uuid',
  BLOB: 'binary',
}

/** Family of a type as `describe` prints it. */
export function familyOf(type: string): TypeFamily {
  if (/\[\d*\]$/.test(type)) return 'array'
  const bare = type.replace(/\(.*\)$/s, '').trim()
  return families[bare] ?? 'other'
}
