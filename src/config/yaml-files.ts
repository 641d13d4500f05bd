import type { Document, Node } from 'yaml'
import { isAlias, isMap, isScalar, isSeq, LineCounter, type Pair, parseDocument } from 'yaml'
import type { Origin } from '../types.ts'
import type { Path } from './check.ts'

/** Text of a file, or undefined when there is none. */
export type ReadFile = (path: string) => string | undefined

/** How far a path could be followed, and where its last step is written. */
export interface Found {
  readonly steps: number
  readonly line: number
  readonly column: number
}

interface Parsed {
  readonly document: Document
  readonly lines: LineCounter
}

/** YAML files of a project, each parsed once, asked only for positions. */
export class YamlFiles {
  readonly #readFile: ReadFile
  readonly #projectDir: string
  readonly #parsed = new Map<string, Parsed | undefined>()

  constructor(projectDir: string, readFile: ReadFile) {
    this.#projectDir = projectDir
    this.#readFile = readFile
  }

  text(file: string): string | undefined {
    return this.#readFile(`${this.#projectDir}/${file}`)
  }

  /** The list entry of a section with that name, e.g. the model `orders` in `models:`. */
  entry(file: string, section: string, name: string): Node | undefined {
    const parsed = this.#parse(file)
    if (parsed === undefined) return undefined
    return entryNamed(
      parsed,
      child(parsed.document, parsed.document.contents, section)?.value,
      name,
    )
  }

  /** Follows `path` below `from` as far as it goes. */
  follow(file: string, from: Node | undefined, path: Path): Found | undefined {
    const parsed = this.#parse(file)
    if (parsed === undefined || from === undefined) return undefined
    let node: Node | undefined = from
    let last: Node = from
    let steps = 0
    for (const step of path) {
      const next = child(parsed.document, node, step)
      if (next === undefined) break
      last = next.at
      node = next.value
      steps += 1
    }
    const { line, col } = parsed.lines.linePos(last.range?.[0] ?? 0)
    return { steps, line, column: col }
  }

  /** Entries `list` of `node`, e.g. its columns or versions, whose `key` has that value. */
  within(file: string, node: Node | undefined, list: string, key: string, value: string) {
    const parsed = this.#parse(file)
    if (parsed === undefined) return undefined
    return entryNamed(parsed, child(parsed.document, node, list)?.value, value, key)
  }

  /** All mappings under a key of that name anywhere in the file. */
  everywhere(file: string, key: string): readonly Node[] {
    const parsed = this.#parse(file)
    if (parsed === undefined) return []
    const found: Node[] = []
    const visit = (node: unknown): void => {
      if (isMap(node)) {
        for (const pair of node.items) {
          if (keyText(pair) === key) found.push(pair.value as Node)
          visit(pair.value)
        }
      } else if (isSeq(node)) node.items.forEach(visit)
    }
    visit(parsed.document.contents)
    return found
  }

  #parse(file: string): Parsed | undefined {
    if (!this.#parsed.has(file)) {
      const text = this.text(file)
      const lines = new LineCounter()
      this.#parsed.set(
        file,
        text === undefined
          ? undefined
          : { document: parseDocument(text, { lineCounter: lines, uniqueKeys: false }), lines },
      )
    }
    return this.#parsed.get(file)
  }
}

export function toOrigin(file: string, found: Found | undefined, path?: string): Origin {
  return {
    file,
    ...(found === undefined ? {} : { line: found.line, column: found.column }),
    ...(path === undefined ? {} : { path }),
  }
}

function entryNamed(
  { document }: Parsed,
  list: Node | undefined,
  name: string,
  key = 'name',
): Node | undefined {
  if (!isSeq(list)) return undefined
  const entries = list.items.map((entry) => resolved(document, entry as Node))
  return entries.find((entry) => {
    const value = child(document, entry, key)?.value
    return isScalar(value) && String(value.value) === name
  })
}

/** One step down: the child, and the node to point at (the key of a mapping). */
function child(
  document: Document,
  node: Node | null | undefined,
  step: string | number,
): { readonly at: Node; readonly value: Node | undefined } | undefined {
  const here = resolved(document, node ?? undefined)
  if (isSeq(here) && typeof step === 'number') {
    const entry = here.items[step] as Node | undefined
    return entry === undefined ? undefined : { at: entry, value: entry }
  }
  if (!isMap(here)) return undefined
  const pair = here.items.find((candidate) => keyText(candidate) === String(step))
  if (pair === undefined) return undefined
  return { at: pair.key as Node, value: (pair.value ?? undefined) as Node | undefined }
}

function resolved(document: Document, node: Node | undefined): Node | undefined {
  return isAlias(node) ? (node.resolve(document) as Node | undefined) : node
}

/** Of dbt_project.yml's `+meta`, too: the plus only says that the key is a config. */
function keyText(pair: Pair): string {
  return isScalar(pair.key) ? String(pair.key.value) : ''
}
