import { z } from 'zod'
import { didYouMean } from '../suggest.ts'
import { isBlock } from './merge.ts'

export type Path = readonly (string | number)[]

/** One thing wrong inside a document, before it is known where that document was written. */
export interface Finding {
  readonly path: Path
  readonly message: string
  readonly hint?: string
}

export type Checked<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly findings: readonly Finding[] }

/** How a wrong value is told: by itself, or only what kind it is, where it may be a secret in the wrong place. */
export type Describe = (value: unknown) => string

/** Parses a document by a schema; all that is wrong comes back at once, in words. */
export function check<Schema extends z.ZodType>(
  schema: Schema,
  document: unknown,
  describe: Describe = show,
): Checked<z.output<Schema>> {
  const result = schema.safeParse(document)
  if (result.success) return { ok: true, value: result.data }
  const asked = { schema, document, describe }
  return {
    ok: false,
    findings: result.error.issues.flatMap((issue) => explain(asked, issue, [])),
  }
}

type Issue = z.core.$ZodIssue

interface Asked {
  readonly schema: z.ZodType
  readonly document: unknown
  readonly describe: Describe
}

function explain(asked: Asked, issue: Issue, prefix: Path): readonly Finding[] {
  const { schema, document, describe } = asked
  const path = [...prefix, ...(issue.path as (string | number)[])]
  const value = valueAt(document, path)
  if (issue.code === 'unrecognized_keys') {
    const known = keysAt(schema, path)
    return issue.keys.map((key) => ({
      path: [...path, key],
      message: 'unknown key',
      hint: didYouMean(key, known),
    }))
  }
  if (issue.code === 'invalid_union') {
    if (value === undefined) return [{ path, message: 'is required' }]
    const branch = closestBranch(issue.errors, value)
    if (branch !== undefined) {
      return branch.flatMap((inner) => explain(asked, inner, path))
    }
    const expected = issue.message.startsWith('must ')
      ? issue.message
      : `must be ${alternatives(issue.errors)}`
    return [{ path, message: `${expected}, not ${describe(value)}` }]
  }
  if (issue.code === 'invalid_type') {
    if (value === undefined) return [{ path, message: 'is required' }]
    return [mismatch(path, words(issue.expected), value, describe)]
  }
  if (issue.code === 'invalid_value') {
    const allowed = issue.values.map(String)
    const message = `must be ${oneOf(allowed)}, not ${describe(value)}`
    if (typeof value !== 'string') return [{ path, message }]
    const hint = didYouMean(value, allowed)
    return [hint.startsWith('Did') ? { path, message, hint } : { path, message }]
  }
  if (issue.code === 'too_small' || issue.code === 'too_big') {
    return [{ path, message: issue.message.startsWith('must ') ? issue.message : limit(issue) }]
  }
  return [{ path, message: issue.message }]
}

function limit(issue: z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig): string {
  const [side, bound] =
    issue.code === 'too_small' ? ['at least', issue.minimum] : ['at most', issue.maximum]
  const verb = issue.origin === 'array' ? 'have' : 'be'
  return `must ${verb} ${side} ${bound}${issue.origin === 'array' ? ' entry' : ''}`
}

function mismatch(path: Path, expected: string, value: unknown, describe: Describe): Finding {
  const isText = typeof value === 'string' && expected !== 'text' && describe === show
  const message = `must be ${expected}, not ${isText ? 'the text ' : ''}${describe(value)}`
  if (expected === 'true or false' && typeof value === 'string') {
    return { path, message, hint: 'Of a Jinja expression, write `| as_bool` behind it.' }
  }
  if (expected.includes('number') && typeof value === 'string') {
    return { path, message, hint: 'Of a Jinja expression, write `| as_number` behind it.' }
  }
  return { path, message }
}

/** The alternative that was meant: the one whose kind of value was given, so that its complaints lie deeper. */
function closestBranch(
  errors: readonly (readonly Issue[])[],
  value: unknown,
): readonly Issue[] | undefined {
  // No mapping and no list is one of the words of a choice.
  const kinds = typeof value === 'object' ? ['invalid_type', 'invalid_value'] : ['invalid_type']
  const isKind = (issue: Issue) => kinds.includes(issue.code) && issue.path.length === 0
  const fitting = errors.filter((issues) => !issues.some(isKind))
  return fitting.length === 1 ? fitting[0] : undefined
}

function alternatives(errors: readonly (readonly Issue[])[]): string {
  const kinds = errors.flatMap((issues) =>
    issues.slice(0, 1).map((issue) => {
      if (issue.code === 'invalid_type') return words(issue.expected)
      if (issue.code === 'invalid_value') return oneOf(issue.values.map(String))
      return issue.message.replace(/^must be /, '')
    }),
  )
  return [...new Set(kinds)].join(' or ')
}

