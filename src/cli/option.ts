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
}

/** What the user gave, by option name; options that were not given are absent unless they have a default. */
export type Arguments = Readonly<Record<string, unknown>>

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
