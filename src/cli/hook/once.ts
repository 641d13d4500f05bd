import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Interrupted, UserError } from '../../errors.ts'
import type { DbtPlatform } from '../../hook/dbt-platform.ts'
import { type Fetched, fetchArtifacts } from '../../hook/fetch-artifacts.ts'
import { PlatformError } from '../../hook/platform-error.ts'
import { judgeRun, type RunEnd } from '../../hook/run-end.ts'
import type { Session } from '../session.ts'
import { sleep } from '../sleep.ts'
import type { HookOptions } from './options.ts'

/** A run that is under way is asked for so often. */
const pollMs = 15_000

/**
 * Syncs what one run of the dbt platform built, without a server: for CI that was told about the run, or started it. Waits for the run's
 * end and its artifacts.
 *
 * @returns the exit code of the run of the syncs; 0 when the run built nothing that could be synced
 */
export async function syncOneRun(
  session: Session,
  runId: string,
  options: Pick<HookOptions, 'maxAttempts' | 'retryAfterMs'>,
  parts: {
    readonly platform: DbtPlatform
    readonly runSyncs: (targetPath: string, signal: AbortSignal) => Promise<RunEnd>
  },
): Promise<number> {
  const { drain, log } = session
  const folder = await mkdtemp(join(tmpdir(), 'backhaul-hook-'))
  try {
    const fetched = await fetchWhenThere(session, runId, options, parts.platform, folder)
    if (fetched.kind === 'nothing') {
      log.warn(`Run ${runId}: nothing to sync: ${fetched.why}`)
      return 0
    }
    const end = await parts.runSyncs(fetched.targetPath, drain)
    const { outcome, why } = { outcome: 'to be tried again', ...judgeRun(end) }
    log.info(`Run ${runId}: ${outcome}${why === null ? '' : `: ${why}`}`)
    return end.exitCode ?? 2
  } catch (error) {
    // Whatever was waited for.
    throw drain.aborted ? new Interrupted() : error
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function fetchWhenThere(
  { log, io, drain }: Session,
  runId: string,
  { maxAttempts, retryAfterMs }: Pick<HookOptions, 'maxAttempts' | 'retryAfterMs'>,
  platform: DbtPlatform,
  folder: string,
): Promise<Fetched> {
  const { clock } = io
  const context = {
    platform,
    folder,
    workFolder: join(folder, 'work'),
    rememberMs: 0,
    log,
    clock,
    signal: drain,
  }
  for (let attempt = 1; ; attempt++) {
    try {
      const finishedAt = await waitForEnd(platform, runId, drain)
      return await fetchArtifacts(context, { runId, accountId: '', environmentId: '', finishedAt })
    } catch (error) {
      if (!(error instanceof PlatformError)) throw error
      // Nobody heard of the run from the dbt platform itself, which may be behind: somebody wrote its id.
      if (error.status === 404) throw noSuchRun(error, runId)
      if (attempt >= maxAttempts || !error.isTransient) {
        throw new UserError({ message: error.message }, { cause: error })
      }
      const pauseMs = Math.max(retryAfterMs, error.retryAfterMs ?? 0)
      log.warn(
        `${error.message}. Attempt ${attempt + 1} of ${maxAttempts} in ${Math.ceil(pauseMs / 1000)} s`,
      )
      await sleep(pauseMs, drain)
    }
  }
}

const noSuchRun = (cause: PlatformError, runId: string): UserError =>
  new UserError(
    {
      message: cause.message,
      hint: `Is ${runId} the id of the run, and not of its job? It is in the URL of the run's page. The account is that of --account.`,
    },
    { cause },
  )

/** @returns when the run ended */
async function waitForEnd(
  platform: DbtPlatform,
  runId: string,
  signal: AbortSignal,
): Promise<string> {
  for (;;) {
    const run = await platform.readRun(runId, signal)
    if (run.isComplete) return run.finishedAt ?? new Date(0).toISOString()
    await sleep(pollMs, signal)
  }
}
