/** A text matches a pattern as Python's `fnmatch` has it: `*`, `?`, `[abc]`, `[a-z]`, `[!abc]`; a star goes over slashes and dots. */
export function fnmatch(text: string, pattern: string): boolean {
  return hasWildcard(pattern) ? toRegExp(pattern).test(text) : pattern === text
}

export const hasWildcard = (pattern: string): boolean => /[*?[\]]/.test(pattern)

/** A set ends at the first `]` that is not its first member; without one the `[` stands for itself. */
const TOKEN = /\*|\?|\[(!(?:\][^\]]*|[^\]]+)|(?!!)(?:\][^\]]*|[^\]]+))\]|[\\^$.|+()[\]{}/]/g

/** The last patterns: one is asked of many nodes. */
const compiled = new Map<string, RegExp>()

function toRegExp(pattern: string): RegExp {
  const known = compiled.get(pattern)
  if (known !== undefined) return known
  const source = pattern.replaceAll(TOKEN, (token, set) => {
    if (token === '*') return '.*'
    if (token === '?') return '.'
    return set === undefined ? `\\${token}` : setSource(set)
  })
  const expression = new RegExp(`^${source}$`, 'su')
  compiled.set(pattern, expression)
  return expression
}

/** A range in the wrong order holds nothing. */
function setSource(set: string): string {
  const isNegated = set.startsWith('!')
  const members = (isNegated ? set.slice(1) : set)
    .replaceAll(/(.)-(.)/gsu, (range, from: string, to: string) => (from > to ? '' : range))
    .replaceAll(/[\\\]^[]/g, '\\$&')
    .replaceAll(/^-|-$/g, '\\-')
  if (members === '') return isNegated ? '.' : '(?!)'
  return `[${isNegated ? '^' : ''}${members}]`
}
