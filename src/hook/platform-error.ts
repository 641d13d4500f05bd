/** Why the dbt platform did not give what was asked for. */

/** The dbt platform refused, or gave no usable answer. Never holds the token. */
export class PlatformError extends Error {
  /** HTTP status; undefined when no answer came. */
  readonly status: number | undefined
  /** How long the dbt platform wants to be left alone. */
  readonly retryAfterMs: number | undefined
  readonly isTransient: boolean

  constructor(facts: {
    readonly action: string
    readonly detail: string
    readonly isTransient: boolean
    readonly status?: number | undefined
    readonly retryAfterMs?: number | undefined
    readonly cause?: unknown
  }) {
    super(`could not ${facts.action}: ${facts.detail}`, { cause: facts.cause })
    this.name = 'PlatformError'
    this.status = facts.status
    this.retryAfterMs = facts.retryAfterMs
    this.isTransient = facts.isTransient
  }
}

/** No answer came, or none in time. */
export function noAnswer(
  action: string,
  cause: unknown,
  idle: AbortSignal,
  timeoutMs: number,
): PlatformError {
  const code = String((cause as { cause?: { code?: unknown } } | null)?.cause?.code ?? '')
  const detail = idle.aborted
    ? `no answer within ${timeoutMs / 1000} s`
    : `no answer${code === '' ? '' : ` (${code})`}`
  return new PlatformError({ action, detail, isTransient: true, cause })
}

/** What an answer says that is no success. */
export async function refusal(
  action: string,
  response: Response,
  nowMs: number,
): Promise<PlatformError> {
  const { status } = response
  // The body is the platform's, and may echo what was sent: only the status is told.
  await response.body?.cancel()
  return new PlatformError({
    action,
    detail: `HTTP ${status}${adviceOf(status)}`,
    status,
    retryAfterMs: retryAfterMs(response.headers.get('retry-after'), nowMs),
    isTransient: status === 404 || status === 408 || status === 429 || status >= 500,
  })
}

function adviceOf(status: number): string {
  if (status === 401) return ': DBT_CLOUD_TOKEN is not accepted'
  if (status === 403) return ': the token of DBT_CLOUD_TOKEN may not read runs of this account'
  if (status === 404) return ': no such run, or not in this account, or the token may not see it'
  if (status === 429) return ': too many requests'
  return ''
}

function retryAfterMs(value: string | null, nowMs: number): number | undefined {
  if (value === null) return undefined
  if (/^\d+$/.test(value.trim())) return Number(value) * 1000
  const moment = Date.parse(value)
  return Number.isNaN(moment) ? undefined : Math.max(0, moment - nowMs)
}

/** The disk is full, or may not be written to. */
export const isOfDisk = (error: unknown): boolean =>
  ['ENOSPC', 'EACCES', 'EROFS', 'EDQUOT', 'EIO'].includes(
    String((error as NodeJS.ErrnoException | null)?.code),
  )
