import { createHmac, timingSafeEqual } from 'node:crypto'
import { printable } from '../errors.ts'

/** Webhooks of the dbt platform (docs.getdbt.com/docs/deploy/webhooks, checked 2026-11): what is signed, and what it says. */

/** A run of a dbt platform job that has ended, as its webhook told it. Ids are digits. */
export interface JobEvent {
  /** Id of the event; the dbt platform sends the same one again when it got no answer. */
  readonly eventId: string
  readonly type: 'job.run.completed' | 'job.run.errored'
  readonly accountId: string
  readonly jobId: string
  readonly jobName: string
  readonly runId: string
  readonly environmentId: string
  /** ISO 8601; when the run ended, or where that is not said, when the event was made. */
  readonly finishedAt: string
}

/** Whose events count. An empty list of jobs or environments stands for none; one of both has to name the run. */
export interface EventFilter {
  /** Undefined: any account, its secret says whose it is. */
  readonly accountId: string | undefined
  readonly jobs: readonly string[]
  readonly environments: readonly string[]
  /** Older events are refused: somebody sends again what was heard once. */
  readonly maxAgeMs: number
}

export type Delivery =
  | { readonly kind: 'job'; readonly event: JobEvent }
  /** Genuine, and nothing to do. */
  | { readonly kind: 'ignored'; readonly why: string }
  | { readonly kind: 'refused'; readonly why: string }

/** Clocks differ, but not by more. */
const maxAheadMs = 5 * 60 * 1000

/**
 * True when the body was signed with one of the secrets: `Authorization` is the HMAC-SHA256 of the raw body in hex. Compares in constant
 * time, and with every secret.
 */
export function isSigned(
  body: Uint8Array,
  authorization: string | undefined,
  secrets: readonly string[],
): boolean {
  const text = authorization?.trim() ?? ''
  if (!/^[0-9a-f]{64}$/i.test(text)) return false
  const given = Buffer.from(text, 'hex')
  const matches = secrets.map((secret) =>
    timingSafeEqual(createHmac('sha256', secret).update(body).digest(), given),
  )
  return matches.includes(true)
}

/** Reads a body whose signature is right, and decides whether it is a run to care for. */
export function readDelivery(body: Uint8Array, filter: EventFilter, nowMs: number): Delivery {
  const event = parse(body)
  if (event === undefined) return { kind: 'refused', why: 'the body is no JSON object' }
  const data = objectOf(event['data'])
  const sentMs = Date.parse(timeOf(event['timestamp']) ?? '')
  if (!Number.isNaN(sentMs)) {
    if (nowMs - sentMs > filter.maxAgeMs) return { kind: 'refused', why: 'the event is too old' }
    if (sentMs - nowMs > maxAheadMs) return { kind: 'refused', why: 'the event is of the future' }
  }
  const type = event['eventType']
  const runId = idOf(data['runId'])
  // The body of a test is not documented; it names no run.
  if (runId === undefined) return { kind: 'ignored', why: 'it names no run (a test?)' }
  if (Number.isNaN(sentMs))
    return { kind: 'refused', why: 'the event does not say when it was sent' }
  if (type !== 'job.run.completed' && type !== 'job.run.errored') {
    return { kind: 'ignored', why: `run ${runId}: not the end of a run` }
  }
  const accountId = idOf(event['accountId']) ?? ''
  const jobId = idOf(data['jobId']) ?? ''
  const environmentId = idOf(data['environmentId']) ?? ''
  const stranger = whyStranger({ accountId, jobId, environmentId }, filter)
  if (stranger !== undefined) return { kind: 'ignored', why: `run ${runId}: ${stranger}` }
  if (isCancelled(data)) return { kind: 'ignored', why: `run ${runId} was cancelled` }
  return {
    kind: 'job',
    event: {
      eventId: wordOf(event['eventId']),
      type,
      accountId,
      jobId,
      jobName: wordOf(data['jobName']),
      runId,
      environmentId,
      finishedAt:
        timeOf(data['runFinishedAt']) ??
        timeOf(data['runErroredAt']) ??
        new Date(sentMs).toISOString(),
    },
  }
}

function whyStranger(
  ids: Pick<JobEvent, 'accountId' | 'jobId' | 'environmentId'>,
  { accountId, jobs, environments }: EventFilter,
): string | undefined {
  if (accountId !== undefined && ids.accountId !== accountId) {
    return `account ${ids.accountId || 'unknown'} is not the one that is listened to`
  }
  if (jobs.includes(ids.jobId) || environments.includes(ids.environmentId)) return undefined
  return `job ${ids.jobId || 'unknown'} (environment ${ids.environmentId || 'unknown'}) is not listened to`
}

/** Status 30 of the API, or the word. */
const isCancelled = (data: Fields): boolean =>
  Number(data['runStatusCode']) === 30 || /^cancell?ed$/i.test(String(data['runStatus'] ?? ''))

type Fields = Readonly<Record<string, unknown>>

function parse(body: Uint8Array): Fields | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Fields)
      : undefined
  } catch {
    return undefined
  }
}

const objectOf = (value: unknown): Fields =>
  typeof value === 'object' && value !== null ? (value as Fields) : {}

/** Ids come as numbers and as texts; they become names of files, so they are digits or nothing. */
export function idOf(value: unknown): string | undefined {
  const text = typeof value === 'number' || typeof value === 'string' ? String(value) : ''
  return /^\d{1,20}$/.test(text) ? text : undefined
}

/** Names that people chose go to logs and terminals. */
export const wordOf = (value: unknown): string =>
  typeof value === 'string' ? printable(value.slice(0, 200)) : ''

/** A moment with its zone, as the dbt platform writes it. */
function timeOf(value: unknown): string | undefined {
  if (typeof value !== 'string' || Number.isNaN(Date.parse(value))) return undefined
  return new Date(value).toISOString()
}
