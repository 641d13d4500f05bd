import type { CustomTypesConfig } from 'pg'
import type { Value } from '../sql.ts'

const oid = {
  bool: 16,
  int8: 20,
  int2: 21,
  int4: 23,
  oid: 26,
  float4: 700,
  float8: 701,
  timestamp: 1114,
  timestamptz: 1184,
} as const

/** A number when no digit is lost, else the text. */
function integer(text: string): Value {
  const number = Number(text)
  return Number.isSafeInteger(number) ? number : text
}

function float(text: string): Value {
  const number = Number(text)
  return Number.isFinite(number) ? number : text
}

/** `2024-01-02 03:04:05.5+00` → `2024-01-02T03:04:05.500Z`; microseconds are kept when there are any. */
function moment(text: string): Value {
  const match = /^(\d{4,}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.(\d+))?(?:\+00)?$/.exec(text)
  if (match === null) return text
  const digits = (match[3] ?? '').padEnd(3, '0')
  return `${match[1]}T${match[2]}.${digits}Z`
}

const parsers: Readonly<Record<number, (text: string) => Value>> = {
  [oid.bool]: (text) => text === 't',
  [oid.int2]: integer,
  [oid.int4]: integer,
  [oid.oid]: integer,
  [oid.int8]: integer,
  [oid.float4]: float,
  [oid.float8]: float,
  [oid.timestamp]: moment,
  [oid.timestamptz]: moment,
}

const asText = (text: string): Value => text

/** Cells as `Value`s: what has no exact JavaScript form stays the text that the session's settings fix. */
export const valueTypes: CustomTypesConfig = {
  getTypeParser: (id: number) => parsers[id] ?? asText,
}

/** PostgreSQL's text cannot hold NUL; it becomes the replacement character, as lone surrogates do. */
export function storable(value: Value): Value {
  return typeof value === 'string' && value.includes('\0')
    ? value.replaceAll('\0', '\uFFFD')
    : value
}
