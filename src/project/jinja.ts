import { Environment, Interpreter, parse, tokenize } from '@huggingface/jinja'
import { rewriteTexts, STRIP_FUNCTIONS, withoutRaw } from './jinja-texts.ts'
import { parseLiteral } from './python-literal.ts'
import { isSecretVariable } from './secrets.ts'

/** What a template may ask. */
export interface JinjaScope {
  readonly env: Readonly<Record<string, string | undefined>>
  /** From `--vars`. */
  readonly vars: Readonly<Record<string, unknown>>
  /** Receives values that must never be printed. */
  readonly secrets: Set<string>
  /** The result may be shown: a variable that is named like a secret does not belong there and is kept out of sight. */
  readonly isShown?: boolean
}

/** A template that cannot be rendered; the caller knows where it stands. */
export class JinjaError extends Error {
  readonly hint: string | undefined
  /** True when the text is no valid template at all (a password may look like one). */
  readonly isSyntax: boolean

  constructor(
    message: string,
    options: { hint?: string; isSyntax?: boolean; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause })
    this.name = 'JinjaError'
    this.hint = options.hint
    this.isSyntax = options.isSyntax ?? false
  }
}

/** Variables whose values dbt keeps out of its logs. */
export const SECRET_PREFIX = 'DBT_ENV_SECRET'

/**
 * Renders a template as dbt renders profiles.yml: text around an expression makes text; one expression alone keeps
 * its type. Knows `env_var`, `var` and the filters `as_bool`, `as_number`, `as_native` and `as_text`.
 *
 * @throws JinjaError
 */
