import type { Io } from '../command-line/io.ts'
import type { Arguments } from '../command-line/option.ts'
import { switchesOf, unmetOf } from './switches.ts'
import { noTelemetry, type Telemetry } from './telemetry.ts'

/** Loads OpenTelemetry where its variables ask for it. A command does not fail for want of it. */
export async function loadTelemetry(name: string, args: Arguments, io: Io): Promise<Telemetry> {
  const switches = switchesOf(io.env, name)
  const isOff = !switches.traces && !switches.metrics
  const unmet = unmetOf(io.env, name, process.versions.node)
  if (isOff && unmet.length === 0) return noTelemetry
  const { createLogger } = await import('../command-line/log-writer.ts')
  const { logChoice } = await import('../log-choice.ts')
  const { invocationId, clock, pid, stderr: write } = io
  const choice = logChoice(args, io.env)
  const log = createLogger({ ...choice, write, clock, invocationId, pid, secrets: [] })
  for (const each of unmet) log.warn(each)
  if (isOff) return noTelemetry
  try {
    const { openTelemetry } = await import('./open-telemetry.ts')
    return openTelemetry(io, switches, (message) => log.warn(message))
  } catch (error) {
    log.warn('OpenTelemetry cannot be started', { error: error instanceof Error ? error.name : '' })
    return noTelemetry
  }
}
