import { suggest } from '../suggest.ts'
import { type Criterion, criterion, type Expression, parseCriterion, usage } from './expression.ts'

/** `selectors` of the manifest: what dbt made of selectors.yml, by name. */
export type SelectorDefinitions = Readonly<Record<string, unknown>>

type Block = Readonly<Record<string, unknown>>

/** The name of the selector with `default: true`, which dbt takes where nothing is selected. */
export function defaultSelector(definitions: SelectorDefinitions): string | undefined {
  return Object.keys(definitions).find((name) => blockOf(definitions[name])?.['default'] === true)
}

/**
 * Reads one definition. dbt normalises most of it before it writes the manifest, but not what is excluded: so every form of
 * selectors.yml is understood.
 *
 * @throws UserError with exit code 2 for an unknown name and for a definition that cannot be read
 */
export function namedSelector(name: string, definitions: SelectorDefinitions): Expression {
  const reader = new Reader(definitions)
  return reader.named(name)
}

class Reader {
  readonly #definitions: SelectorDefinitions
  /** Names on the way: one that leads back to itself has no end. */
  readonly #open: string[] = []

  constructor(definitions: SelectorDefinitions) {
    this.#definitions = definitions
  }

  named(name: string): Expression {
    const found = Object.hasOwn(this.#definitions, name) ? this.#definitions[name] : undefined
    if (found === undefined) throw unknownSelector(name, Object.keys(this.#definitions))
    if (this.#open.includes(name)) throw this.#wrong('leads back to itself')
    this.#open.push(name)
    const expression = this.#expression(blockOf(found)?.['definition'])
    this.#open.pop()
    return expression
  }

  #expression(definition: unknown): Expression {
    if (typeof definition === 'string') return this.#criterion(() => parseCriterion(definition))
    const block = blockOf(definition)
    if (block === undefined) throw this.#wrong(`holds ${JSON.stringify(definition)}`)
    if ('union' in block) return this.#group('union', block['union'])
    if ('intersection' in block) return this.#group('intersection', block['intersection'])
    return this.#without(this.#fromMethod(block), 'method' in block ? block['exclude'] : undefined)
  }

  /** One of the parts may be `exclude:`, which is taken from the rest. */
  #group(kind: 'union' | 'intersection', value: unknown): Expression {
    const parts = this.#list(value, kind)
    const isExclude = (part: unknown) => blockOf(part)?.['exclude'] !== undefined
    const excludes = parts.filter(
      (part) => isExclude(part) && blockOf(part)?.['method'] === undefined,
    )
    if (excludes.length > 1) {
      throw this.#wrong('holds multiple exclude arguments in the same selector set operator')
    }
    const of = parts
      .filter((part) => !excludes.includes(part))
      .map((part) => this.#expression(part))
    return this.#without({ kind, of }, blockOf(excludes[0])?.['exclude'])
  }

  #without(from: Expression, exclude: unknown): Expression {
    if (exclude === undefined) return from
    const of = this.#list(exclude, 'exclude').map((part) => this.#expression(part))
    return of.length === 0 ? from : { kind: 'difference', from, without: { kind: 'union', of } }
  }

  /** `{method, value, …}`, or the short form `{tag: nightly}`. */
  #fromMethod(block: Block): Expression {
    const [key, ...others] = Object.keys(block)
    if (key !== undefined && others.length === 0) {
      return this.#fromMethod({ method: key, value: block[key] })
    }
    const { method, value } = block
    if (typeof method !== 'string' || value === undefined) {
      throw this.#wrong(
        `holds ${JSON.stringify(block)}: expected either 1 key or else "method" and "value" keys`,
      )
    }
    if (method === 'selector') return this.named(String(value))
    return this.#criterion(() =>
      criterion(`${method}:${String(value)}`, {
        method,
        value,
        withChildrensParents: Boolean(block['childrens_parents']),
        parentsDepth: depthOf(block['parents'], block['parents_depth']),
        childrenDepth: depthOf(block['children'], block['children_depth']),
      }),
    )
  }

  #criterion(read: () => Criterion): Expression {
    const found = read()
    return found.method === 'selector' ? this.named(String(found.value)) : found
  }

  #list(value: unknown, key: string): readonly unknown[] {
    if (!Array.isArray(value)) throw this.#wrong(`needs a list below \`${key}\``)
    return value
  }

  #wrong(what: string) {
    return usage(
      `The selector ${this.#open.at(-1)} ${what}`,
      'Correct it in selectors.yml and run `dbt parse`.',
    )
  }
}

/** dbt writes depths as text. */
function depthOf(isOn: unknown, depth: unknown): number | undefined {
  if (!isOn) return undefined
  return depth === undefined || depth === null || depth === ''
    ? Number.POSITIVE_INFINITY
    : Number(depth)
}

function unknownSelector(name: string, known: readonly string[]) {
  if (known.length === 0) {
    return usage(
      `Could not find selector named ${name}: the project has none`,
      'Selectors are defined in selectors.yml, beside dbt_project.yml; `dbt parse` takes them into the manifest.',
    )
  }
  const meant = suggest(name, known)
  return usage(
    `Could not find selector named ${name}, expected one of ${known.join(', ')}`,
    meant === undefined ? undefined : `Did you mean ${meant}?`,
  )
}

function blockOf(value: unknown): Block | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Block)
    : undefined
}
