import { type CommandSpec, commands } from '../commands.ts'
import {
  connectionOptions,
  generalOptions,
  isNegatable,
  logOptions,
  projectOptions,
} from '../options.ts'
import { describeOption, type OptionSpec, positionalSpelling, spelling } from './option.ts'

/** The reference of every command and option, from the table that parses them. Committed as `docs/commands.md`. */
export function commandsMarkdown(): string {
  const shared: readonly (readonly [title: string, options: readonly OptionSpec[]])[] = [
    ['Project and connection', [...projectOptions, ...connectionOptions]],
    ['Log and output', [...logOptions, ...generalOptions]],
  ]
  return [
    '# Commands',
    '',
    'Generated from the table that parses the command line; edit `src/cli/commands.ts`, then run `npm run docs`.',
    '',
    ...commands.map(
      (command) =>
        `- [\`backhaul ${command.name}\`](#backhaul-${command.name}): ${command.describe}`,
    ),
    '',
    ...commands.flatMap((command) =>
      section(
        command,
        shared.flatMap(([, options]) => options),
      ),
    ),
    ...shared.flatMap(([title, options]) => [
      `## ${title}`,
      '',
      ...(title === 'Log and output'
        ? ['Options of every command.', '']
        : ['Options of every command that works on a project.', '']),
      ...table(options),
    ]),
    ...closing,
  ].join('\n')
}

function section(command: CommandSpec, shared: readonly OptionSpec[]): readonly string[] {
  const own = command.options.filter((option) => !shared.includes(option))
  return [
    `## backhaul ${command.name}`,
    '',
    `${command.describe}.`,
    '',
    ...(command.details === undefined ? [] : [command.details, '']),
    '```sh',
    ...command.examples.map(([line, meaning]) => `backhaul ${line}  # ${meaning}`),
    '```',
    '',
    ...argumentTable(command),
    ...(own.length === 0 ? [] : table(own)),
  ]
}

function argumentTable({ positionals }: CommandSpec): readonly string[] {
  if (positionals === undefined) return []
  const rows = positionals.map(
    (each) => `| \`${escapeCell(positionalSpelling(each))}\` | ${escapeCell(each.describe)} |`,
  )
  return ['| Argument | Meaning |', '| --- | --- |', ...rows, '']
}

function table(options: readonly OptionSpec[]): readonly string[] {
  const rows = options.map((option) => {
    const left = spelling(option, isNegatable(option)).trim()
    return `| \`${escapeCell(left)}\` | ${escapeCell(describeOption(option))} |`
  })
  return ['| Option | Meaning |', '| --- | --- |', ...rows, '']
}

const escapeCell = (text: string): string => text.replaceAll('|', '\\|')

const closing: readonly string[] = [
  '## How options are read',
  '',
  '- Options may stand before or after the command. `--name value` and `--name=value` are the same.',
  '- Options with `…` may be repeated and take several values: `--select contacts companies`.',
  '- An option wins over the environment, the environment over `backhaul.yml`, that over the default. The nearest `.env` file, in the working directory or a folder above it, counts as environment; variables that are set win over it.',
  '- Where a `DBT_…` variable is named, its `DBT_ENGINE_…` twin works too and wins. What selects rows, sends them again or removes something (`--select`, `--exclude`, `--selector`, `--limit`, `--row`, `--full-refresh`, `--force-guard`, `--gate`, `--run-results`) is never taken from the environment.',
  '',
  '## Exit codes',
  '',
  '| Code | Meaning |',
  '| --- | --- |',
  '| 0 | All well; also when something waits for a record, when syncs were held because their model was not in the last build, and when nothing was selected |',
  '| 1 | Invalid configuration or data, rejected rows above `max_rejected`, guarded, held by a failed build, partial |',
  '| 2 | Usage, a defect, or an interrupt |',
  '',
]
