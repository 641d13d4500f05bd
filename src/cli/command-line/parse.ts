import { parseArgs } from 'node:util'
import { UserError } from '../../errors.ts'
import { meantBy } from '../../suggest.ts'
import { type CommandSpec, commands } from '../commands.ts'
import { generalOptions } from '../options.ts'
import { type Arguments, type OptionSpec, type PositionalSpec, usageOf } from './option.ts'

export interface CommandLine {
  /** Undefined: none was named. */
  readonly command: CommandSpec | undefined
  readonly args: Arguments
}

/**
 * Reads the command line. Options may stand before or after the command, as with dbt.
 *
 * @throws UserError with exit code 2, for the first thing that is not understood
 */
export function parseCommandLine(argv: readonly string[]): CommandLine {
  const { tokens } = parseArgs({
    args: [...argv],
    options: parserOptions(),
    strict: false,
    allowPositionals: true,
    tokens: true,
  })
  const words = tokens.filter((token) => token.kind === 'positional')
  const [first] = words
  const name = first?.value
  // `backhaul help run` is `backhaul run --help`.
  if (name === 'help') {
    return parseCommandLine([...argv.filter((_, index) => index !== first?.index), '--help'])
  }
  const command = commands.find((known) => known.name === name)
  if (name !== undefined && command === undefined) throw unknownCommand(name)
  const known = [...(command?.options ?? allOptions()), ...generalOptions]
  const given: Record<string, unknown> = {}
  const positionals = [...(command?.positionals ?? [])]
  // The option whose values go on, as in `--select a b`.
  let open: OptionSpec | undefined
  for (const token of tokens) {
    if (token.kind === 'option-terminator') {
      open = undefined
      continue
    }
    if (token.kind === 'positional') {
      if (token === first) continue
      if (open !== undefined) {
        given[open.name] = [...list(given[open.name]), token.value]
        continue
      }
      const positional = positionals.shift()
      if (positional === undefined) throw surplus(token.value, command)
      given[positional.name] = chosenWord(token.value, positional)
      continue
    }
    open = readOption(token, known, command, given)
  }
  const [missing] = positionals
  if (command !== undefined && missing?.isRequired && given['help'] !== true)
    throw missingWord(missing, command)
  return { command, args: { ...defaults(command), ...given } }
}

function chosenWord(word: string, { name, choices }: PositionalSpec): string {
  if (choices === undefined || choices.includes(word)) return word
  const meant = meantBy(word, choices)
  throw usage(
    `${name} ${word} is not possible${meant === undefined ? '' : `; did you mean ${meant}?`}`,
    `Choose one of ${choices.join(', ')}.`,
  )
}

const missingWord = ({ name, choices }: PositionalSpec, command: CommandSpec): UserError =>
  usage(
    `backhaul ${command.name} needs ${choices === undefined ? `a ${name}` : `one of ${choices.join(', ')}`}`,
    `Usage: ${usageOf(command)}`,
  )

interface OptionToken {
  readonly name: string
  readonly rawName: string
  readonly value?: string | undefined
  readonly inlineValue?: boolean | undefined
}

/** @returns the option, when further values may follow */
function readOption(
  token: OptionToken,
  known: readonly OptionSpec[],
  command: CommandSpec | undefined,
  given: Record<string, unknown>,
): OptionSpec | undefined {
  const isNo = token.name.startsWith('no-')
  const positive = isNo ? token.name.slice(3) : token.name
  const option =
    find(known, token.name) ?? known.find((each) => each.kind === 'flag' && each.name === positive)
  if (option === undefined) throw unknownOption(token.rawName, known, command)
  if (option.kind === 'flag') {
    given[option.name] = flagValue(token, isNo)
    return undefined
  }
  const value = wordOf(token, option)
  if (option.kind === 'list') {
    given[option.name] = [...list(given[option.name]), value]
    return option
  }
  given[option.name] = option.kind === 'count' ? countOf(value, option) : value
  return undefined
}

