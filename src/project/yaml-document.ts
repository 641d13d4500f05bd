import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  type ScalarTag,
  visit,
} from 'yaml'
import type { Problem } from '../errors.ts'
import type { Origin } from '../types.ts'
import { JinjaError, type JinjaScope, renderJinja } from './jinja.ts'
import { isSecretKey } from './secrets.ts'

export type Path = readonly (string | number)[]

/** A YAML file read as dbt reads it, which remembers where things stand. */
export interface YamlDocument {
  readonly file: string
  readonly value: unknown
  /** Where a path is written: its last step that exists. */
  at(path: Path): Origin
  readonly problems: readonly Problem[]
}

/**
 * Keys that their mapping has already. The parser's own check compares each key with all before it: a mapping of 20,000 takes it
 * half a minute.
 */
function repeatedKeys(document: Document.Parsed): readonly Node[] {
  const repeated: Node[] = []
  visit(document, {
    Map(_key, { items }) {
      const seen = new Set<unknown>()
      for (const { key } of items) {
        if (!isScalar(key)) continue
        if (seen.has(key.value)) repeated.push(key)
        seen.add(key.value)
      }
    },
  })
  return repeated
}

/**
 * Words that are texts to PyYAML, by which dbt reads its files, and something else to our parser: a user `E123456` would be no
 * number, and a password `0912345678` would lose its zero. Longer numbers than JavaScript keeps are texts here, so that they stay
 * what they are.
 */
const PLAIN_TEXT = new RegExp(
  `^(?:${[
    '[yYnN]',
    '[-+]?0[0-9_]*[89][0-9_]*',
    '[-+]?0[0-9_]*(?::[0-5]?[0-9])+',
    '-?[1-9][0-9]{15,}',
    '[-+]\\.[0-9_]*|\\.(?:_[0-9_]*)?',
    // An exponent wants a point before it, and a sign.
    '(?!(?:[-+]?[0-9][0-9_]*\\.[0-9_]*|\\.[0-9][0-9_]*)[eE][-+])[-+]?(?:[0-9][0-9_]*)?(?:\\.[0-9_]*)?[eE][-+]?[0-9]+',
  ].join('|')})$`,
)

const plainText: ScalarTag = {
  tag: 'tag:yaml.org,2002:str',
  default: true,
  test: PLAIN_TEXT,
  resolve: (text) => text,
}

/**
 * Reads YAML 1.1, as dbt does: `yes`, `no`, `on` and `off` are booleans.
 *
 * @param uniqueKeys false: of a key that is there twice the last counts, as in dbt's own files
 */
export function readYaml(file: string, text: string, uniqueKeys = false): YamlDocument {
  const lines = new LineCounter()
  const document = parseDocument(text, {
    lineCounter: lines,
    version: '1.1',
    customTags: (tags) => [plainText, ...tags],
    uniqueKeys: false,
    merge: true,
    logLevel: 'silent',
  })
  const invalid = (why: string, position: number): Problem => {
    const { line, col } = lines.linePos(position)
    return { message: `is no valid YAML: ${why}`, where: { file, line, column: col } }
  }
  // What follows a mistake in the syntax follows from it.
  const problems = document.errors
    .slice(0, 1)
    .map(({ message, pos }) => invalid(withoutSource(message), pos[0]))
  if (uniqueKeys && problems.length === 0) {
    const repeated = repeatedKeys(document)
    problems.push(...repeated.map(({ range }) => invalid('a key stands twice', range?.[0] ?? 0)))
  }
  const at = (path: Path): Origin => {
    let node: Node | undefined = document.contents ?? undefined
    let position = 0
    for (const step of path) {
      const here: Node | undefined = isAlias(node) ? node.resolve(document) : node
      let next: { readonly at: unknown; readonly value: unknown } | undefined
      if (isSeq(here) && typeof step === 'number') {
        next = { at: here.items[step], value: here.items[step] }
      } else if (isMap(here)) {
        const pair = here.items.find(
          ({ key }) => isScalar(key) && String(key.value) === String(step),
        )
        next = pair === undefined ? undefined : { at: pair.key, value: pair.value }
      }
      if (next?.at === undefined) break
      position = (next.at as Node).range?.[0] ?? position
      node = (next.value ?? undefined) as Node | undefined
    }
    const { line, col } = lines.linePos(position)
    return { file, line, column: col }
  }
  let value: unknown
  try {
    if (problems.length === 0) value = document.toJS()
  } catch (cause) {
    // Aliases and merge keys are followed only now.
    const detail = cause instanceof Error ? cause.message : String(cause)
    const position = danglingAlias(document)
    const { line, col } = lines.linePos(position ?? 0)
    problems.push({
      message: `is no valid YAML: ${withoutSource(detail)}`,
      where: position === undefined ? { file } : { file, line, column: col },
    })
  }
  return { file, value, at, problems }
}

/** Where an alias stands whose anchor is not there. */
function danglingAlias(document: Document.Parsed): number | undefined {
  let found: number | undefined
  visit(document, {
    Alias(_key, alias) {
      if (alias.resolve(document) !== undefined) return undefined
      found = alias.range?.[0]
      return visit.BREAK
    },
  })
  return found
}

/** What the parser says, without the source that it quotes: a password may be what it stumbled over. */
function withoutSource(message: string): string {
  const [line = ''] = message.split('\n')
  return line.replace(/ at line \d+.*$/, '').replace(/: .*$/, '')
}

/**
 * Renders the Jinja of every text below a path; keys stay as they are.
 * What cannot be rendered becomes a problem with its position, and stays `undefined` in the result.
 */
export function renderBelow(
  document: YamlDocument,
  value: unknown,
  path: Path,
  scope: JinjaScope,
  problems: Problem[],
): unknown {
  if (Array.isArray(value)) {
    return value.map((entry, index) =>
      renderBelow(document, entry, [...path, index], scope, problems),
    )
  }
  if (value instanceof Date) return value.toISOString().replace(/T00:00:00\.000Z$/, '')
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([key, entry]) => [
        key,
        renderBelow(document, entry, [...path, key], scope, problems),
      ]),
    )
  }
  return typeof value === 'string' ? renderText(document, value, path, scope, problems) : value
}

/** Keys whose value is taken as it is when it is no valid template: a password may look like one. */
const PASSWORD_KEYS: readonly unknown[] = ['password', 'pass']

function renderText(
  document: YamlDocument,
  text: string,
  path: Path,
  scope: JinjaScope,
  problems: Problem[],
): unknown {
  try {
    const isHidden = path.some((step) => isSecretKey(String(step)))
    return renderJinja(text, isHidden ? scope : { ...scope, isShown: true })
  } catch (cause) {
    if (!(cause instanceof JinjaError)) throw cause
    if (cause.isSyntax && PASSWORD_KEYS.includes(path.at(-1))) return text
    problems.push({
      message: cause.message,
      where: document.at(path),
      key: path.join('.'),
      ...(cause.hint === undefined ? {} : { hint: cause.hint }),
    })
    return undefined
  }
}
