import { randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Session } from './connect.ts'
import { isConflict, isDuplicate, isTransient } from './errors.ts'
import { type RetryRules, withRetry } from './retry.ts'
import type { Cell, Field } from './values.ts'

/** A job as the API describes it; the part that is used here. */
export interface JobResource {
  readonly jobReference: {
    readonly projectId: string
    readonly jobId: string
    readonly location?: string
  }
  readonly status: { readonly state: string; readonly errorResult?: JobFailure }
  readonly statistics?: {
    readonly totalBytesProcessed?: string
    readonly query?: {
      readonly totalBytesBilled?: string
      readonly numDmlAffectedRows?: string
      readonly schema?: { readonly fields?: readonly Field[] }
    }
  }
}

interface JobFailure {
  readonly reason: string
  readonly message: string
}

/** A page of a query's result. */
export interface ResultPage {
  readonly jobComplete: boolean
  readonly schema?: { readonly fields?: readonly Field[] }
  readonly rows?: readonly { readonly f: readonly Cell[] }[]
  readonly pageToken?: string
}

type Configuration = Readonly<Record<string, unknown>>
interface Request {
  readonly method: 'GET' | 'POST'
  readonly uri: string
  readonly qs?: Readonly<Record<string, string | number | boolean | undefined>>
  readonly json?: unknown
  readonly multipart?: readonly {
    readonly 'Content-Type': string
    readonly body: string | Readable
  }[]
}

/** What a load job reads; asked for again when the request is repeated. */
type Upload = () => Iterable<string>

/** The server answers within it, with or without a result. */
const pollMs = 10_000
/** A single request that met a fault is repeated this often, whatever the profile says of jobs. */
const requestRetries = 3
/** Load jobs have no call that waits. */
const loadPollMs = 1000

/**
 * Jobs of one session. Each is entered under an id of ours, so that a request whose answer was lost is repeated without
 * running anything twice.
 */
export class Jobs {
  readonly #session: Session
  readonly #signal: AbortSignal
  #running: { readonly jobId: string; location: string | undefined } | undefined

  constructor(session: Session, signal: AbortSignal) {
    this.#session = session
    this.#signal = signal
  }