export function renderJinja(template: string, scope: JinjaScope): unknown {
  if (!/\{[{%#]/.test(template)) return template
  const used = { isSecret: false }
  const environment = environmentOf(scope, used)
  const value = evaluate(template, environment)
  if (used.isSecret && typeof value === 'string') scope.secrets.add(value)
  return value
}

/** The library's own wrapping of a value, and a node of its syntax tree; it exports neither. */
type RuntimeValue = { readonly type: string; readonly value?: unknown }
type SyntaxNode = { readonly type: string }

function evaluate(template: string, environment: Environment): unknown {
  // Jinja drops one line break at the end of a template.
  const program = parseTemplate(template.replace(/\r?\n$/, ''))
  const interpreter = new Interpreter(environment)
  const body = program.body.filter(({ type }) => type !== 'Comment')
  try {
    if (!body.every(isExpression)) return toText(toJs(interpreter.evaluate(program, environment)))
    const values = body.map((node) => {
      const value = toJs(interpreter.evaluate(node, environment))
      if (value === undefined) throw new JinjaError('holds an expression that is undefined')
      return value
    })
    return values.length === 1 ? values[0] : values.map(toText).join('')
  } catch (cause) {
    if (cause instanceof JinjaError) throw cause
    const detail = cause instanceof Error ? cause.message : String(cause)
    throw new JinjaError(`cannot be rendered: ${detail}`, { cause })
  }
}

function parseTemplate(template: string): SyntaxNode & { readonly body: SyntaxNode[] } {
  try {
    const program: SyntaxNode & { readonly body: SyntaxNode[] } = parse(
      tokenize(withoutRaw(template)),
    )
    rewriteFilters(program)
    return program
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause)
    throw new JinjaError(`the template is not valid Jinja: ${detail}`, { cause, isSyntax: true })
  }
}

const STATEMENTS: readonly string[] = [
  'If',
  'For',
  'Set',
  'Macro',
  'CallStatement',
  'FilterStatement',
]

const isExpression = ({ type }: SyntaxNode): boolean => !STATEMENTS.includes(type)

const AS_FILTERS: Readonly<Record<string, (value: unknown) => unknown>> = {
  as_bool: asBool,
  as_number: asNumber,
  as_native: asNative,
  as_text: toText,
}

/** The library has no way to add filters: `x | as_bool` becomes the call `as_bool(x)`. */
function rewriteFilters(node: unknown): void {
  if (typeof node !== 'object' || node === null) return
  const parts: unknown[] =
    node instanceof Map ? [...node.keys(), ...node.values()] : Object.values(node)
  parts.forEach(rewriteFilters)
  rewriteTexts(node)
  const filter = node as {
    type?: string
    filter?: { type: string; value: string }
    operand?: unknown
  }
  if (filter.type !== 'FilterExpression' || filter.filter?.type !== 'Identifier') return
  if (!Object.hasOwn(AS_FILTERS, filter.filter.value)) return
  Object.assign(node, {
    type: 'CallExpression',
    callee: filter.filter,
    args: [filter.operand],
  })
}

function environmentOf(scope: JinjaScope, used: { isSecret: boolean }): Environment {
  const environment = new Environment()
  const names: Readonly<Record<string, unknown>> = {
    true: true,
    True: true,
    false: false,
    False: false,
    none: null,
    None: null,
    ...AS_FILTERS_ON_RAW,
    ...STRIP_FUNCTIONS,
    env_var: (...args: unknown[]) => {
      const { name, fallback } = lookup('env_var', args)
      const value = scope.env[name]
      if (name.startsWith(SECRET_PREFIX) || (scope.isShown && isSecretVariable(name))) {
        used.isSecret = true
        if (value) scope.secrets.add(value)
      }
      if (value !== undefined) return value
      if (fallback !== undefined && fallback !== null) return fallback
      throw new JinjaError(`the environment variable ${name} is needed but not set`, {
        hint: `Set ${name} (a .env file in the working directory or above it is read, too), or give a default: env_var('${name}', '…').`,
      })
    },
    var: (...args: unknown[]) => {
      const { name, fallback } = lookup('var', args)
      if (Object.hasOwn(scope.vars, name)) return scope.vars[name]
      if (fallback !== undefined) return fallback
      throw new JinjaError(`the variable ${name} is needed but not given`, {
        hint: `Give it with --vars '{${name}: …}'.`,
      })
    },
  }
  for (const [name, value] of Object.entries(names)) environment.set(name, value)
  return environment
}

/** The same filters for values as the library hands them to functions: lists and mappings still wrapped. */
const AS_FILTERS_ON_RAW = Object.fromEntries(
  Object.entries(AS_FILTERS).map(([name, filter]) => [
    name,
    (value: unknown) => filter(unwrap(value)),
  ]),
)

/** Name and default of a call. Keyword arguments reach a function as one Map of wrapped values, last. */
function lookup(
  called: string,
  args: readonly unknown[],
): { readonly name: string; readonly fallback: unknown } {
  const last = args.at(-1)
  const keywords = last instanceof Map ? (last as Map<string, RuntimeValue>) : undefined
  const positional = keywords === undefined ? args : args.slice(0, -1)
  const keyword = keywords?.get('default')
  const named = keywords?.get('var')
  const name = positional[0] ?? (named === undefined ? undefined : toJs(named))
  if (typeof name !== 'string') throw new JinjaError(`${called}() needs a name`)
  return {
    name,
    fallback: keyword === undefined ? unwrap(positional[1]) : toJs(keyword),
  }
}

/** What a function receives: a bare value whose members are still the library's own. */
function unwrap(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((entry) => toJs(entry as RuntimeValue))
  if (value instanceof Map) {
    return Object.fromEntries([...value].map(([key, entry]) => [key, toJs(entry as RuntimeValue)]))
  }
  return value
}

function toJs(value: RuntimeValue): unknown {
  if (value.type === 'UndefinedValue') return undefined
  return value.type === 'NullValue' ? null : unwrap(value.value)
}

function asNative(value: unknown): unknown {
  const literal = typeof value === 'string' ? parseLiteral(value) : undefined
  return literal === undefined ? value : literal.value
}

function asBool(value: unknown): boolean {
  if (typeof value === 'boolean') return value
  const text = String(value).trim().toLowerCase()
  if (text === 'true' || text === 'false') return text === 'true'
  throw new JinjaError('as_bool was given something that is neither true nor false')
}

function asNumber(value: unknown): number {
  const number = typeof value === 'string' && value.trim() === '' ? Number.NaN : Number(value)
  if (Number.isFinite(number)) return number
  throw new JinjaError('as_number was given something that is no number')
}

/** Text as Python prints it. */
function toText(value: unknown): string {
  if (value === null || value === undefined) return 'None'
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
