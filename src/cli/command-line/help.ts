import { type CommandSpec, commands } from '../commands.ts'
import { generalOptions, isNegatable } from '../options.ts'
import { describeOption, type OptionSpec, positionalSpelling, spelling, usageOf } from './option.ts'

const docs = 'Exit codes: 0 all well, 1 configuration, data or rejected rows, 2 usage or interrupt.'

/** What `backhaul --help` prints: every command and where to go on. */
export function renderHelp(columns: number): string {
  const rows = commands.map((command) => [command.name, command.describe] as const)
  return [
    'Carries dbt models back to HubSpot: only what changed moves, every outcome is a row.',
    '',
    'Usage: backhaul COMMAND [OPTION…]',
    '',
    'Commands:',
    ...twoColumns(rows, columns),
    '',
    'To begin, in a dbt project that has been built:',
    ...twoColumns(
      [
        ['backhaul init', 'write a first sync, and plan it'],
        ['backhaul debug', 'is everything there that a run needs?'],
        ['backhaul plan', 'what would a run do?'],
        ['backhaul run', 'do it'],
      ],
      columns,
    ),
    '',
    'backhaul COMMAND --help, or backhaul help COMMAND, shows the options of a command.',
    docs,
    '',
  ].join('\n')
}

/** What `backhaul COMMAND --help` prints. */
export function renderCommandHelp(command: CommandSpec, columns: number): string {
  const rows = [...command.options, ...generalOptions].map(row)
  const examples = command.examples.map(([line, meaning]) => [`backhaul ${line}`, meaning] as const)
  return [
    command.describe,
    '',
    `Usage: ${usageOf(command)} [OPTION…]`,
    '',
    ...argumentLines(command, columns),
    'Options:',
    ...twoColumns(rows, columns),
    '',
    'Examples:',
    ...twoColumns(examples, columns),
    '',
  ].join('\n')
}

function argumentLines({ positionals }: CommandSpec, columns: number): readonly string[] {
  if (positionals === undefined) return []
  const rows = positionals.map((each) => [positionalSpelling(each), each.describe] as const)
  return ['Arguments:', ...twoColumns(rows, columns), '']
}

const row = (option: OptionSpec) =>
  [spelling(option, isNegatable(option)), describeOption(option)] as const

/** Where a left side is longer than this, its right side starts on the next line. */
const widestLeft = 32

function twoColumns(
  rows: readonly (readonly [left: string, right: string])[],
  columns: number,
): readonly string[] {
  const lefts = rows.map(([left]) => left.length).filter((length) => length <= widestLeft)
  const indent = Math.max(...lefts, 0) + 4
  return rows.flatMap(([left, right]) => {
    const [first = '', ...more] = wrap(right, Math.max(20, columns - indent))
    const head =
      left.length + 4 > indent
        ? [`  ${left}`, `${' '.repeat(indent)}${first}`]
        : [`  ${left.padEnd(indent - 2)}${first}`]
    return [...head, ...more.map((line) => `${' '.repeat(indent)}${line}`)]
  })
}

/** Lines of at most `width` characters, broken at spaces. */
function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + 1 + word.length <= width) {
      lines[lines.length - 1] = `${last} ${word}`
    } else lines.push(word)
  }
  return lines
}
