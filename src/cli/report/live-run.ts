import { openSync, readdirSync, rmSync, statSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { HubspotDestination } from '../../destination/hubspot/open.ts'
import { makeFolder } from '../../make-folder.ts'
import { type LiveCalls, type LiveEvent, liveFolder } from '../../report/live.ts'
import type { Progress } from '../../run/context.ts'
import type { Account, RequestRecord } from '../../types.ts'
import { holderName } from '../lease-holder.ts'
import { secondsFor } from '../render/expected-time.ts'
import { operationsOf } from '../render/progress.ts'
import { outputFolder, type Session } from '../session.ts'
import { paceMs } from './pace.ts'

/** Files of earlier runs that stay: enough for who looks a moment later. */
const keptFiles = 10
const progressEveryMs = 500
const mostProgressMs = 60_000
const callsEveryMs = 1000
/** What the page draws a bar of. */
const mostCallsMs = 10_000
/** From here on only calls that failed, and none. */
const toldRequests = 2_000
const toldFailures = 4_000

/** What a run tells of itself in a file, for `report --serve`. Where no file can be written nothing is told. */
export interface LiveRun {
  request(record: RequestRecord): void
  account(account: Account): void
  /** Progress that is told here, too. */
  watched(progress: Progress, destination: HubspotDestination, concurrency: number): Progress
  ended(exitCode: number): void
}

type Untold<T> = T extends LiveEvent ? Omit<T, 'at' | 'invocationId'> : never
type Counts = Pick<LiveCalls, 'made' | 'failed' | 'repeated' | 'limited'>

const noCalls: Counts = { made: 0, failed: 0, repeated: 0, limited: 0 }

/** Begins to tell of a run. One long function: everything in it closes over the same few counters. */
export function openLiveRun(session: Session, syncs: readonly string[]): LiveRun {
  const { io, log, project } = session
  let file = openFile(join(outputFolder(project), liveFolder), io.invocationId)
  let limits: () => Pick<LiveCalls, 'limitPerTenSeconds' | 'remaining'> = () => ({
    limitPerTenSeconds: null,
    remaining: null,
  })
  let calls = noCalls
  let callsMs = io.clock()
  let requests = 0
  let toldCalls = 0
  let toldProgress = 0
  const progressMs = new Map<string, number>()
  const waiting = new Map<string, { readonly sent: number; readonly rejected: number }>()

  const tell = (event: Untold<LiveEvent>) => {
    if (file === undefined) return
    const at = new Date(io.clock()).toISOString()
    try {
      writeSync(file, `${JSON.stringify({ at, invocationId: io.invocationId, ...event })}\n`)
    } catch (error) {
      file = undefined
      log.debug('What the run tells for report --serve cannot be written', {
        code: (error as NodeJS.ErrnoException).code,
      })
    }
  }
  const tellCalls = () => {
    if (calls.made === 0) return
    tell({ type: 'calls', ...calls, ...limits() })
    calls = noCalls
    callsMs = io.clock()
    toldCalls += 1
  }
  const tellProgress = (sync: string) => {
    const course = waiting.get(sync)
    if (course === undefined) return
    waiting.delete(sync)
    progressMs.set(sync, io.clock())
    tell({ type: 'sync-progress', sync, ...course })
    toldProgress += 1
  }
  tell({
    type: 'run-started',
    holder: holderName(session),
    targetName: project.targetName,
    syncs,
  })
  return {
    request({ requestId, method, path, status, attempt, durationMs, batchSize, errorCategory }) {
      const isFailed = errorCategory !== null
      calls = {
        made: calls.made + 1,
        failed: calls.failed + (isFailed ? 1 : 0),
        repeated: calls.repeated + (attempt > 1 ? 1 : 0),
        limited: calls.limited + (status === 429 ? 1 : 0),
      }
      if (requests < toldRequests || (isFailed && requests < toldFailures)) {
        requests += 1
        tell({
          type: 'request',
          requestId,
          method,
          path,
          status,
          attempt,
          milliseconds: Math.round(durationMs),
          inputs: batchSize,
          category: errorCategory,
        })
      }
      if (io.clock() - callsMs >= paceMs(toldCalls, callsEveryMs, mostCallsMs)) tellCalls()
    },
    account({ portalId, uiDomain = null }) {
      tell({ type: 'account', portalId, uiDomain })
    },
    watched(progress, destination, concurrency) {
      limits = () => {
        const { maxPerInterval, intervalMs, isLearnt } = destination.limits()
        const { allowed, used } = destination.load()
        return {
          limitPerTenSeconds: isLearnt ? Math.round((maxPerInterval * 10_000) / intervalMs) : null,
          remaining: isLearnt ? Math.max(0, allowed - used) : null,
        }
      }
      return {
        planned(plan) {
          progress.planned(plan)
          tell({
            type: 'sync-planned',
            sync: plan.sync,
            runId: plan.runId,
            total: operationsOf(plan),
            callsPlanned: plan.calls.writes,
            expectedSeconds: Math.round(secondsFor(plan.calls, destination, concurrency)),
          })
        },
        sent(sync, sent, rejected) {
          progress.sent(sync, sent, rejected)
          waiting.set(sync, { sent, rejected })
          const waitMs = paceMs(toldProgress, progressEveryMs, mostProgressMs)
          if (io.clock() - (progressMs.get(sync) ?? 0) >= waitMs) tellProgress(sync)
        },
        finished(report) {
          progress.finished(report)
          tellProgress(report.sync)
          tellCalls()
          tell({
            type: 'sync-ended',
            sync: report.sync,
            runId: report.runId,
            status: report.status,
            counts: Object.fromEntries(Object.entries(report.counts).filter(([, count]) => count)),
            errorCategory: report.error?.category ?? null,
            errorMessage: report.error?.message ?? null,
          })
        },
      }
    },
    ended(exitCode) {
      tellCalls()
      tell({ type: 'run-ended', exitCode })
    },
  }
}

/** A file of this run, for its owner alone. What earlier runs told is removed, except of the last few. */
function openFile(folder: string, invocationId: string): number | undefined {
  try {
    makeFolder(folder)
    const old = readdirSync(folder)
      .filter((name) => name.endsWith('.ndjson'))
      .map((name) => ({ name, changedMs: statSync(join(folder, name)).mtimeMs }))
      .sort((one, other) => other.changedMs - one.changedMs)
      .slice(keptFiles - 1)
    for (const { name } of old) rmSync(join(folder, name), { force: true })
    return openSync(join(folder, `${invocationId}.ndjson`), 'w', 0o600)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error
    return undefined
  }
}
