import { DestinationError, UserError, WarehouseError } from '../errors.ts'
import type { Io } from './io.ts'
import { paintFor } from './paint.ts'
import { version } from './version.ts'

/** Prints what ended a command, for people, and says the exit code. Only defects print a stack. */
export function reportFailure(error: unknown, io: Io, argv: readonly string[]): number {
  const paint = paintFor(io.logUsesColours)
  if (error instanceof UserError) {
    const count = error.problems.length
    const head = count === 1 ? '' : `${count} problems:\n`
    io.stderr(`${paint.red('Error')}: ${head}${error.message}\n`)
    return error.exitCode
  }
  if (error instanceof WarehouseError || error instanceof DestinationError) {
    io.stderr(`${paint.red('Error')}: ${error.message}\n`)
    if (error.hint !== undefined) io.stderr(`    ${error.hint}\n`)
    if (error instanceof DestinationError && error.correlationId !== undefined) {
      io.stderr(`    HubSpot correlation id: ${error.correlationId}\n`)
    }
    return 1
  }
  const known = error instanceof Error ? error : new TypeError(String(error))
  io.stderr(
    `${paint.red('Defect')}: this is a mistake in Backhaul, not in your project.\n` +
      `backhaul ${version()}, Node ${process.versions.node}, ${process.platform} ${process.arch}, command: ${argv[0] ?? ''}\n` +
      `${known.stack ?? known.message}\n`,
  )
  return 2
}
