import { expect, test } from 'vitest'
import { bigqueryError, isConflict, isTransient } from '../../../src/warehouse/bigquery/errors.ts'

const place = { project: 'shop', executionProject: 'payer', location: 'EU' }

/** Errors as the API words them, or Google's libraries, or Node. */
const known: readonly (readonly [
  title: string,
  error: { reason?: string; message: string; code?: unknown },
  expected: { disposition: string; detail: RegExp; hint?: RegExp },
])[] = [
  [
    'wrong credentials',
    { code: 401, reason: 'authError', message: 'Request had invalid authentication credentials.' },
    { disposition: 'terminal', detail: /refuses the credentials/, hint: /profiles.yml/ },
  ],
  [
    'no credentials',
    { message: 'Could not load the default credentials. Browse to https://…' },
    { disposition: 'terminal', detail: /no credentials/, hint: /gcloud auth/ },
  ],
  [
    'a revoked refresh token',
    { code: 400, message: 'invalid_grant' },
    { disposition: 'terminal', detail: /refuses the credentials/ },
  ],
  [
    'a missing dataset, or another location',
    { reason: 'notFound', message: 'Not found: Dataset shop:marts was not found in location US' },
    { disposition: 'terminal', detail: /Not found: Dataset shop:marts/, hint: /location:/ },
  ],
  [
    'a missing table',
    {
      reason: 'notFound',
      message: 'Not found: Table shop:marts.people was not found in location US',
    },
    { disposition: 'terminal', detail: /Not found: Table/ },
  ],
  [
    'no right to run jobs',
    {
      reason: 'accessDenied',
      message: 'Access Denied: Project payer: User does not have bigquery.jobs.create permission',
    },
    { disposition: 'terminal', detail: /Access Denied/, hint: /jobUser on project payer/ },
  ],
  [
    'no right to a table',
    {
      reason: 'accessDenied',
      message: 'Access Denied: Table shop:marts.people: Permission denied',
    },
    { disposition: 'terminal', detail: /Access Denied/, hint: /dataViewer/ },
  ],
  [
    'too many bytes',
    {
      reason: 'bytesBilledLimitExceeded',
      message: 'Query exceeded limit for bytes billed: 1000. 10485760 or higher required.',
    },
    { disposition: 'terminal', detail: /10485760/, hint: /maximum_bytes_billed/ },
  ],
  [
    'a rate limit',
    { code: 403, reason: 'rateLimitExceeded', message: 'Exceeded rate limits: too many table dml' },
    { disposition: 'transient', detail: /Exceeded rate limits/, hint: /fewer syncs/ },
  ],
  [
    'a quota',
    {
      code: 403,
      reason: 'quotaExceeded',
      message: 'Quota exceeded: Your table exceeded quota for imports',
    },
    { disposition: 'transient', detail: /Quota exceeded/, hint: /quota/ },
  ],
  [
    'a conflict of DML',
    {
      reason: 'invalidQuery',
      message: 'Could not serialize access to table shop:b.t due to concurrent update',
    },
    { disposition: 'transient', detail: /another transaction/ },
  ],
  [
    'a conflict of transactions',
    {
      reason: 'invalidQuery',
      message: 'Transaction is aborted due to concurrent update against table shop:b.t',
    },
    { disposition: 'transient', detail: /another transaction/ },
  ],
  [
    'billing disabled',
    {
      reason: 'billingNotEnabled',
      message:
        'Billing has not been enabled for this project. DML queries are not allowed in the free tier.',
    },
    { disposition: 'terminal', detail: /billing/i, hint: /Enable billing for project payer/ },
  ],
  [
    'a job that took too long',
    { reason: 'stopped', message: 'Job execution was cancelled: Job timed out after 300s' },
    { disposition: 'transient', detail: /time-out/, hint: /job_execution_timeout_seconds/ },
  ],
  [
    'a job that was cancelled',
    { reason: 'stopped', message: 'Job execution was cancelled: User requested cancellation' },
    { disposition: 'terminal', detail: /cancelled/ },
  ],
  [
    'a fault of the service',
    {
      code: 503,
      reason: 'backendError',
      message: 'Error encountered during execution. Retrying may solve the problem.',
    },
    { disposition: 'transient', detail: /backendError/ },
  ],
  [
    'a dropped connection',
    { code: 'ECONNRESET', message: 'request to https://… failed, reason: socket hang up' },
    { disposition: 'transient', detail: /connection was lost/ },
  ],
  [
    'no network',
    { code: 'ENOTFOUND', message: 'getaddrinfo ENOTFOUND bigquery.googleapis.com' },
    { disposition: 'transient', detail: /ENOTFOUND/, hint: /api_endpoint/ },
  ],
  [
    'an unreadable key',
    { code: 'ERR_OSSL_UNSUPPORTED', message: 'error:1E08010C:DECODER routines::unsupported' },
    { disposition: 'terminal', detail: /private key/ },
  ],
]

test.each(known)('%s', (_, { reason, message, code }, { disposition, detail, hint }) => {
  const errors = reason === undefined ? {} : { errors: [{ reason, message }] }
  const error = bigqueryError(
    Object.assign(new Error(message), { code, ...errors }),
    'Testing',
    place,
  )
  expect(error.disposition).toBe(disposition)
  expect(error.message).toMatch(detail)
  if (hint !== undefined) expect(error.hint).toMatch(hint)
})

test.each([
  ['invalidQuery', 'Bad int64 value: ada@example.com'],
  ['invalidQuery', "Invalid timestamp: 'ada@example.com'"],
  [
    'invalid',
    'Error while reading data, error message: Could not convert value to integer. Field: n; Value: ada@example.com',
  ],
  ['outOfRange', 'ada@example.com is out of range'],
])('words that may hold a value stay out: %s', (reason, message) => {
  const error = bigqueryError(
    Object.assign(new Error(message), { errors: [{ reason, message }] }),
    'Testing',
    place,
  )
  expect(
    `${error.message} ${error.hint} ${String(error.cause)} ${JSON.stringify(error)}`,
  ).not.toContain('ada@')
  expect(error.message).toContain(reason)
})

test('conflicts are told from other errors that may be repeated', () => {
  const of = (reason: string, message: string) => ({ errors: [{ reason, message }], message })
  expect(
    isConflict(
      of('invalidQuery', 'Transaction is aborted due to concurrent update against table t'),
    ),
  ).toBe(true)
  expect(isConflict(of('backendError', 'Try again'))).toBe(false)
  expect(isTransient(of('backendError', 'Try again'))).toBe(true)
  expect(isTransient(of('invalidQuery', 'Syntax error'))).toBe(false)
})
