import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml'
import { type Block, isBlock } from '../config/merge.ts'
import { UserError } from '../errors.ts'
import { toYaml } from './sync-block.ts'
import { isSameValue, parseYaml, plainValue, type YamlText } from './yaml-text.ts'

type Path = readonly string[]

/**
 * A file with another entry of the list at a path of keys; the list is made where there is none. All else stays byte for byte.
 *
 * @throws UserError where that cannot be
 */
export function insertAt(file: YamlText, path: Path, entry: unknown): string {
  const document = parseYaml(file)
  const before = plainValue(document)
  const wanted = structuredClone(before) as Record<string, unknown>
  let at = wanted
  for (const key of path.slice(0, -1)) {
    const next = isBlock(at[key]) ? { ...at[key] } : {}
    at[key] = next
    at = next
  }
  const last = path.at(-1) ?? ''
  const list = Array.isArray(at[last]) ? (at[last] as unknown[]) : undefined
  at[last] = [...(list ?? []), entry]
  const editor = new YamlEditor(file.text, document, undefined)
  const edited = editor.addAt(path, list === undefined ? [entry] : entry)
  if (edited !== undefined && isSameValue(edited, file.shown, wanted)) return edited
  throw new UserError({
    message: `cannot be added to without changing the rest`,
    where: { file: file.shown },
  })
}

/** Puts text into a file at places that the parsed document knows. Undefined: there is no such place. */
export class YamlEditor {
  readonly #text: string
  readonly #document: Document.Parsed
  readonly #comment: string | undefined
  readonly #newline: string
  readonly #step: number

  constructor(text: string, document: Document.Parsed, comment: string | undefined) {
    this.#text = text
    this.#document = document
    this.#comment = comment
    this.#newline = text.includes('\r\n') ? '\r\n' : '\n'
    this.#step = this.#usualStep()
  }

  /**
   * A value below the entry of a list that has the name, as in dbt's files of properties. Behind a value that is there already it is
   * another entry of a list.
   *
   * @param whole the entry where there is none
   */
  addToEntry(
    { section, name }: { readonly section: string; readonly name: string },
    path: Path,
    value: unknown,
    whole: Block,
  ): string | undefined {
    const root: unknown = this.#document.contents
    if (isBlank(this.#text)) return this.#atEnd({ [section]: [whole] })
    if (!isMap(root)) return undefined
    const list = pairOf(root, section)
    if (list === undefined) {
      return root.flow ? undefined : this.#atEnd({ [section]: [whole] })
    }
    if (!isSeq(list.value)) {
      return isEmpty(list.value) ? this.#below(list, [whole]) : undefined
    }
    const entry = list.value.items.find((one): one is YAMLMap => isMap(one) && nameOf(one) === name)
    if (entry === undefined) return this.#toList(list.value, whole)
    return this.#toPath(entry, path, value)
  }

  /** A value at a path of keys; another entry where a list is there. */
  addAt(path: Path, value: unknown): string | undefined {
    const root: unknown = this.#document.contents
    return isMap(root) ? this.#toPath(root, path, value) : undefined
  }

  /** Follows the path as far as it is there, and adds the rest. */
  #toPath(top: YAMLMap, path: Path, added: unknown): string | undefined {
    let at = top
    for (const [index, key] of path.entries()) {
      const pair = pairOf(at, key)
      const rest = path
        .slice(index + 1)
        .reduceRight<unknown>((value, name) => ({ [name]: value }), added)
      if (pair === undefined) return this.#toMap(at, { [key]: rest }, at === top)
      const last = index === path.length - 1
      if (last) return this.#beside(pair, added)
      if (isEmpty(pair.value)) return this.#below(pair, rest)
      if (!isMap(pair.value)) return undefined
      at = pair.value
    }
    return undefined
  }

  /** Behind the last key of a mapping; of an entry behind its name and description, before its columns. */
  #toMap(map: YAMLMap, value: Block, isEntry: boolean): string | undefined {
    if (map.flow) return this.#toFlow(map, value)
    const [first] = map.items
    const indent = this.#columnOf(first?.key)
    const named = map.items.filter((pair) => ['name', 'description'].includes(keyOf(pair)))
    const last = isEntry ? named.at(-1) : map.items.at(-1)
    if (last === undefined || indent === undefined) return undefined
    return this.#insertLines(this.#lineAfter(endOf(last)), this.#render(value, indent))
  }