/** Zod's word for a kind of value, as a user of YAML would say it. */
function words(expected: string): string {
  const known: Readonly<Record<string, string>> = {
    string: 'text',
    object: 'a mapping',
    record: 'a mapping',
    map: 'a mapping',
    array: 'a list',
    boolean: 'true or false',
    number: 'a number',
    int: 'a whole number',
  }
  return known[expected] ?? expected
}

function oneOf(values: readonly string[]): string {
  return values.length === 1 ? `${values[0]}` : `one of ${values.join(', ')}`
}

/** A value in a message: short, and never a whole block. */
function show(value: unknown): string {
  return typeof value === 'object' ? kindOf(value) : `\`${String(value).slice(0, 60)}\``
}

/** A value in a message that must not show it: it may be a secret in the wrong place. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return 'empty'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'string') return `a text of ${value.length} characters`
  if (typeof value === 'object') return 'a mapping'
  return typeof value === 'number' && Math.abs(value) >= 10_000 ? 'a number' : `\`${value}\``
}

/** The document without what the findings are about, so that the rest can be looked at, too. */
export function prune(document: unknown, findings: readonly Finding[]): unknown {
  const pruned = structuredClone(document)
  for (const { path } of findings) {
    const holder = valueAt(pruned, path.slice(0, -1))
    const step = path.at(-1)
    if (step !== undefined && isBlock(holder)) {
      delete (holder as Record<string | number, unknown>)[step]
    }
  }
  return pruned
}

/** True when one path leads to the other's place or into it. */
export function overlaps(one: Path, other: Path): boolean {
  const length = Math.min(one.length, other.length)
  return length > 0 && one.slice(0, length).every((step, index) => step === other[index])
}

export function valueAt(document: unknown, path: Path): unknown {
  let value = document
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined
    value = (value as Record<string | number, unknown>)[step]
  }
  return value
}

/** Keys that the schema knows at a path. */
function keysAt(schema: z.ZodType, path: Path): readonly string[] {
  let candidates = plain(schema)
  for (const step of path) {
    candidates = candidates.flatMap((candidate) => {
      if (candidate instanceof z.ZodObject) {
        const inner = candidate.shape[String(step)] as z.ZodType | undefined
        return inner === undefined ? [] : plain(inner)
      }
      if (candidate instanceof z.ZodRecord) return plain(candidate.valueType as z.ZodType)
      if (candidate instanceof z.ZodArray) return plain(candidate.element as z.ZodType)
      return []
    })
  }
  return candidates.flatMap((candidate) =>
    candidate instanceof z.ZodObject ? Object.keys(candidate.shape) : [],
  )
}

/** The schemas behind `optional`, `default`, `nullable` and unions. */
function plain(schema: z.ZodType): z.ZodType[] {
  if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodNullable
  ) {
    return plain(schema.unwrap() as z.ZodType)
  }
  if (schema instanceof z.ZodUnion) {
    return schema.options.flatMap((option) => plain(option as z.ZodType))
  }
  return [schema]
}

/** Places where Jinja was not rendered; dbt renders values of `meta` but never keys. */
export function findJinja(document: unknown, path: Path = []): readonly Finding[] {
  if (typeof document === 'string') {
    return /\{[{%#]/.test(document) ? [{ path, message: LEFTOVER, hint: LEFTOVER_HINT }] : []
  }
  if (Array.isArray(document)) {
    return document.flatMap((entry, index) => findJinja(entry, [...path, index]))
  }
  if (!isBlock(document)) return []
  return Object.entries(document).flatMap(([key, value]) => [
    ...findJinja(key, [...path, key]),
    ...findJinja(value, [...path, key]),
  ])
}

/** `__proto__` is a key like any other in YAML and JSON, and one that zod leaves out of mappings without a word. */
export function findLostKeys(document: unknown, path: Path = []): readonly Finding[] {
  if (typeof document !== 'object' || document === null) return []
  const isList = Array.isArray(document)
  return Object.entries(document).flatMap(([key, value]) => {
    const at = [...path, isList ? Number(key) : key]
    const own = !isList && key === '__proto__' ? [{ path: at, message: 'unknown key' }] : []
    return [...own, ...findLostKeys(value, at)]
  })
}

const LEFTOVER = 'holds Jinja that dbt did not render'
const LEFTOVER_HINT =
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the delimiters of our templates
  'dbt renders values but no keys. For values of a row use `template:` with `${ row.column }`.'
