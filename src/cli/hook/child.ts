import { spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { RunEnd } from '../../hook/run-end.ts'
import { type Arguments, argumentList } from '../command-line/option.ts'
import type { Session } from '../session.ts'
import { SECRET_VARIABLE, TOKEN_VARIABLE } from './options.ts'

/** A run that was told to stop, and does not, is ended so long after. */
const patienceMs = 2 * 60 * 1000

/** Options that the runs are given as `backhaul hook` was. */
const passedOn = ['profiles-dir', 'profile', 'vars', 'selector', 'log-format', 'log-level'] as const
const passedOnLists = ['select', 'exclude'] as const
const passedOnFlags = ['debug', 'quiet', 'use-colors'] as const

/**
 * `backhaul run` on the artifacts of one job, as a process of its own: what a run takes of memory, or dies of, stays with it, and it is
 * the same command that people run. It is no member of our process group, so that a Ctrl-C reaches it through us alone, once.
 *
 * @param limitMs a run that takes longer finishes what is under way, and goes on at the next attempt: the queue must not stand still
 */
export function runSyncs(
  { project, io, abort, log }: Session,
  args: Arguments,
  limitMs: number,
): (targetPath: string, signal: AbortSignal) => Promise<RunEnd> {
  return async (targetPath, signal) => {
    signal.throwIfAborted()
    const exitCode = await new Promise<number | null>((resolve, reject) => {
      const child = spawn(
        process.execPath,
        [...process.execArgv, process.argv[1] ?? '', ...runArguments(args, project, targetPath)],
        {
          cwd: io.cwd,
          env: childEnvironment(io.env),
          detached: true,
          stdio: ['ignore', 'ignore', 'inherit'],
        },
      )
      const drain = () => void child.kill('SIGTERM')
      let limit = setTimeout(() => {
        log.warn(
          `The run of the syncs takes longer than ${limitMs / 60_000} min, and is told to stop`,
        )
        drain()
        limit = setTimeout(() => void child.kill('SIGKILL'), patienceMs)
      }, limitMs)
      signal.addEventListener('abort', drain)
      abort.addEventListener('abort', drain)
      const settle = (then: () => void) => {
        clearTimeout(limit)
        signal.removeEventListener('abort', drain)
        abort.removeEventListener('abort', drain)
        then()
      }
      child.once('error', (error) => settle(() => reject(error)))
      child.once('exit', (code, killedBy) => {
        if (killedBy !== null) log.warn(`The run of the syncs was ended by ${killedBy}`)
        settle(() => resolve(code))
      })
    })
    return { exitCode, results: await readResults(targetPath) }
  }
}

function runArguments(
  args: Arguments,
  { projectDir, targetName }: Session['project'],
  targetPath: string,
): readonly string[] {
  return [
    'run',
    ...['--project-dir', projectDir, '--target', targetName, '--target-path', targetPath],
    // What a job did not build well is not sent, and a job without results sends nothing.
    ...['--gate', 'require'],
    ...passedOn.flatMap((name) =>
      args[name] === undefined ? [] : [`--${name}`, String(args[name])],
    ),
    ...passedOnLists.flatMap((name) =>
      argumentList(args[name]).flatMap((value) => [`--${name}`, value]),
    ),
    ...passedOnFlags.flatMap((name) => {
      if (typeof args[name] !== 'boolean') return []
      return [args[name] ? `--${name}` : `--no-${name}`]
    }),
  ]
}

/** A run needs nothing of the dbt platform. */
function childEnvironment(env: Session['io']['env']): Record<string, string | undefined> {
  return { ...env, [TOKEN_VARIABLE]: undefined, [SECRET_VARIABLE]: undefined }
}

async function readResults(targetPath: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(join(targetPath, 'backhaul', 'run_results.json'), 'utf8'))
  } catch {
    return undefined
  }
}
