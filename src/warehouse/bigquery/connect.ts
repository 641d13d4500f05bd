import type { BigQuery } from '@google-cloud/bigquery'
import { UserError } from '../../errors.ts'
import type { OpenOptions } from '../open.ts'
import { numberSetting, textSetting } from '../settings.ts'
import type { Connection } from '../warehouse.ts'
import { readCredentials } from './credentials.ts'
import { bigqueryError, type Place } from './errors.ts'

/** What each job of a session is given, read from the profile once. */
export interface JobSettings {
  readonly priority: 'INTERACTIVE' | 'BATCH'
  readonly maximumBytesBilled: string | undefined
  readonly timeoutMs: number | undefined
  readonly reservation: string | undefined
  /** How often a job or a request is tried again. */
  readonly retries: number
  /** No attempt starts after it. */
  readonly retryDeadlineMs: number | undefined
}

/** A client and where it works. */
export interface Session {
  readonly client: BigQuery
  readonly place: Place
  readonly settings: JobSettings
}

/** Reads dbt-bigquery's keys and makes a client. Nothing is sent to BigQuery yet. */
export async function connect(connection: Connection, options: OpenOptions): Promise<Session> {
  const { settings } = connection
  const jobs = jobSettings(settings)
  const named = textSetting(settings, 'project', 'database')
  const credentials = await readCredentials(connection).catch((error: unknown) => {
    if (error instanceof UserError) throw error
    const place = { project: named ?? '', executionProject: named ?? '', location: undefined }
    throw bigqueryError(error, 'Logging in to BigQuery', place)
  })
  const project = named ?? credentials.project
  if (project === undefined) {
    throw new UserError({
      message: "The profile's output has no project, and the credentials name none",
      hint: 'Add `project:` to the target in profiles.yml.',
    })
  }
  const place: Place = {
    project,
    executionProject: textSetting(settings, 'execution_project') ?? project,
    location: textSetting(settings, 'location'),
  }
  const apiEndpoint = textSetting(settings, 'api_endpoint')
  const { BigQuery } = await import('@google-cloud/bigquery')
  const client = new BigQuery({
    projectId: place.executionProject,
    authClient: credentials.client,
    userAgent: options.applicationName.replaceAll(' ', '/'),
    autoRetry: false,
    ...(apiEndpoint === undefined ? {} : { apiEndpoint }),
  })
  return { client, place, settings: jobs }
}

function jobSettings(settings: Connection['settings']): JobSettings {
  const priority = (textSetting(settings, 'priority') ?? 'interactive').toUpperCase()
  if (priority !== 'INTERACTIVE' && priority !== 'BATCH') {
    throw new UserError({
      message: "priority of the profile's output is neither interactive nor batch",
    })
  }
  const timeout =
    numberSetting(settings, 'job_execution_timeout_seconds') ??
    numberSetting(settings, 'timeout_seconds')
  const deadline = numberSetting(settings, 'job_retry_deadline_seconds')
  return {
    priority,
    maximumBytesBilled: numberSetting(settings, 'maximum_bytes_billed')?.toFixed(0),
    timeoutMs: timeout === undefined ? undefined : timeout * 1000,
    reservation: textSetting(settings, 'reservation'),
    retries: numberSetting(settings, 'job_retries') ?? numberSetting(settings, 'retries') ?? 1,
    retryDeadlineMs: deadline === undefined ? undefined : deadline * 1000,
  }
}
