import {
  DestinationError,
  Interrupted,
  type Problem,
  UserError,
  WarehouseError,
} from '../errors.ts'
import { examineProject } from '../project/find-project.ts'
import type { Io } from './command-line/io.ts'
import { createLogger } from './command-line/log-writer.ts'
import type { Arguments } from './command-line/option.ts'
import { annotateFailure, workspaceOf } from './github/annotations.ts'
import { annotationLine } from './github/workflow-commands.ts'
import { logChoice } from './log-choice.ts'
import { type Paint, paintFor } from './render/paint.ts'
import { findOptions } from './session.ts'
import { version } from './version.ts'

/** What ended a command, as data. */
export interface Failure {
  readonly category: string
  readonly message: string
  readonly hint?: string
  /** HubSpot's id of the answer that refused. */
  readonly correlationId?: string
  /** What is wrong in the user's files or words, one by one. */
  readonly problems: readonly Problem[]
}

/** An error in the words of results and logs, and the exit code it means. */
export function describeFailure(
  error: unknown,
  io: Pick<Io, 'isInterrupted'>,
): Failure & { exitCode: 1 | 2 } {
  const isRefusal = error instanceof WarehouseError || error instanceof DestinationError
  if (error instanceof Interrupted || (isRefusal && io.isInterrupted())) {
    return { category: 'INTERRUPTED', message: 'Interrupted.', problems: [], exitCode: 2 }
  }
  if (error instanceof UserError) {
    const { message, problems, exitCode } = error
    return { category: exitCode === 2 ? 'USAGE' : 'CONFIGURATION', message, problems, exitCode }
  }
  if (isRefusal) {
    const correlationId = error instanceof DestinationError ? error.correlationId : undefined
    return {
      category:
        error instanceof DestinationError ? error.category : `WAREHOUSE_${error.code ?? 'ERROR'}`,
      message: error.message,
      ...(error.hint === undefined ? {} : { hint: error.hint }),
      ...(correlationId === undefined ? {} : { correlationId }),
      problems: [],
      exitCode: 1,
    }
  }
  const known = error instanceof Error ? error : new TypeError(String(error))
  return { category: 'DEFECT', message: known.stack ?? known.message, problems: [], exitCode: 2 }
}

/** Prints what ended a command and says the exit code: text for people, or a line of the JSON log. Only defects print a stack. */
export function reportFailure(
  error: unknown,
  io: Io,
  argv: readonly string[],
  args: Arguments,
): number {
  const { exitCode, ...failure } = describeFailure(error, io)
  annotate(failure, io, args)
  const choice = logChoice(args, io.env)
  if (choice.format === 'json') {
    const { invocationId, clock, pid } = io
    const log = createLogger({ ...choice, write: io.stderr, clock, invocationId, pid, secrets: [] })
    log.event('Failure', 'error', failure.message, { ...failure, exitCode })
  } else io.stderr(`${textOf(failure, argv, paintFor(io.logUsesColours))}\n`)
  return exitCode
}

/** Shows on GitHub what ended the command, at the lines that are wrong. */
function annotate(failure: Failure, io: Io, args: Arguments): void {
  if (io.workflowCommand === undefined) return
  const workspace = workspaceOf(io, projectDirOf(args, io))
  for (const one of annotateFailure(failure, workspace)) io.workflowCommand(annotationLine(one))
}

function projectDirOf(args: Arguments, io: Io): string {
  try {
    return examineProject(findOptions(args, io)).projectDir
  } catch (error) {
    if (error instanceof UserError) return io.cwd
    throw error
  }
}

function textOf(failure: Failure, argv: readonly string[], paint: Paint): string {
  const { category, message, hint, correlationId, problems } = failure
  if (category === 'INTERRUPTED') return message
  if (category === 'DEFECT') {
    return [
      `${paint.red('Defect')}: this is a mistake in Backhaul, not in your project.`,
      `backhaul ${version()}, Node ${process.versions.node}, ${process.platform} ${process.arch}, command: ${argv[0] ?? ''}`,
      message,
    ].join('\n')
  }
  const head = problems.length > 1 ? `${problems.length} problems:\n` : ''
  return [
    `${paint.red('Error')}: ${head}${message}`,
    ...(hint === undefined ? [] : [`    ${hint}`]),
    ...(correlationId === undefined ? [] : [`    HubSpot correlation id: ${correlationId}`]),
  ].join('\n')
}
