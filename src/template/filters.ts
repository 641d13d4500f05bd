import { createHash } from 'node:crypto'
import type { FilterImplOptions } from 'liquidjs'
import { readMoment } from './moment.ts'
import { Unrenderable } from './unrenderable.ts'

/**
 * Filters of Liquid that a template may use. Left out are those that depend on chance (`sample`), that escape for HTML pages, and
 * those that take expressions as text, which could name columns unseen.
 */
const liquidFilters = [
  'abs',
  'append',
  'array_to_sentence_string',
  'at_least',
  'at_most',
  'base64_decode',
  'base64_encode',
  'capitalize',
  'ceil',
  'compact',
  'concat',
  'date',
  'default',
  'divided_by',
  'downcase',
  'first',
  'floor',
  'join',
  'json',
  'last',
  'lstrip',
  'map',
  'minus',
  'modulo',
  'newline_to_br',
  'normalize_whitespace',
  'number_of_words',
  'pop',
  'plus',
  'prepend',
  'push',
  'remove',
  'remove_first',
  'remove_last',
  'replace',
  'replace_first',
  'replace_last',
  'reverse',
  'round',
  'rstrip',
  'shift',
  'size',
  'slice',
  'slugify',
  'sort',
  'sort_natural',
  'split',
  'strip',
  'strip_html',
  'strip_newlines',
  'sum',
  'times',
  'truncate',
  'truncatewords',
  'uniq',
  'unshift',
  'upcase',
  'url_decode',
  'url_encode',
  'where',
] as const

/** Filters of ours. */
const added = ['sha256', 'to_iso', 'to_unix'] as const

export const allowedFilters: readonly string[] = [...liquidFilters, ...added].sort()

type Filters = Readonly<Record<string, FilterImplOptions>>

const isNothing = (value: unknown): boolean => value === null || value === undefined || value === ''

/** Filters of ours, and those of Liquid that would depend on the machine (its clock, its time zone) or print what is no value. */
export function ownFilters(filters: Filters): Filters {
  const { date } = filters
  return {
    ...Object.assign({}, ...counting.map((name) => strict(name, filters[name]))),
    to_unix: (value: unknown) => (isNothing(value) ? null : momentOf(value, 'to_unix')),
    to_iso: (value: unknown) =>
      isNothing(value) ? null : new Date(momentOf(value, 'to_iso')).toISOString(),
    sha256: (value: unknown) =>
      isNothing(value) ? null : createHash('sha256').update(textOf(value)).digest('hex'),
    ...(typeof date === 'function'
      ? {
          date(value: unknown, format: unknown) {
            if (isNothing(value)) return null
            return date.call(this, new Date(momentOf(value, 'date')), format ?? '%Y-%m-%d')
          },
        }
      : {}),
  }
}

/** Filters that count: of nothing they give nothing, and what is no number is no zero to them. */
const counting = [
  'abs',
  'at_least',
  'at_most',
  'ceil',
  'divided_by',
  'floor',
  'minus',
  'modulo',
  'plus',
  'round',
  'times',
] as const

function strict(name: string, filter: FilterImplOptions | undefined): Filters {
  if (typeof filter !== 'function') return {}
  return {
    [name](value: unknown, ...given: unknown[]) {
      if (isNothing(value)) return null
      const result: unknown = [value, ...given].every(isNumeric)
        ? filter.call(this, value, ...given)
        : Number.NaN
      if (typeof result === 'number' && Number.isFinite(result)) return result
      throw new Unrenderable(`${name} gives no number`)
    },
  }
}

const isNumeric = (value: unknown): boolean =>
  typeof value === 'number' || (typeof value === 'string' && /^\s*[+-]?[\d.]+\s*$/.test(value))

const textOf = (value: unknown): string =>
  typeof value === 'object' ? JSON.stringify(value) : String(value)

function momentOf(value: unknown, filter: string): number {
  const ms = typeof value === 'string' ? readMoment(value) : undefined
  if (ms === undefined) throw new Unrenderable(`${filter} was given no date and time`)
  return ms
}
