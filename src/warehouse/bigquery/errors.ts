import { type Disposition, WarehouseError } from '../../errors.ts'

/** Where jobs run, for messages. */
export interface Place {
  /** Where the tables are. */
  readonly project: string
  /** Where jobs run and are billed. */
  readonly executionProject: string
  readonly location: string | undefined
}

/** What the API, Google's libraries and Node put on errors. */
interface Facts {
  readonly code?: unknown
  readonly message?: string
  /** On the failure of a job. */
  readonly jobId?: string
  readonly errors?: readonly { readonly reason?: string; readonly message?: string }[]
}

interface Entry {
  /** The API's reason, or Node's code. */
  readonly reason?: RegExp
  readonly message?: RegExp
  readonly disposition: Disposition
  /** Only where the API's own words may hold values, or say too little. */
  readonly detail?: string
  readonly hint?: (place: Place, message: string) => string
  /** Another transaction was faster: the same statement may be tried again at once. */
  readonly isConflict?: true
  readonly isMissingRight?: true
}

/** Words that speak of names, rights and limits; of everything else that is wrong with a statement only the kind is told. */
const wordsWithoutValues =
  /^(Not found|Access Denied|Unrecognized name|Unknown|Name \S+ not found|Syntax error|Function not found|Table-valued function not found|No matching signature|Type not found|Query error: (Not found|Unrecognized name)|Column|Duplicate column|The project|Dataset|Already Exists|Query exceeded|Exceeded|Quota exceeded|Cannot |Invalid project|Invalid dataset|Invalid table|Table |Required)/

/** Known failures, first match wins. https://cloud.google.com/bigquery/docs/error-messages */
const table: readonly Entry[] = [
  {
    message: /concurrent update|Could not serialize access|transaction.*(was|is) aborted/i,
    disposition: 'transient',
    detail: 'another transaction changed the table at the same time',
    isConflict: true,
  },
  {
    reason: /^(rateLimitExceeded|userRateLimitExceeded|jobRateLimitExceeded)$/,
    disposition: 'transient',
    hint: () =>
      'Too many requests or DML statements at once for a quota of BigQuery: run fewer syncs at a time.',
  },
  {
    reason: /^bytesBilledLimitExceeded$|^billingTierLimitExceeded$/,
    disposition: 'terminal',
    hint: () => 'Raise `maximum_bytes_billed:` in profiles.yml, or let fewer bytes be read.',
  },
  {
    message: /bytes billed/i,
    disposition: 'terminal',
    hint: () => 'Raise `maximum_bytes_billed:` in profiles.yml, or let fewer bytes be read.',
  },
  {
    reason: /^quotaExceeded$/,
    disposition: 'transient',
    hint: () =>
      'A quota of the project is used up: wait until it is given anew, or ask for more of it.',
  },
  {
    reason: /^billing(NotEnabled)?$/i,
    disposition: 'terminal',
    hint: ({ executionProject }) =>
      `Enable billing for project ${executionProject}: without it BigQuery refuses DML.`,
  },
  {
    message: /billing (has not been|is not|must be) enabled|Billing.*disabled/i,
    disposition: 'terminal',
    hint: ({ executionProject }) =>
      `Enable billing for project ${executionProject}: without it BigQuery refuses DML.`,
  },
  {
    reason: /^accessDenied$|^forbidden$|^403$/,
    disposition: 'terminal',
    isMissingRight: true,
    hint: ({ executionProject, project }, message) =>
      /bigquery\.jobs\.create/.test(message)
        ? `Grant roles/bigquery.jobUser on project ${executionProject} to the account of the profile.`
        : `Grant the account of the profile roles/bigquery.dataViewer on the models' datasets and roles/bigquery.dataEditor on Backhaul's dataset in project ${project}.`,
  },
  {
    message: /Not found: Dataset/i,
    disposition: 'terminal',
    hint: ({ location }) =>
      `Check project and dataset in profiles.yml; and the location of the jobs (${location ?? 'none is set'}): it must be the dataset's. Set \`location:\` in profiles.yml.`,
  },
  { reason: /^notFound$|^404$/, disposition: 'terminal' },
  {
    reason: /^timeout$/,
    disposition: 'transient',
    hint: () => 'Raise `job_execution_timeout_seconds:` in profiles.yml.',
  },
  {
    message: /Job timed out|execution was cancelled: Job timed out|exceeded the (maximum|time)/i,
    disposition: 'transient',
    detail: 'the job ran into its time-out',
    hint: () => 'Raise `job_execution_timeout_seconds:` in profiles.yml.',
  },
  {
    reason: /^stopped$/,
    disposition: 'terminal',
    detail: 'the job was cancelled',
  },
  {
    reason:
      /^(backendError|internalError|jobBackendError|jobInternalError|tableUnavailable)$|^50[0234]$/,
    disposition: 'transient',
  },
  { reason: /^responseTooLarge$|^resourcesExceeded$/, disposition: 'terminal' },
  {
    message: /Could not load the default credentials/i,
    disposition: 'terminal',
    detail: 'there are no credentials',
    hint: () =>
      'Run `gcloud auth application-default login`, set GOOGLE_APPLICATION_CREDENTIALS, or give a `method:` with a key in profiles.yml.',
  },
  {
    message:
      /invalid_grant|invalid_client|invalid_rapt|Invalid JWT|Token has been expired or revoked/i,
    disposition: 'terminal',
    detail: 'Google refuses the credentials',
    hint: () => 'Check key, token or refresh token of the target in profiles.yml; log in again.',
  },
  {
    reason: /^authError$|^unauthorized$|^401$|^required$/,
    disposition: 'terminal',
    detail: 'Google refuses the credentials',
    hint: () => 'Check key, token or refresh token of the target in profiles.yml; log in again.',
  },
  {
    message: /DECODER routines|PEM|asymmetric key|private key|no start line/i,
    disposition: 'terminal',
    detail: 'the private key of the service account cannot be read',
    hint: () => 'Check `keyfile:` or `keyfile_json:`: the key must be whole, with its line breaks.',
  },
  {
    reason: /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH)$/,
    disposition: 'transient',
    hint: () => 'BigQuery cannot be reached: check the network, a proxy, and `api_endpoint:`.',
  },
  {
    reason:
      /^(ECONNRESET|EPIPE|ETIMEDOUT|ESOCKETTIMEDOUT|ERR_STREAM_PREMATURE_CLOSE|ERR_SOCKET.*|UND_ERR.*)$/,
    disposition: 'transient',
    detail: 'the connection was lost',
  },
  {
    message: /socket hang up|network timeout|premature close|aborted|fetch failed|terminated/i,
    disposition: 'transient',
    detail: 'the connection was lost',
  },
]

