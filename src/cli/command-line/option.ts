/** An option of the command line, as data: parser, help, documentation and tests read the same table. */
export interface OptionSpec {
  /** Without dashes, in dbt's spelling where dbt has it. */
  readonly name: string
  readonly alias?: string
  /** `flag`: `--x` and `--no-x`. `list`: repeatable, and takes several values at once, as dbt's `--select` does. */
  readonly kind: 'flag' | 'text' | 'count' | 'list'
  readonly describe: string
  /** What stands for the value in the help, e.g. `DIR`. */
  readonly value?: string
  readonly choices?: readonly string[]
  readonly default?: string | number
  /** Name behind `DBT_` and `DBT_ENGINE_` of the variables that are read when the option is not given. */
  readonly env?: string
  /** A flag of which no is another answer than none. */
  readonly isNegatable?: true
}

/** A word behind the command's name, as data. */
export interface PositionalSpec {
  /** In capitals, as the help prints it; also its name among the arguments. */
  readonly name: string
  readonly describe: string
  readonly isRequired?: true
  readonly choices?: readonly string[]
}

/** `SYNC`, `[KEY]`, `objects|properties`. */
export function positionalSpelling({ name, isRequired, choices }: PositionalSpec): string {
  const word = choices?.join('|') ?? name
  return isRequired ? word : `[${word}]`
}

/** `backhaul show SYNC KEY`. */
export const usageOf = (command: {
  readonly name: string
  readonly positionals?: readonly PositionalSpec[]
}): string =>
  ['backhaul', command.name, ...(command.positionals ?? []).map(positionalSpelling)].join(' ')

/**
 * What the user gave, by the name of the option or positional; what was not given is absent unless it has a default.
 */
export type Arguments = Readonly<Record<string, unknown>>

/** The values of an option that may be repeated. */
export const argumentList = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.map(String) : value === undefined ? [] : [String(value)]

/** `-t, --target NAME`, or `--[no-]use-colors` where leaving it out is not the same as no. */
export function spelling(option: OptionSpec, isNegatable: boolean): string {
  const name = isNegatable ? `--[no-]${option.name}` : `--${option.name}`
  const value = option.kind === 'flag' ? '' : ` ${valueName(option)}`
  return `${option.alias === undefined ? '    ' : `-${option.alias}, `}${name}${value}`
}

function valueName(option: OptionSpec): string {
  if (option.choices !== undefined) return option.choices.join('|')
  const name = option.value ?? (option.kind === 'count' ? 'N' : 'TEXT')
  return option.kind === 'list' ? `${name}…` : name
}

/** The description with default and variable, as help and documentation print it. */
export function describeOption(option: OptionSpec): string {
  const facts = [
    ...(option.default === undefined ? [] : [`default ${option.default}`]),
    ...(option.env === undefined ? [] : [`DBT_${option.env}`]),
  ]
  return facts.length === 0 ? option.describe : `${option.describe} (${facts.join('; ')})`
}
