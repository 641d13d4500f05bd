import { renderCommandHelp, renderHelp } from './command-line/help.ts'
import { type Io, processIo, withColours } from './command-line/io.ts'
import type { Arguments } from './command-line/option.ts'
import { type CommandLine, parseCommandLine } from './command-line/parse.ts'
import type { reportFailure } from './failure.ts'
import { withCommands } from './github/workflow-commands.ts'
import { loadTelemetry } from './telemetry/load.ts'
import { version } from './version.ts'

/** Exit codes: dbt's. */
const exitCodes = { ok: 0, failed: 1, unusable: 2 } as const

/**
 * Parses the command line, loads the one command that was asked for, and runs it.
 *
 * @returns the exit code: 0 all well, 1 configuration, data or rejected rows, 2 usage, defect or interrupt
 */
export async function runCli(argv: readonly string[]): Promise<number> {
  const plain = processIo()
  let io = withCommands(withColours(plain, undefined), undefined)
  let args: Arguments = asksForJsonLog(argv) ? { 'log-format': 'json' } : {}
  try {
    const line = parseCommandLine(argv)
    args = line.args
    io = withCommands(
      withColours(plain, line.args['use-colors']),
      await annotates(line.args, plain.env),
    )
    return await carryOut(line, io, (error, inCommand) => report(error, inCommand, argv, args))
  } catch (error) {
    return await report(error, io, argv, args)
  } finally {
    plain.restore()
  }
}

async function report(...failed: Parameters<typeof reportFailure>): Promise<number> {
  const { reportFailure } = await import('./failure.ts')
  return reportFailure(...failed)
}

/** For command lines that are not understood as a whole. */
const asksForJsonLog = (argv: readonly string[]): boolean =>
  /(^| )--log-format[ =]json( |$)/.test(argv.join(' '))

/** Whoever reads JSON from the log wants no other lines there, unless asked for. */
async function annotates(args: Arguments, env: Io['env']): Promise<unknown> {
  const { logChoice } = await import('./log-choice.ts')
  const { format, level } = logChoice(args, env)
  return args['annotations'] ?? (format === 'json' || level === 'none' ? false : undefined)
}

/** Help is wrapped to the terminal, but never to a width that is hard to read. */
const helpColumns = ({ terminalColumns = 80 }: Io): number =>
  Math.min(100, Math.max(60, terminalColumns))

async function carryOut(
  { command, args }: CommandLine,
  io: Io,
  onError: (error: unknown, io: Io) => Promise<number>,
): Promise<number> {
  if (args['version'] === true) {
    io.stdout(`${version()}\n`)
    return exitCodes.ok
  }
  if (args['help'] === true) {
    const columns = helpColumns(io)
    io.stdout(command === undefined ? renderHelp(columns) : renderCommandHelp(command, columns))
    return exitCodes.ok
  }
  if (command === undefined) {
    io.stderr(renderHelp(helpColumns(io)))
    return exitCodes.unusable
  }
  const telemetry = await loadTelemetry(command.name, args, io)
  const exitCode = await telemetry.command(command.name, async () => {
    const { handle } = await command.load()
    const all = { ...io, command: command.name, telemetry }
    return handle(args, all).catch((error: unknown) => onError(error, all))
  })
  return (await telemetry.close()) ? exitCode : io.leave(exitCode)
}
