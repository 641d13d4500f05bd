import yargs, { type Argv } from 'yargs'
import { type CommandSpec, commands } from './commands.ts'
import { reportFailure } from './failure.ts'
import { processIo } from './io.ts'
import { version } from './version.ts'

/** Exit codes: dbt's. */
export const exitCodes = { ok: 0, failed: 1, unusable: 2 } as const

/**
 * Parses the command line, loads the one command that was asked for, and runs it.
 *
 * @returns the exit code: 0 all well, 1 configuration, data or rejected rows, 2 usage, defect or interrupt
 */
export async function runCli(argv: readonly string[]): Promise<number> {
  const io = processIo()
  let exitCode: number = exitCodes.ok
  let parser: Argv = yargs([...argv])
    .scriptName('backhaul')
    .usage('$0 <command>\n\nCarries dbt models back to HubSpot.')
    .version(version())
    .help()
    .alias('h', 'help')
    .strict()
    .demandCommand(1, 'Say which command, e.g. backhaul plan')
    .recommendCommands()
    .wrap(Math.min(100, io.columns))
    .parserConfiguration({ 'camel-case-expansion': false, 'boolean-negation': true })
    .exitProcess(false)
    .fail((message, error, builder) => {
      exitCode = exitCodes.unusable
      if (error && !isUsage(error)) throw error
      io.stderr(`${message ?? error.message}\n\n`)
      builder.showHelp((text) => io.stderr(`${text}\n`))
    })
  for (const command of commands) {
    parser = parser.command(
      command.name,
      command.describe,
      (builder) => withExamples(command.builder(builder), command),
      async (args) => {
        const { handle } = await command.load()
        exitCode = await handle(args, io)
      },
    )
  }
  try {
    await parser.parseAsync()
  } catch (error) {
    return reportFailure(error, io, argv)
  } finally {
    io.restore()
  }
  return exitCode
}

const isUsage = (error: Error): boolean => error.name === 'YError'

function withExamples(builder: Argv, command: CommandSpec): Argv {
  return command.examples.reduce((all, [line, meaning]) => all.example(line, meaning), builder)
}
