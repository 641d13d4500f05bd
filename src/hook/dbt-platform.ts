import { createWriteStream } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Logger } from '../log.ts'
import type { Clock, Sleep } from '../types.ts'
import { isOfDisk, noAnswer, PlatformError, refusal } from './platform-error.ts'
import { type EndedRun, type Fields, type PlatformRun, toEndedRun, toRun } from './platform-run.ts'

/**
 * The dbt platform's administrative API v2 (docs.getdbt.com/dbt-cloud/api-v2, its OpenAPI description and
 * docs/dbt-apis/rate-limits, checked 2026-11), as far as the artifacts of a run need it.
 */
export interface DbtPlatform {
  /** @throws PlatformError */
  readRun(runId: string, signal: AbortSignal): Promise<PlatformRun>
  /**
   * Streams an artifact of a run to a file, which is there whole or not at all.
   *
   * @param step number of the run's step; undefined: the last one
   * @returns false when the step has no such artifact
   * @throws PlatformError
   */
  download(artifact: Artifact, path: string, signal: AbortSignal): Promise<boolean>
  /**
   * Runs of a job, or of an environment, that ended since a moment; the last one first.
   *
   * @throws PlatformError
   */
  listEnded(of: RunsOf, sinceMs: number, signal: AbortSignal): Promise<EndedRuns>
}

/** Whose runs. */
export type RunsOf = { readonly jobId: string } | { readonly environmentId: string }

export interface EndedRuns {
  readonly runs: readonly EndedRun[]
  /** There are more than are looked at. */
  readonly isCut: boolean
}

export interface Artifact {
  readonly runId: string
  readonly name: 'manifest.json' | 'run_results.json'
  readonly step: number | undefined
}

export interface PlatformOptions {
  /** `https://ab123.us1.dbt.com`. */
  readonly baseUrl: string
  readonly accountId: string
  readonly token: string
  readonly log: Logger
  readonly clock: Clock
  readonly sleep: Sleep
  /** For an answer to begin, and between two pieces of it. */
  readonly timeoutMs?: number
  /** A larger artifact is refused. */
  readonly maxBytes: number
  /** Pause before the first repetition; doubled with each. */
  readonly pauseMs?: number
}

const attempts = 4
/** A 429 closes the account's API for five minutes: that is waited for by the queue, not here. */
const longestPauseMs = 30_000
/** For a whole answer, however it trickles. */
const longestAnswerMs = 60 * 60 * 1000
/** Most that the API lists at once. */
const pageRuns = 100
const maxPages = 10

