const space = '[[:space:]]*'
const hex = '[0-9a-fA-F]'

/** Zero or more, parted by commas, between two brackets. */
const listOf = (open: string, part: string, close: string): string =>
  `${open}${space}(${part}${space}(,${space}${part}${space})*)?${close}`

/** An escaped character that PostgreSQL keeps: not U+0000, and surrogates in pairs only. */
const unicode = [
  `[1-9a-cA-CefEF]${hex}{3}`,
  `[dD][0-7]${hex}{2}`,
  `0[1-9a-fA-F]${hex}{2}`,
  `00[1-9a-fA-F]${hex}`,
  '000[1-9a-fA-F]',
  `[dD][89abAB]${hex}{2}[\\\\]u[dD][c-fC-F]${hex}{2}`,
].join('|')

const string = `"([^"\\\\[:cntrl:]]|[\\\\]["\\\\/bfnrt]|[\\\\]u(${unicode}))*"`
const number = '-?(0|[1-9][0-9]*)([.][0-9]+)?([eE][-+]?[0-9]+)?'
const scalar = `(${string}|${number}|true|false|null)`
const object = listOf(
  '[{]',
  `${string}${space}:${space}(${scalar}|${listOf('\\[', scalar, '\\]')})`,
  '[}]',
)
const element = `(${scalar}|${object}|${listOf('\\[', scalar, '\\]')})`

/**
 * JSON as links say it: a list of scalars, lists and objects, no deeper. PostgreSQL 15 has nothing that asks whether a text is JSON, and
 * its casts fail.
 */
export const shallowJson = `^${space}(${scalar}|${object}|${listOf('\\[', element, '\\]')})${space}$`
