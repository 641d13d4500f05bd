import type { PropertySchema, ValidationRule } from '../../types.ts'
import type { Dialect } from '../../warehouse/dialect.ts'
import { raw, type Sql, sql } from '../../warehouse/sql.ts'
import { portablePattern } from './portable-pattern.ts'

/** What HubSpot refuses of a wire value that has the right form. Bounds are inclusive. Plain data. */
export type ValueLimit =
  | { readonly kind: 'min_length' | 'max_length'; readonly bound: number }
  | { readonly kind: 'min_number' | 'max_number'; readonly bound: string }
  /** Days and moments, in their wire form: as text they are in order. */
  | { readonly kind: 'not_before' | 'not_after'; readonly bound: string }
  | { readonly kind: 'pattern'; readonly pattern: string; readonly words: string }

/** HubSpot's longest text value, in characters (developers.hubspot.com/docs/api-reference/crm-properties-v3/guide, checked 2026-11-23). */
const maxTextLength = 65_536

/** Longest text that any rule of ours asks for: beyond it a number is no length. */
const longestBound = 1_000_000

/**
 * What can be checked in SQL of a property's values: HubSpot's own limit on text, and its validation rules as far as their
 * arguments are understood. Everything else is left to HubSpot, which refuses the record.
 */
export function limitsOf(property: PropertySchema): readonly ValueLimit[] {
  const isText = property.type === 'string' || property.type === 'phone_number'
  const own: readonly ValueLimit[] = isText ? [{ kind: 'max_length', bound: maxTextLength }] : []
  return [...own, ...(property.rules ?? []).flatMap((rule) => limitOf(rule, property))]
}

function limitOf({ type, arguments: [argument = ''] }: ValidationRule, property: PropertySchema) {
  const limit = (one: ValueLimit | undefined): readonly ValueLimit[] =>
    one === undefined ? [] : [one]
  switch (type) {
    case 'MIN_LENGTH':
    case 'MAX_LENGTH': {
      const bound = Number(argument)
      const isLength = /^\d+$/.test(argument) && bound <= longestBound
      const kind = type === 'MIN_LENGTH' ? 'min_length' : 'max_length'
      return limit(isLength ? { kind, bound } : undefined)
    }
    case 'MIN_NUMBER':
    case 'MAX_NUMBER': {
      const kind = type === 'MIN_NUMBER' ? 'min_number' : 'max_number'
      const isNumber = property.type === 'number' && /^-?\d{1,30}(\.\d{1,30})?$/.test(argument)
      return limit(isNumber ? { kind, bound: argument } : undefined)
    }
    case 'START_DATE':
    case 'START_DATETIME':
    case 'END_DATE':
    case 'END_DATETIME': {
      const bound = momentOf(argument, property.type)
      const kind = type.startsWith('START') ? 'not_before' : 'not_after'
      return limit(bound === undefined ? undefined : { kind, bound })
    }
    case 'ALPHANUMERIC':
      return limit(
        argument === 'NUMERIC_ONLY'
          ? { kind: 'pattern', pattern: '^[0-9]*$', words: 'holds other characters than digits' }
          : undefined,
      )
    case 'REGEX': {
      const pattern = portablePattern(argument)
      const words = `does not match ${argument}`
      return limit(pattern === undefined ? undefined : { kind: 'pattern', pattern, words })
    }
    default:
      return []
  }
}

/** A bound as the wire has it; HubSpot's guide shows no form of the argument, so both that it takes for values are read. */
function momentOf(argument: string, type: string): string | undefined {
  const isIso = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?Z)?$/.test(argument)
  const moment = new Date(/^-?\d{1,15}$/.test(argument) ? Number(argument) : argument)
  const isRead = isIso || /^-?\d{1,15}$/.test(argument)
  if (!isRead || Number.isNaN(moment.getTime())) return undefined
  const text = moment.toISOString()
  if (text.length !== 24) return undefined
  return type === 'date' ? text.slice(0, 10) : type === 'datetime' ? text : undefined
}

/** True where a wire value is beyond the limit. Not NULL for a value that is not. */
export function isBeyond(dialect: Dialect, limit: ValueLimit, value: Sql): Sql {
  switch (limit.kind) {
    case 'min_length':
      return sql`length(${value}) < ${raw(String(limit.bound))}`
    case 'max_length':
      return sql`length(${value}) > ${raw(String(limit.bound))}`
    case 'min_number':
      return sql`${dialect.numberOf(value)} < ${raw(limit.bound)}`
    case 'max_number':
      return sql`${dialect.numberOf(value)} > ${raw(limit.bound)}`
    case 'not_before':
      return sql`${value} < ${limit.bound}`
    case 'not_after':
      return sql`${value} > ${limit.bound}`
    case 'pattern':
      return sql`not ${dialect.matches(value, limit.pattern)}`
  }
}

/** The same for a value that is written in the sync. */
export function exceeds(limit: ValueLimit, value: string): boolean {
  switch (limit.kind) {
    case 'min_length':
      return [...value].length < limit.bound
    case 'max_length':
      return [...value].length > limit.bound
    case 'min_number':
      return Number(value) < Number(limit.bound)
    case 'max_number':
      return Number(value) > Number(limit.bound)
    case 'not_before':
      return value < limit.bound
    case 'not_after':
      return value > limit.bound
    case 'pattern':
      return !new RegExp(limit.pattern, 'u').test(value)
  }
}

/** The limit in words, after "the value". */
export function limitWords(limit: ValueLimit): string {
  switch (limit.kind) {
    case 'min_length':
      return `has fewer than ${limit.bound} characters`
    case 'max_length':
      return `has more than ${limit.bound} characters`
    case 'min_number':
      return `is below ${limit.bound}`
    case 'max_number':
      return `is above ${limit.bound}`
    case 'not_before':
      return `is before ${limit.bound}`
    case 'not_after':
      return `is after ${limit.bound}`
    case 'pattern':
      return limit.words
  }
}
