/** Longest expression that is carried over. */
const maxLength = 500
/** PostgreSQL's longest repeat, and what RE2 takes of repeats within repeats. */
const maxRepeat = 255
const maxNestedRepeat = 1000

/** Shorthands, outside and inside of brackets. */
const classes: Readonly<Record<string, string>> = { d: '0-9', w: 'A-Za-z0-9_' }

interface Part {
  readonly kind: 'atom' | 'repeat' | 'open' | 'close' | 'or'
  readonly text: string
  readonly source: string
}

/**
 * A regular expression of HubSpot (Java) as all engines read it, when it is simple enough to mean the same to all of them:
 * anchored at both ends, so that finding and matching are one, of ASCII characters, classes, groups and greedy repeats.
 *
 * @returns undefined for any other expression, which is left to HubSpot
 */
export function portablePattern(expression: string): string | undefined {
  if (expression.length > maxLength || !/^\^[\x20-\x7e]+\$$/.test(expression)) return undefined
  const parts = partsOf(expression.slice(1, -1))
  if (parts === undefined || !isWellFormed(parts)) return undefined
  const pattern = `^${parts.map((part) => part.text).join('')}$`
  // Ranges that run backwards are found here.
  return isRegular(pattern) ? pattern : undefined
}

function partsOf(body: string): readonly Part[] | undefined {
  const parts: Part[] = []
  for (let rest = body; rest !== ''; ) {
    const part = partOf(rest)
    if (part === undefined) return undefined
    parts.push(part)
    rest = rest.slice(part.source.length)
  }
  return parts
}

/** Groups that close, alternatives within groups only (`^a|b$` is anchored at one end of each), and nothing empty. */
function isWellFormed(parts: readonly Part[]): boolean {
  let depth = 0
  let before: Part['kind'] | undefined
  for (const { kind } of parts) {
    const hasNothingBefore = before === undefined || before === 'open' || before === 'or'
    if (kind === 'repeat' && before !== 'atom' && before !== 'close') return false
    if ((kind === 'or' || kind === 'close') && (depth === 0 || hasNothingBefore)) return false
    depth += kind === 'open' ? 1 : kind === 'close' ? -1 : 0
    before = kind
  }
  const isNested = parts.some(
    ({ kind }, at) => kind === 'repeat' && parts[at - 1]?.kind === 'close',
  )
  const times = parts.reduce((product, part) => product * repeatsOf(part), 1)
  return depth === 0 && (!isNested || times <= maxNestedRepeat)
}

const repeatsOf = ({ kind, source }: Part): number =>
  kind === 'repeat' ? Math.max(1, Number(/(\d+)\}$/.exec(source)?.[1] ?? 1)) : 1

function partOf(rest: string): Part | undefined {
  const part = (kind: Part['kind'], source: string, text = source): Part => ({ kind, text, source })
  const [bracket, negation = '', inner = ''] =
    /^\[(\^?)((?:[A-Za-z0-9 _.,:;@#%&/+-]|\\[dw.\-/])+)\]/.exec(rest) ?? []
  if (bracket !== undefined) return part('atom', bracket, bracketText(negation, inner))
  const [escaped, letter = ''] = /^\\([dw.+*?(){}|/$-])/.exec(rest) ?? []
  if (escaped !== undefined) return part('atom', escaped, `[${classes[letter] ?? letter}]`)
  const [repeat] = /^([*+?]|\{\d{1,3}(,\d{0,3})?\})(?![*+?{])/.exec(rest) ?? []
  if (repeat !== undefined) return isPossible(repeat) ? part('repeat', repeat) : undefined
  if (rest.startsWith('(?:')) return part('open', '(?:', '(')
  if (rest.startsWith('(?')) return undefined
  const [mark] = /^[()|]/.exec(rest) ?? []
  if (mark !== undefined) return part(mark === '(' ? 'open' : mark === ')' ? 'close' : 'or', mark)
  const [character] = /^[A-Za-z0-9 _,:;@#%&=!'"<>~`/-]/.exec(rest) ?? []
  return character === undefined ? undefined : part('atom', character)
}

function isPossible(repeat: string): boolean {
  const [least = 0, most = least] = [...repeat.matchAll(/\d+/g)].map(([digits]) => Number(digits))
  return least <= most && most <= maxRepeat
}

/** Inside of brackets a hyphen is a range, unless it is at the end. */
function bracketText(negation: string, inner: string): string {
  const plain = inner
    .replaceAll('\\-', '')
    .replaceAll(/\\([dw])/g, (_, letter: string) => classes[letter] ?? '')
    .replaceAll(/\\(.)/g, '$1')
  return `[${negation}${plain}${inner.includes('\\-') ? '-' : ''}]`
}

function isRegular(pattern: string): boolean {
  try {
    return new RegExp(pattern, 'u') instanceof RegExp
  } catch {
    return false
  }
}