export function openDbtPlatform(options: PlatformOptions): DbtPlatform {
  const { baseUrl, accountId, token, log, sleep, clock } = options
  const timeoutMs = options.timeoutMs ?? 30_000
  const pauseMs = options.pauseMs ?? 1_000
  const account = `${baseUrl}/api/v2/accounts/${accountId}`

  const get = async (action: string, url: string, signal: AbortSignal): Promise<Exchange> => {
    signal.throwIfAborted()
    const idle = new AbortController()
    const timer = setTimeout(() => idle.abort(), timeoutMs)
    try {
      const response = await fetch(url, {
        headers: {
          Authorization: `Token ${token}`,
          Accept: 'application/json',
          'User-Agent': 'backhaul',
        },
        signal: AbortSignal.any([signal, idle.signal, AbortSignal.timeout(longestAnswerMs)]),
      })
      return { response, alive: () => timer.refresh(), end: () => clearTimeout(timer) }
    } catch (cause) {
      clearTimeout(timer)
      throw noAnswer(action, cause, idle.signal, timeoutMs)
    }
  }

  /** Repeats what may pass by itself, a few times and shortly. */
  const repeated = async <T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await work()
      } catch (error) {
        signal.throwIfAborted()
        if (!(error instanceof PlatformError) || !error.isTransient || attempt === attempts)
          throw error
        const pause = Math.max(pauseMs * 2 ** (attempt - 1), error.retryAfterMs ?? 0)
        if (pause > longestPauseMs) throw error
        log.debug(`${error.message}; again in ${pause} ms`, { attempt })
        await sleep(pause, signal)
      }
    }
  }

  /** The `data` of an answer. */
  const readOnce = async (action: string, url: string, signal: AbortSignal): Promise<unknown> => {
    const exchange = await get(action, url, signal)
    try {
      const { response } = exchange
      if (!response.ok) throw await refusal(action, response, clock())
      return parseJson(await response.text())?.['data']
    } catch (cause) {
      throw cause instanceof PlatformError ? cause : broken(action, cause)
    } finally {
      exchange.end()
    }
  }

  const read = async (runId: string, related: string, signal: AbortSignal): Promise<Fields> => {
    const action = `read run ${runId} of the dbt platform`
    const url = `${account}/runs/${runId}/?include_related=${encodeURIComponent(related)}`
    const data = await readOnce(action, url, signal)
    if (typeof data === 'object' && data !== null) return data as Fields
    throw new PlatformError({ action, detail: 'the answer holds no run', isTransient: true })
  }

  const listOnce = async (of: RunsOf, offset: number, signal: AbortSignal) => {
    const [filter, id, whose] =
      'jobId' in of
        ? ['job_definition_id', of.jobId, `job ${of.jobId}`]
        : ['environment_id', of.environmentId, `environment ${of.environmentId}`]
    const action = `list the runs of ${whose} of the dbt platform`
    const query = new URLSearchParams({
      [filter]: id,
      order_by: '-finished_at',
      limit: String(pageRuns),
      offset: String(offset),
      include_related: '["trigger","job"]',
    })
    const data = await readOnce(action, `${account}/runs/?${query}`, signal)
    if (Array.isArray(data)) return data as readonly Fields[]
    throw new PlatformError({ action, detail: 'the answer holds no runs', isTransient: true })
  }

  const downloadOnce = async (artifact: Artifact, path: string, signal: AbortSignal) => {
    const { runId, name, step } = artifact
    const ofStep = step === undefined ? '' : ` of step ${step}`
    const action = `fetch ${name}${ofStep} of run ${runId} from the dbt platform`
    const query = step === undefined ? '' : `?step=${step}`
    const exchange = await get(action, `${account}/runs/${runId}/artifacts/${name}${query}`, signal)
    try {
      const { response } = exchange
      if (response.status === 404) {
        await response.body?.cancel()
        return false
      }
      if (!response.ok) throw await refusal(action, response, clock())
      const { body } = response
      if (body === null) throw broken(action, undefined)
      const watch = watcher(options.maxBytes, exchange.alive)
      await pipeline(
        Readable.fromWeb(body as import('node:stream/web').ReadableStream),
        watch.stream,
        createWriteStream(`${path}.part`, { flush: true, mode: 0o600 }),
        { signal },
      )
      if (!watch.isWhole()) throw broken(action, undefined)
      await rename(`${path}.part`, path)
      return true
    } catch (cause) {
      await rm(`${path}.part`, { force: true })
      throw whyBroken(action, cause, options.maxBytes)
    } finally {
      exchange.end()
    }
  }

  return {
    async readRun(runId, signal) {
      // How a list is written is not documented: clients write both.
      const asList = await repeated(
        () => read(runId, '["run_steps","trigger","job"]', signal),
        signal,
      )
      const isWhole = Array.isArray(asList['run_steps']) && typeof asList['trigger'] === 'object'
      return toRun(
        isWhole
          ? asList
          : await repeated(() => read(runId, 'run_steps,trigger,job', signal), signal),
      )
    },
    download: (artifact, path, signal) =>
      repeated(() => downloadOnce(artifact, path, signal), signal),
    async listEnded(of, sinceMs, signal) {
      const runs: EndedRun[] = []
      for (let page = 0; page < maxPages; page++) {
        const found = await repeated(() => listOnce(of, page * pageRuns, signal), signal)
        for (const run of found.flatMap(toEndedRun)) {
          if (Date.parse(run.finishedAt) < sinceMs) return { runs, isCut: false }
          runs.push(run)
        }
        if (found.length < pageRuns) return { runs, isCut: false }
      }
      return { runs, isCut: true }
    },
  }
}

interface Exchange {
  readonly response: Response
  /** Something came: the clock starts again. */
  alive(): void
  end(): void
}

class TooLarge extends Error {}

/** Counts what passes, and knows whether a JSON object came to its end: a proxy may cut an answer off without a sign. */
function watcher(maxBytes: number, alive: () => void) {
  let bytes = 0
  let last = ''
  const stream = new Transform({
    transform(chunk: Buffer, _encoding, next) {
      alive()
      bytes += chunk.length
      const end = chunk.subarray(-1024).toString('latin1').trimEnd()
      if (end !== '') last = end.slice(-1)
      next(bytes > maxBytes ? new TooLarge() : null, chunk)
    },
  })
  return { stream, isWhole: () => last === '}' }
}

const broken = (action: string, cause: unknown): PlatformError =>
  new PlatformError({ action, detail: 'the answer broke off', isTransient: true, cause })

/** What ended a download, in words; what is of the disk stays as it is. */
function whyBroken(action: string, cause: unknown, maxBytes: number): unknown {
  if (cause instanceof PlatformError || isOfDisk(cause)) return cause
  if (!(cause instanceof TooLarge)) return broken(action, cause)
  const detail = `it is larger than ${Math.round(maxBytes / 1_000_000)} MB (max_artifact_mb)`
  return new PlatformError({ action, detail, isTransient: false, cause })
}

function parseJson(text: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Fields) : undefined
  } catch {
    return undefined
  }
}
