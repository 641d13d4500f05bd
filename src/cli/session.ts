import { join } from 'node:path'
import { type FindOptions, findProject, type Project } from '../project/find-project.ts'
import type { Settings } from '../project/settings.ts'
import type { Say } from '../types.ts'
import type { Io } from './command-line/io.ts'
import { createLogger, type EventLogger } from './command-line/log-writer.ts'
import type { Arguments } from './command-line/option.ts'
import { logChoice } from './log-choice.ts'
import { type Paint, paintFor } from './render/paint.ts'
import { sayFor } from './render/shell-word.ts'

/** What every command that works on a project starts from. */
export interface Session {
  readonly io: Io
  readonly project: Project
  /** Writes commands to type next, for the target of the project. */
  readonly say: Say
  readonly log: EventLogger
  /** Colours of the log. */
  readonly paint: Paint
  /** `--debug-requests`: each call is told as it happens. */
  readonly tellsRequests: boolean
  readonly invocationId: string
  /** First Ctrl-C. */
  readonly drain: AbortSignal
  /** Second Ctrl-C. */
  readonly abort: AbortSignal
}

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)

/** Where to look for the project, by flags and environment. */
export function findOptions(args: Arguments, io: Io): FindOptions {
  return {
    cwd: io.cwd,
    env: io.env,
    flags: {
      projectDir: text(args['project-dir']),
      profilesDir: text(args['profiles-dir']),
      profile: text(args['profile']),
      target: text(args['target']),
      targetPath: text(args['target-path']),
      vars: text(args['vars']),
    },
  }
}

/** Finds project, profile and settings, and sets up the log and Ctrl-C. */
export function openSession(args: Arguments, io: Io): Session {
  const project = findProject(findOptions(args, io))
  return { project, say: sayFor(project), ...openLog(args, io, project) }
}

/** What of a session needs no complete project. */
export function openLog(
  args: Arguments,
  io: Io,
  project: {
    readonly env: Io['env']
    readonly secrets: readonly string[]
    readonly settings?: Settings | undefined
  },
): Omit<Session, 'project' | 'say'> {
  const token = project.settings?.token
  const secrets = token?.kind === 'token' ? [token.token, ...project.secrets] : project.secrets
  io.hide(secrets)
  const { invocationId } = io
  const choice = logChoice(args, project.env)
  const log = createLogger({
    ...choice,
    write: io.stderr,
    clock: io.clock,
    invocationId,
    pid: io.pid,
    secrets,
    ...(io.workflowCommand === undefined ? {} : { workflowCommand: io.workflowCommand }),
  })
  const drain = new AbortController()
  const abort = new AbortController()
  const tells: boolean = io.onInterrupt(
    () => {
      if (tells)
        log.warn('Interrupted: finishing what is under way. Press Ctrl-C again to stop at once.')
      drain.abort()
    },
    () => {
      if (tells) log.warn('Stopped at once: the next run finishes the books of this one.')
      abort.abort()
    },
  )
  const paint = paintFor(io.logUsesColours && choice.format === 'text')
  return {
    io,
    log,
    paint,
    tellsRequests: args['debug-requests'] === true,
    invocationId,
    drain: drain.signal,
    abort: abort.signal,
  }
}

/** Our own folder below dbt's target folder. */
export const outputFolder = (project: Project): string => join(project.targetPath, 'backhaul')