/** Where else the API may hide the reason and the words. */
function factsOf(error: unknown): { reason: string | undefined; message: string } {
  const { code, message = String(error), errors } = error as Facts
  const [first] = errors ?? []
  const reason = first?.reason ?? (code === undefined ? undefined : String(code))
  return { reason, message: first?.message ?? message }
}

function entryFor(reason: string | undefined, message: string): Entry | undefined {
  return table.find(
    (entry) =>
      (reason !== undefined && entry.reason?.test(reason) === true) ||
      entry.message?.test(message) === true,
  )
}

function detailOf(entry: Entry | undefined, reason: string | undefined, message: string): string {
  if (entry?.detail !== undefined) return entry.detail
  const firstLine = message.split('\n', 1)[0] ?? message
  if (wordsWithoutValues.test(firstLine)) return firstLine
  return reason === undefined
    ? 'BigQuery reported an error whose text may hold values'
    : `BigQuery says ${reason}; its words may hold values`
}

/** True when the same statement, sent anew, may go through: another transaction was in its way. */
export const isConflict = (error: unknown): boolean => {
  const { reason, message } = factsOf(error)
  return entryFor(reason, message)?.isConflict === true
}

/** True when a request may be repeated: nothing is known to be wrong with it. */
export const isTransient = (error: unknown): boolean => {
  const { reason, message } = factsOf(error)
  return entryFor(reason, message)?.disposition === 'transient'
}

/** True when the API says that something is not there. */
export const isNotFound = (error: unknown): boolean => {
  const { reason } = factsOf(error)
  return reason === 'notFound' || reason === '404'
}

/** True when a job of this id was entered before: an earlier request got through, its answer did not. */
export const isDuplicate = (error: unknown): boolean => {
  const { reason } = factsOf(error)
  return reason === 'duplicate' || reason === '409'
}

/** Wraps what the SDK threw, or the error of a job. Neither message nor cause holds a value or a secret. */
export function bigqueryError(
  error: unknown,
  action: string,
  place: Place,
  sql?: string,
): WarehouseError {
  if (error instanceof WarehouseError) return error
  const { reason, message } = factsOf(error)
  const entry = entryFor(reason, message)
  return new WarehouseError({
    action,
    detail: detailOf(entry, reason, message),
    disposition: entry?.disposition ?? 'terminal',
    code: reason,
    queryId: (error as Facts).jobId,
    hint: entry?.hint?.(place, message),
    isMissingRight: entry?.isMissingRight,
    sql,
  })
}
