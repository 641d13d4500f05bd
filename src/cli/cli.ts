import { renderCommandHelp, renderHelp } from './help.ts'
import { type Io, processIo, withColours } from './io.ts'
import type { Arguments } from './option.ts'
import { type CommandLine, parseCommandLine } from './parse.ts'
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
  let io = withColours(plain, undefined)
  let args: Arguments = asksForJsonLog(argv) ? { 'log-format': 'json' } : {}
  try {
    const line = parseCommandLine(argv)
    args = line.args
    io = withColours(plain, line.args['use-colors'])
    return await carryOut(line, io)
  } catch (error) {
    const { reportFailure } = await import('./failure.ts')
    return reportFailure(error, io, argv, args)
  } finally {
    plain.restore()
  }
}

/** For command lines that are not understood as a whole. */
const asksForJsonLog = (argv: readonly string[]): boolean =>
  /(^| )--log-format[ =]json( |$)/.test(argv.join(' '))

/** Help is wrapped to the terminal, but never to a width that is hard to read. */
const helpColumns = ({ columns }: Io): number => Math.min(100, Math.max(60, columns))

async function carryOut({ command, args }: CommandLine, io: Io): Promise<number> {
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
  const { handle } = await command.load()
  return handle(args, { ...io, command: command.name })
}
