/** What the Jinja library makes of texts otherwise than Python does. */

interface SyntaxNode {
  readonly type?: string
  readonly value?: unknown
}

interface MemberNode extends SyntaxNode {
  readonly object: unknown
  readonly property: SyntaxNode
  readonly computed: boolean
}

/** The library does not know `raw`, which passwords are written in: what stands in it becomes a text of its own. */
export function withoutRaw(template: string): string {
  const block = /\{%(-?)\s*raw\s*(-?)%\}([\s\S]*?)\{%(-?)\s*endraw\s*(-?)%\}/g
  return template.replace(block, (_, before, trimsStart, inner: string, trimsEnd, after) => {
    const start = trimsStart ? inner.trimStart() : inner
    const text = (trimsEnd ? start.trimEnd() : start).replaceAll(/[\\']/g, '\\$&')
    return `{{${before} '${text}' ${after}}}`
  })
}

type End = 'start' | 'end'

/** Which ends of a text Python's methods strip. */
const STRIPS: Readonly<Record<string, readonly End[]>> = {
  strip: ['start', 'end'],
  lstrip: ['start'],
  rstrip: ['end'],
}

/** Of the library's own, none looks at the signs that are to go. These have names that no template can write. */
export const STRIP_FUNCTIONS = Object.fromEntries(
  Object.entries(STRIPS).map(([name, ends]) => [
    `text.${name}`,
    (text: unknown, signs: unknown) => stripped(text, signs, ends),
  ]),
)

/** @returns undefined where it is no text */
function stripped(text: unknown, signs: unknown, ends: readonly End[]): string | undefined {
  if (typeof text !== 'string') return undefined
  const goes = (sign: string | undefined): boolean =>
    sign !== undefined && (typeof signs === 'string' ? signs.includes(sign) : sign.trim() === '')
  const left = [...text]
  while (ends.includes('start') && goes(left[0])) left.shift()
  while (ends.includes('end') && goes(left.at(-1))) left.pop()
  return left.join('')
}

/** In Python what follows the first letter of a word is in lower case; the library leaves it as it is. */
const CASES: readonly unknown[] = ['title', 'capitalize']

/**
 * Changes a node of the library's syntax tree: `x.strip('/')` becomes the call `text.strip(x, '/')`, and `x.title()` and
 * `x | title` have `x | lower` for their `x`.
 */
export function rewriteTexts(node: object): void {
  const { type, callee, args, filter, operand } = node as {
    readonly type?: string
    readonly callee?: MemberNode
    readonly args?: readonly unknown[]
    readonly filter?: SyntaxNode
    readonly operand?: unknown
  }
  if (type === 'FilterExpression' && CASES.includes(filter?.value)) {
    Object.assign(node, { operand: inLowerCase(operand) })
  }
  if (type !== 'CallExpression' || callee?.type !== 'MemberExpression' || callee.computed) return
  const { object, property } = callee
  const method = String(property.value)
  if (CASES.includes(method)) Object.assign(callee, { object: inLowerCase(object) })
  if (!Object.hasOwn(STRIPS, method) || args === undefined || args.length === 0) return
  Object.assign(node, {
    callee: { type: 'Identifier', value: `text.${method}` },
    args: [object, ...args],
  })
}

const inLowerCase = (operand: unknown) => ({
  type: 'FilterExpression',
  operand,
  filter: { type: 'Identifier', value: 'lower' },
})
