import { UserError } from '../errors.ts'
import { suggest } from '../suggest.ts'

/** dbt's methods, in its order; then our own, which match syncs. */
export const METHOD_NAMES = [
  'fqn',
  'tag',
  'group',
  'access',
  'source',
  'path',
  'file',
  'package',
  'config',
  'test_name',
  'test_type',
  'resource_type',
  'state',
  'exposure',
  'metric',
  'result',
  'source_status',
  'version',
  'semantic_model',
  'saved_query',
  'unit_test',
  'selector',
  'sync',
  'object',
  'mode',
] as const

export type MethodName = (typeof METHOD_NAMES)[number]

/** One criterion of dbt's grammar: `[@][n+][method[.argument]:]value[+n]`. */
export interface Criterion {
  readonly kind: 'criterion'
  /** As the user wrote it. */
  readonly text: string
  readonly method: MethodName
  /** What follows the method's name behind dots, e.g. `['meta', 'owner']` of `config.meta.owner:`. */
  readonly arguments: readonly string[]
  /** Text on the command line; YAML selectors keep their type. */
  readonly value: unknown
  /** `@`: descendants, and all that they need. */
  readonly withChildrensParents: boolean
  /** Steps up and down; undefined: none. */
  readonly parentsDepth: number | undefined
  readonly childrenDepth: number | undefined
}

export type Expression =
  | Criterion
  | { readonly kind: 'union' | 'intersection'; readonly of: readonly Expression[] }
  | { readonly kind: 'difference'; readonly from: Expression; readonly without: Expression }

/** What a command was asked to take, as the user wrote it. */
export interface SelectionRequest {
  /** Values of `--select`; several values and spaces are a union, commas an intersection. None selects all. */
  readonly select: readonly string[]
  readonly exclude: readonly string[]
}

/** Part of a union, with the words that a warning is about. */
export interface Component {
  readonly text: string
  readonly expression: Expression
}

export interface Selection {
  /** Undefined: all. */
  readonly included: readonly Component[] | undefined
  readonly excluded: readonly Component[]
}

export function usage(message: string, hint?: string): UserError {
  return new UserError({ message, ...(hint === undefined ? {} : { hint }) }, { exitCode: 2 })
}

/** @throws UserError with exit code 2 for what dbt's grammar does not know */
export function parseSelection({ select, exclude }: SelectionRequest): Selection {
  return {
    included: select.length === 0 ? undefined : parseUnion(select),
    excluded: parseUnion(exclude),
  }
}

function parseUnion(values: readonly string[]): readonly Component[] {
  return values
    .flatMap((value) => value.split(/\s+/))
    .filter((text) => text !== '')
    .map((text) => {
      const of = text.split(',').map(parseCriterion)
      const [first] = of
      const isOne = of.length === 1 && first !== undefined
      return { text, expression: isOne ? first : { kind: 'intersection', of } }
    })
}

const PATTERN =
  /^(?<at>@)?(?:(?<parents>\d*)\+)?(?:(?<method>[\w.]+):)?(?<value>.*?)(?:\+(?<children>\d*))?$/su

/** @throws UserError with exit code 2 */
export function parseCriterion(text: string): Criterion {
  const { at, parents, method, value = '', children } = PATTERN.exec(text)?.groups ?? {}
  return criterion(text, {
    method: method ?? defaultMethod(value),
    value,
    withChildrensParents: at !== undefined,
    parentsDepth: depthOf(parents),
    childrenDepth: depthOf(children),
  })
}

/** A bare operator goes all the way. */
const depthOf = (digits: string | undefined): number | undefined =>
  digits === undefined ? undefined : digits === '' ? Number.POSITIVE_INFINITY : Number(digits)

/** Without a method: a path has a slash, a file one of dbt's endings, the rest is a name. */
function defaultMethod(value: string): string {
  if (value.includes('/')) return 'path'
  return /\.(sql|py|csv)$/i.test(value) ? 'file' : 'fqn'
}

type Parts = Omit<Criterion, 'kind' | 'text' | 'arguments' | 'method'> & {
  /** With what follows its name behind dots. */
  readonly method: string
}

/**
 * Puts a criterion together.
 *
 * @throws UserError with exit code 2 for an unknown method, and for operators that exclude each other
 */
export function criterion(text: string, parts: Parts): Criterion {
  if (parts.withChildrensParents && parts.childrenDepth !== undefined) {
    throw usage(`Invalid node spec ${text} - "@" prefix and "+" suffix are incompatible`)
  }
  const [name = '', ...rest] = parts.method.split('.')
  const method = METHOD_NAMES.find((known) => known === name)
  if (method === undefined) {
    const meant = suggest(name, METHOD_NAMES)
    const all = `Methods are: ${METHOD_NAMES.join(', ')}.`
    throw usage(
      `'${name}' is not a valid method name`,
      meant === undefined ? all : `Did you mean ${meant}? ${all}`,
    )
  }
  return { ...parts, kind: 'criterion', text, method, arguments: rest }
}

/** All criteria in an expression. */
export function criteriaOf(expression: Expression): readonly Criterion[] {
  switch (expression.kind) {
    case 'criterion':
      return [expression]
    case 'difference':
      return [expression.from, expression.without].flatMap(criteriaOf)
    case 'union':
    case 'intersection':
      return expression.of.flatMap(criteriaOf)
  }
}