  /** Runs a job to its end; a failed one is an error. A job that met a conflict or a fault of the service is run anew. */
  run(configuration: Configuration, upload?: Upload): Promise<JobResource> {
    return withRetry(this.#rules(this.#session.settings.retries, isFailedInVain), async () => {
      const jobId = `backhaul_${randomUUID()}`
      this.#running = { jobId, location: this.#session.place.location }
      try {
        const entered = await this.#enter(jobId, configuration, upload)
        this.#running.location = entered.jobReference.location
        return await this.#end(entered, upload !== undefined)
      } finally {
        this.#running = undefined
      }
    })
  }

  /** What a query would do: columns and bytes. Costs nothing. */
  dryRun(configuration: Configuration): Promise<JobResource> {
    const json = { configuration: { ...configuration, dryRun: true }, jobReference: this.#ref() }
    return this.#repeated({ method: 'POST', uri: '/jobs', json })
  }

  /** A page of a finished query's result. */
  page(job: JobResource, maxResults: number, pageToken?: string): Promise<ResultPage> {
    return this.#repeated({
      method: 'GET',
      uri: `/queries/${job.jobReference.jobId}`,
      qs: {
        ...this.#locationOf(job),
        maxResults,
        'formatOptions.useInt64Timestamp': true,
        timeoutMs: pollMs,
        ...(pageToken === undefined ? {} : { pageToken }),
      },
    })
  }

  /** A resource that may be absent, e.g. `/datasets/x/tables/y`. */
  get<T>(uri: string, projectId: string): Promise<T> {
    return this.#repeated({ method: 'GET', uri }, projectId)
  }

  /** Asks the service to stop what is running. The job then ends with an error of its own. */
  async cancel(): Promise<void> {
    const running = this.#running
    if (running === undefined) return
    const { jobId, location } = running
    await this.#request({
      method: 'POST',
      uri: `/jobs/${jobId}/cancel`,
      qs: location === undefined ? {} : { location },
    })
  }

  #ref(jobId?: string) {
    const { executionProject, location } = this.#session.place
    return {
      projectId: executionProject,
      ...(jobId === undefined ? {} : { jobId }),
      ...(location === undefined ? {} : { location }),
    }
  }

  #locationOf(job: JobResource) {
    const { location } = job.jobReference
    return location === undefined ? {} : { location }
  }

  /** An answer that says "there is such a job" means that an earlier request got through. */
  #enter(jobId: string, configuration: Configuration, upload?: Upload): Promise<JobResource> {
    const json = { configuration, jobReference: this.#ref(jobId) }
    const request = (): Request =>
      upload === undefined
        ? { method: 'POST', uri: '/jobs', json }
        : {
            method: 'POST',
            uri: `${this.#session.client.apiEndpoint}/upload/bigquery/v2/projects/${this.#session.place.executionProject}/jobs`,
            qs: { uploadType: 'multipart' },
            multipart: [
              { 'Content-Type': 'application/json', body: JSON.stringify(json) },
              { 'Content-Type': 'application/octet-stream', body: Readable.from(upload()) },
            ],
          }
    return withRetry(this.#rules(requestRetries, isTransient), async () => {
      try {
        return await this.#request<JobResource>(request())
      } catch (error) {
        if (!isDuplicate(error)) throw error
        return await this.#job(jobId)
      }
    })
  }

  #job(jobId: string, location = this.#session.place.location): Promise<JobResource> {
    const qs = location === undefined ? {} : { location }
    return this.#repeated({ method: 'GET', uri: `/jobs/${jobId}`, qs })
  }

  async #end(entered: JobResource, isLoad: boolean): Promise<JobResource> {
    let job = entered
    while (job.status.state !== 'DONE') {
      const wait = isLoad ? sleep(loadPollMs) : this.page(job, 0)
      // The call that waits answers with the job's own failure, if it has one: the job itself says so best.
      const failure = await wait.then(() => undefined).catch((error: unknown) => error)
      job = await this.#job(job.jobReference.jobId, job.jobReference.location)
      if (failure !== undefined && job.status.state !== 'DONE') throw failure
    }
    const { errorResult } = job.status
    if (errorResult !== undefined) throw new JobFailed(errorResult, job.jobReference.jobId)
    return job
  }

  #rules(retries: number, isWorthIt: (error: unknown) => boolean): RetryRules {
    const { retryDeadlineMs } = this.#session.settings
    const isConflicting = (error: unknown) => error instanceof JobFailed && isConflict(error)
    return {
      retries,
      deadlineMs: retryDeadlineMs,
      signal: this.#signal,
      isTransient: isWorthIt,
      isConflict: isConflicting,
    }
  }

  #repeated<T>(request: Request, projectId?: string): Promise<T> {
    const rules = this.#rules(requestRetries, isTransient)
    return withRetry(rules, () => this.#request<T>(request, projectId))
  }

  #request<T>(request: Request, projectId?: string): Promise<T> {
    const { client } = this.#session
    const options = { ...request, ...(projectId === undefined ? {} : { projectId }) }
    return new Promise((resolve, reject) => {
      client.request(options as unknown as RequestOptions, (error, body: unknown) => {
        if (error !== null) reject(error)
        else resolve(body as T)
      })
    })
  }
}

/** The SDK's type knows no bodies of several parts; its transport does. */
type RequestOptions = Parameters<Session['client']['request']>[0]

/** A job that ended with an error, in the shape of the SDK's own, so that one table reads both. */
class JobFailed extends Error {
  readonly errors: readonly JobFailure[]
  readonly jobId: string

  constructor(failure: JobFailure, jobId: string) {
    super(failure.message)
    this.name = 'JobFailed'
    this.errors = [failure]
    this.jobId = jobId
  }
}

/** Only a job that is known to have failed may be run anew; one whose end nobody knows may have done its work. */
const isFailedInVain = (error: unknown): boolean => error instanceof JobFailed && isTransient(error)
