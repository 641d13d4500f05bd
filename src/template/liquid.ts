import { createRequire } from 'node:module'
import type { Liquid } from 'liquidjs'
import { allowedFilters, ownFilters } from './filters.ts'

/** Tags of Liquid that a template may use: none reads files, and none writes HTML. */
export const allowedTags: readonly string[] = [
  'assign',
  'break',
  'capture',
  'case',
  'comment',
  'continue',
  'cycle',
  'decrement',
  'echo',
  'for',
  'if',
  'increment',
  'liquid',
  'raw',
  'unless',
  '#',
]

/** What one rendering may build up, in characters and elements, so that a loop over a huge range ends at once. */
const memoryLimit = 1_000_000
/** A rendering takes microseconds; nested loops that the limit above does not see end here. */
const renderLimitMs = 1_000
/** Characters of a template. */
const parseLimit = 100_000

let engine: Liquid | undefined

/**
 * Liquid with our delimiters, without files, without the clock and without chance: one row gives one text. Loaded when the first
 * template is met.
 */
export function liquid(): Liquid {
  if (engine !== undefined) return engine
  const library = createRequire(import.meta.url)('liquidjs') as typeof import('liquidjs')
  engine = new library.Liquid({
    outputDelimiterLeft: '${',
    outputDelimiterRight: '}',
    tagDelimiterLeft: '<%',
    tagDelimiterRight: '%>',
    ownPropertyOnly: true,
    strictFilters: true,
    timezoneOffset: 0,
    locale: 'en-US',
    // In memory and empty: no template reads a file.
    templates: {},
    memoryLimit,
    renderLimit: renderLimitMs,
    parseLimit,
  })
  for (const name of Object.keys(engine.filters)) {
    if (!allowedFilters.includes(name)) delete engine.filters[name]
  }
  for (const name of Object.keys(engine.tags)) {
    if (!allowedTags.includes(name)) delete engine.tags[name]
  }
  for (const [name, filter] of Object.entries(ownFilters(engine.filters))) {
    engine.registerFilter(name, filter)
  }
  return engine
}