  #toFlow(collection: YAMLMap | YAMLSeq, value: unknown): string | undefined {
    const yaml = toYaml(value, { step: this.#step, isFlow: true }).trim().slice(1, -1)
    const close = (collection.range?.[1] ?? 0) - 1
    const last = collection.items.at(-1)
    if (last === undefined) {
      const open = collection.range?.[0] ?? 0
      return this.#insert(open + 1, yaml)
    }
    const end = isMap(collection) ? endOf(last as Pair) : ((last as Node).range?.[1] ?? 0)
    const comma = /^\s*,/.exec(this.#text.slice(end, close))
    return comma === null
      ? this.#insert(end, `, ${yaml}`)
      : this.#insert(end + comma[0].length, ` ${yaml}`)
  }

  #toList(list: YAMLSeq, entry: unknown): string | undefined {
    if (list.flow) return this.#toFlow(list, [entry])
    const last = list.items.at(-1) as Node | undefined
    const indent = last === undefined ? undefined : this.#dashOf(last)
    if (last === undefined || indent === undefined) return undefined
    return this.#insertLines(this.#lineAfter(endOfNode(last)), this.#render([entry], indent))
  }

  /** A key without a value gets one in the lines below it. */
  #below(pair: Pair, value: unknown): string | undefined {
    const column = this.#columnOf(pair.key)
    if (column === undefined) return undefined
    const yaml = this.#render(value, column + this.#step)
    return this.#insertLines(this.#lineAfter((pair.key as Node).range?.[1] ?? 0), yaml)
  }

  /** Another value: one that stands alone becomes the first of a list. */
  #beside(pair: Pair, added: unknown): string | undefined {
    const before = pair.value
    if (isSeq(before)) return this.#toList(before, added)
    if (!isMap(before)) return undefined
    if (before.flow) {
      const [start = 0, end = 0] = before.range ?? []
      const yaml = toYaml(added, { step: this.#step, isFlow: true }).trim()
      return `${this.#text.slice(0, start)}[${this.#text.slice(start, end)}, ${yaml}]${this.#text.slice(end)}`
    }
    const [first] = before.items
    const inner = this.#columnOf(first?.key)
    const start = this.#lineAfter((pair.key as Node).range?.[1] ?? 0)
    const end = this.#lineAfter(endOfNode(before))
    if (inner === undefined) return undefined
    const lines = this.#text.slice(start, end).split(/(?<=\n)/)
    const head = lines.findIndex((line) => line.trim() !== '' && !line.trim().startsWith('#'))
    const moved = lines.map((line, index) => {
      if (line.trim() === '') return line
      return index === head
        ? `${line.slice(0, inner)}- ${line.slice(inner)}`
        : `${line.slice(0, inner)}  ${line.slice(inner)}`
    })
    const closed = moved.join('').endsWith('\n')
      ? moved.join('')
      : `${moved.join('')}${this.#newline}`
    const yaml = this.#render([added], inner)
    return `${this.#text.slice(0, start)}${closed}${yaml}${this.#text.slice(end)}`
  }

  #atEnd(value: Block): string {
    const text = this.#text.replace(/[ \t]+$/, '')
    const gap = text === '' || /\n\r?\n$/.test(text) ? '' : this.#newline
    const yaml = this.#render(value, 0)
    const closed = text === '' || text.endsWith('\n') ? text : `${text}${this.#newline}`
    return `${closed}${gap}${yaml}`
  }

