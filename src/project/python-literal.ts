/**
 * Reads a Python literal (what dbt's `as_native` accepts), JSON being tried first: numbers, `True`, `False`, `None`,
 * quoted text, lists, tuples and dicts.
 *
 * @returns undefined when the text is no literal
 */
export function parseLiteral(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) as unknown }
  } catch {
    return parsePython(text)
  }
}

const TOKEN =
  /\s*(?:([[\]{}(),:])|("""[\s\S]*?"""|'''[\s\S]*?'''|"(?:[^"\\]|\\[\s\S])*"|'(?:[^'\\]|\\[\s\S])*')|([-+]?(?:\d[\d_]*\.?\d*(?:[eE][-+]?\d+)?|\.\d+))|([A-Za-z]+))\s*/y

type Token = { readonly kind: 'mark' | 'text' | 'number' | 'word'; readonly text: string }

function parsePython(text: string): { readonly value: unknown } | undefined {
  const tokens = tokenize(text)
  if (tokens === undefined) return undefined
  const reader = new Reader(tokens)
  try {
    const value = reader.value()
    return reader.isAtEnd ? { value } : undefined
  } catch (cause) {
    if (cause instanceof NotALiteral) return undefined
    throw cause
  }
}

function tokenize(text: string): readonly Token[] | undefined {
  const tokens: Token[] = []
  const pattern = new RegExp(TOKEN)
  while (pattern.lastIndex < text.length) {
    const found = pattern.exec(text)
    if (found === null) return undefined
    const [, mark, quoted, number, word] = found
    if (mark !== undefined) tokens.push({ kind: 'mark', text: mark })
    else if (quoted !== undefined) tokens.push({ kind: 'text', text: unquote(quoted) })
    else if (number !== undefined) tokens.push({ kind: 'number', text: number })
    else tokens.push({ kind: 'word', text: word ?? '' })
  }
  return tokens
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '0': '\0' }

function unquote(quoted: string): string {
  const width = /^("""|''')/.test(quoted) ? 3 : 1
  return quoted
    .slice(width, -width)
    .replace(/\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|([\s\S]))/g, (_, u, x, other) => {
      const code = (u ?? x) as string | undefined
      if (code !== undefined) return String.fromCharCode(Number.parseInt(code, 16))
      return ESCAPES[other as string] ?? (other === '\n' ? '' : (other as string))
    })
}

class NotALiteral extends Error {}

const WORDS: Readonly<Record<string, unknown>> = { True: true, False: false, None: null }

class Reader {
  readonly #tokens: readonly Token[]
  #at = 0

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens
  }

  get isAtEnd(): boolean {
    return this.#at === this.#tokens.length
  }

  value(): unknown {
    const token = this.#tokens[this.#at++]
    if (token?.kind === 'text') return token.text
    if (token?.kind === 'number') return Number(token.text.replaceAll('_', ''))
    if (token?.kind === 'word' && token.text in WORDS) return WORDS[token.text]
    if (token?.text === '[') return this.#list(']')
    if (token?.text === '(') return this.#list(')')
    if (token?.text === '{') return this.#dict()
    throw new NotALiteral()
  }

  #list(close: string): unknown[] {
    const values: unknown[] = []
    while (!this.#takes(close)) {
      values.push(this.value())
      if (!this.#takes(',') && this.#tokens[this.#at]?.text !== close) throw new NotALiteral()
    }
    return values
  }

  #dict(): Record<string, unknown> {
    const entries: [string, unknown][] = []
    while (!this.#takes('}')) {
      const key = String(this.value())
      if (!this.#takes(':')) throw new NotALiteral()
      entries.push([key, this.value()])
      if (!this.#takes(',') && this.#tokens[this.#at]?.text !== '}') throw new NotALiteral()
    }
    return Object.fromEntries(entries)
  }

  #takes(mark: string): boolean {
    const token = this.#tokens[this.#at]
    if (token?.kind !== 'mark' || token.text !== mark) return false
    this.#at += 1
    return true
  }
}