function wordOf(token: OptionToken, option: OptionSpec): string {
  const { value } = token
  const isNext = token.inlineValue !== true && value !== undefined && /^-[^\d]/.test(value)
  if (value === undefined || value === '' || isNext) {
    throw usage(`--${option.name} needs a value`, example(option))
  }
  if (option.choices !== undefined && !option.choices.includes(value)) {
    const meant = meantBy(value, option.choices)
    throw usage(
      `--${option.name} ${value} is not possible${meant === undefined ? '' : `; did you mean ${meant}?`}`,
      `Choose one of ${option.choices.join(', ')}.`,
    )
  }
  return value
}

function countOf(value: string, option: OptionSpec): number {
  if (/^\d{1,9}$/.test(value)) return Number(value)
  throw usage(`--${option.name} needs a whole number, not ${value}`, example(option))
}

function flagValue(token: OptionToken, isNo: boolean): boolean {
  if (token.inlineValue !== true) return !isNo
  if (token.value === 'true' || token.value === 'false') return (token.value === 'true') !== isNo
  throw usage(`${token.rawName} takes no value`, `Write ${token.rawName} alone.`)
}

const example = (option: OptionSpec): string =>
  option.kind === 'count'
    ? `For example --${option.name} ${option.default || 10}.`
    : `${option.describe}.`

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

const find = (known: readonly OptionSpec[], name: string): OptionSpec | undefined =>
  known.find((option) => option.name === name || option.alias === name)

function defaults(command: CommandSpec | undefined): Record<string, unknown> {
  const options = command?.options ?? []
  return Object.fromEntries(
    options.flatMap((option) =>
      option.default === undefined ? [] : [[option.name, option.default] as const],
    ),
  )
}

function allOptions(): readonly OptionSpec[] {
  return commands.flatMap((command) => command.options)
}

/** Which options take a value: the same in every command, so that options may stand before the command. */
function parserOptions() {
  return Object.fromEntries(
    [...allOptions(), ...generalOptions].map((option) => [
      option.name,
      {
        type: option.kind === 'flag' ? ('boolean' as const) : ('string' as const),
        multiple: true,
        ...(option.alias === undefined ? {} : { short: option.alias }),
      },
    ]),
  )
}

function unknownCommand(name: string): UserError {
  const names = commands.map((command) => command.name)
  const meant = meantBy(name, names)
  return usage(
    `There is no command ${name}${meant === undefined ? '' : `; did you mean ${meant}?`}`,
    `Commands: ${names.join(', ')}. backhaul --help says what they do.`,
  )
}

function unknownOption(
  rawName: string,
  known: readonly OptionSpec[],
  command: CommandSpec | undefined,
): UserError {
  const name = rawName.replace(/^-+(no-)?/, '')
  const subject = command === undefined ? 'backhaul' : `backhaul ${command.name}`
  const elsewhere = commands.filter((other) => find(other.options, name) !== undefined)
  if (/^-\d/.test(rawName) && command?.positionals !== undefined) {
    return usage(
      `${subject} has no option ${rawName}`,
      `Write -- before a key that begins with a dash: ${usageOf(command).replace(/ [^ ]+$/, '')} -- ${rawName}…`,
    )
  }
  const meant = meantBy(
    name,
    known.map((option) => option.name),
  )
  const hint =
    meant === undefined && elsewhere.length > 0
      ? `It is an option of ${elsewhere.map((other) => `backhaul ${other.name}`).join(', ')}.`
      : `${subject} --help lists its options.`
  return usage(
    `${subject} has no option ${rawName}${meant === undefined ? '' : `; did you mean --${meant}?`}`,
    hint,
  )
}

function surplus(word: string, command: CommandSpec | undefined): UserError {
  const takesSelection = command?.options.some((option) => option.name === 'select') === true
  return usage(
    `backhaul ${command?.name ?? ''} does not know what to do with ${word}`,
    takesSelection && command?.positionals === undefined
      ? `To choose syncs: --select ${word}`
      : `Usage: ${command === undefined ? 'backhaul COMMAND' : usageOf(command)}; backhaul ${command?.name} --help`,
  )
}

function usage(message: string, hint: string): UserError {
  return new UserError({ message, hint }, { exitCode: 2 })
}
