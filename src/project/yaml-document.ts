import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml'
import type { Problem } from '../errors.ts'
import type { Origin } from '../types.ts'
import { JinjaError, type JinjaScope, renderJinja } from './jinja.ts'

export type Path = readonly (string | number)[]

/** A YAML file read as dbt reads it, which remembers where things stand. */
export interface YamlDocument {
  readonly file: string
  readonly value: unknown
  /** Where a path is written: its last step that exists. */
  at(path: Path): Origin
  readonly problems: readonly Problem[]
}

/** Reads YAML 1.1, as dbt does: `yes`, `no`, `on` and `off` are booleans. */
export function readYaml(file: string, text: string): YamlDocument {
  const lines = new LineCounter()
  const document = parseDocument(text, {
    lineCounter: lines,
    version: '1.1',
    uniqueKeys: false,
    merge: true,
    logLevel: 'silent',
  })
  const problems = document.errors.map((error) => {
    const { line, col } = lines.linePos(error.pos[0])
    return {
      message: `is no valid YAML: ${error.message.split('\n')[0]?.replace(/ at line \d+.*$/, '')}`,
      where: { file, line, column: col },
    }
  })
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
  return { file, value: problems.length > 0 ? undefined : document.toJS(), at, problems }
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
    return renderJinja(text, scope)
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