  #render(value: unknown, indent: number): string {
    const yaml = toYaml(value, { step: this.#step }, this.#comment)
    return yaml
      .replace(/\n+$/, '')
      .split('\n')
      .map((line) => (line === '' ? '' : `${' '.repeat(indent)}${line}`) + this.#newline)
      .join('')
  }

  #insertLines(offset: number, lines: string): string {
    const needsBreak = offset > 0 && this.#text[offset - 1] !== '\n'
    return needsBreak
      ? this.#insert(offset, `${this.#newline}${lines}`)
      : this.#insert(offset, lines)
  }

  #insert(offset: number, added: string): string {
    return `${this.#text.slice(0, offset)}${added}${this.#text.slice(offset)}`
  }

  /** Start of the line behind the one that an offset is in. */
  #lineAfter(offset: number): number {
    if (offset > 0 && this.#text[offset - 1] === '\n') return offset
    const end = this.#text.indexOf('\n', offset)
    return end < 0 ? this.#text.length : end + 1
  }

  /** Undefined where tabs are in front of it. */
  #columnOf(key: unknown): number | undefined {
    const start = (key as Node | undefined)?.range?.[0]
    if (start === undefined) return undefined
    const before = this.#text.slice(this.#text.lastIndexOf('\n', start - 1) + 1, start)
    return /^[ -]*$/.test(before) ? before.length : undefined
  }

  /** Column of the dash before an entry of a list. */
  #dashOf(entry: Node): number | undefined {
    const first = isMap(entry) && !entry.flow ? entry.items[0]?.key : entry
    const column = this.#columnOf(first)
    if (column === undefined) return undefined
    const start = ((first as Node).range?.[0] ?? 0) - column
    const dash = this.#text.slice(start, start + column).lastIndexOf('-')
    return dash < 0 ? undefined : dash
  }

  /** How far the file indents keys below keys. */
  #usualStep(): number {
    const root: unknown = this.#document.contents
    const steps: number[] = []
    const visit = (node: unknown, column: number | undefined): void => {
      if (isMap(node) && !node.flow) {
        const own = this.#columnOf(node.items[0]?.key)
        if (own !== undefined && column !== undefined && own > column) steps.push(own - column)
        for (const { value } of node.items) visit(value, isMap(value) ? own : undefined)
      } else if (isSeq(node) && !node.flow) for (const entry of node.items) visit(entry, undefined)
    }
    visit(root, undefined)
    return steps[0] !== undefined && steps[0] <= 8 ? steps[0] : 2
  }
}

/** Comments and a start mark say nothing. */
const isBlank = (text: string): boolean => text.replaceAll(/^(\s*#.*|---\s*)$/gm, '').trim() === ''

const keyOf = ({ key }: Pair): string => (isScalar(key) ? String(key.value) : '')

const pairOf = (map: YAMLMap, key: string): Pair | undefined =>
  map.items.find((pair) => keyOf(pair) === key)

function nameOf(entry: YAMLMap): string | undefined {
  const value = pairOf(entry, 'name')?.value
  return isScalar(value) ? String(value.value) : undefined
}

/** Nothing is written there; a `null` that is, is not nothing. */
const isEmpty = (value: unknown): boolean =>
  value === null ||
  (isScalar(value) && value.value === null && (value.source ?? '') === '' && !value.anchor)

/** Where the last thing in a node ends, comments and line ends behind it not counted. */
function endOfNode(node: Node): number {
  if ((isMap(node) || isSeq(node)) && !node.flow && node.items.length > 0) {
    const last = node.items.at(-1)
    return isMap(node) ? endOf(last as Pair) : endOfNode(last as Node)
  }
  return node.range?.[1] ?? 0
}

function endOf({ key, value }: Pair): number {
  const end = (key as Node).range?.[1] ?? 0
  return value === null || isEmpty(value) || isAlias(value)
    ? Math.max(end, (value as Node | null)?.range?.[1] ?? 0)
    : Math.max(end, endOfNode(value as Node))
}
