import { createHmac, randomUUID } from 'node:crypto'
import { createReadStream, statSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { atTestEnd } from './at-test-end.ts'

/**
 * The dbt platform as its documentation tells it: runs, their steps and artifacts of the administrative API v2 (openapi-v2.yaml of
 * dbt-labs/dbt-cloud-openapi-spec: `RunResponse`, `RunStepResponse`, `RunTrigger`, "Retrieve Run Artifact"), limits
 * (docs/dbt-apis/rate-limits) and outbound webhooks (docs/deploy/webhooks).
 */
export interface DbtPlatform {
  readonly url: string
  readonly token: string
  readonly accountId: string
  readonly webhookSecret: string
  /** Adds a run, or replaces it. */
  setRun(run: PlatformRunSpec): void
  /** The next requests whose path matches are answered so instead. */
  fault(path: RegExp, fault: Fault, times?: number): void
  /** Paths that were asked for, with their query. */
  readonly requests: () => readonly string[]
  /** Sends a webhook, as the dbt platform does. @returns the status of the answer; 0 for none */
  deliver(hookUrl: string, webhook: Webhook): Promise<number>
  close(): Promise<void>
}

export interface PlatformRunSpec {
  readonly runId: string
  readonly jobId?: string
  readonly environmentId?: string
  /** 3 running, 10 success, 20 error, 30 cancelled. */
  readonly status?: 3 | 10 | 20 | 30
  readonly areArtifactsSaved?: boolean
  readonly finishedAt?: string
  readonly trigger?: Readonly<Record<string, unknown>>
  readonly jobType?: string
  readonly steps: readonly PlatformStepSpec[]
}

export interface PlatformStepSpec {
  readonly name: string
  /** 10 success, 20 error. */
  readonly status?: 10 | 20
  readonly runResults?: unknown
  /** A document, or the path of a file that is streamed. */
  readonly manifest?: unknown
}

export type Fault =
  | { readonly status: number; readonly retryAfter?: string }
  /** The connection ends after half of what was announced. */
  | 'truncated'
  /** Half of it, announced as the whole. */
  | 'cut off'
  /** The connection is reset before an answer. */
  | 'reset'
  /** Nothing comes. */
  | 'silent'

export interface Webhook {
  readonly runId: string
  readonly jobId?: string
  readonly environmentId?: string
  readonly eventType?: string
  readonly eventId?: string
  readonly accountId?: number
  readonly timestamp?: string
  readonly finishedAt?: string
  readonly status?: 'Success' | 'Errored' | 'Cancelled'
  /** Signs with another secret. */
  readonly secret?: string
  /** Whatever else the body holds. */
  readonly body?: string
}

const accountId = '1'

export async function startDbtPlatform(): Promise<DbtPlatform> {
  const token = `dbtc_${randomUUID()}`
  const webhookSecret = randomUUID()
  const runs = new Map<string, PlatformRunSpec>()
  const requests: string[] = []
  const faults: { readonly path: RegExp; readonly fault: Fault; left: number }[] = []
  const server = createServer((request, response) => {
    const path = request.url ?? ''
    requests.push(path)
    const found = faults.find((each) => each.left > 0 && each.path.test(path))
    if (found !== undefined) found.left -= 1
    answer(runs, token, found?.fault, request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const close = async () => {
    server.closeAllConnections()
    await new Promise<void>((resolve) => server.close(() => resolve()))
  }
  atTestEnd(close)
  return {
    url,
    token,
    accountId,
    webhookSecret,
    setRun: (run) => void runs.set(run.runId, { finishedAt: new Date().toISOString(), ...run }),
    fault: (path, fault, times = 1) => void faults.push({ path, fault, left: times }),
    requests: () => requests,
    deliver: (hookUrl, webhook) => deliver(hookUrl, webhook, webhookSecret),
    close,
  }
}

/** What the hook needs to reach it. */
export const platformEnv = (platform: DbtPlatform): Record<string, string> => ({
  DBT_CLOUD_HOST_URL: platform.url,
  DBT_CLOUD_ACCOUNT_ID: platform.accountId,
  DBT_CLOUD_TOKEN: platform.token,
  DBT_CLOUD_WEBHOOK_SECRET: platform.webhookSecret,
})

function answer(
  runs: ReadonlyMap<string, PlatformRunSpec>,
  token: string,
  fault: Fault | undefined,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const { authorization } = request.headers
  const isKnown = authorization === `Token ${token}` || authorization === `Bearer ${token}`
  if (fault === 'reset') request.socket.destroy()
  else if (typeof fault === 'object') {
    if (fault.retryAfter !== undefined) response.setHeader('Retry-After', fault.retryAfter)
    envelope(response, fault.status, null)
  } else if (!isKnown) envelope(response, 401, null)
  else if (fault !== 'silent') serve(runs, fault, request, response)
}

function serve(
  runs: ReadonlyMap<string, PlatformRunSpec>,
  fault: Fault | undefined,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const url = new URL(request.url ?? '/', 'http://localhost')
  if (url.pathname === `/api/v2/accounts/${accountId}/runs/`) {
    envelope(response, 200, listOf(runs, url.searchParams))
    return
  }
  const match = /^\/api\/v2\/accounts\/(\d+)\/runs\/(\d+)\/(?:artifacts\/(.+))?$/.exec(url.pathname)
  const run = match?.[1] === accountId ? runs.get(match[2] ?? '') : undefined
  const artifact = match?.[3]
  if (run === undefined) {
    envelope(response, 404, null)
    return
  }
  if (artifact === undefined) {
    envelope(response, 200, runDocument(run, url.searchParams.get('include_related') ?? ''))
    return
  }
  const number = url.searchParams.get('step')
  const step = number === null ? run.steps.at(-1) : run.steps[Number(number) - 1]
  const content = artifact === 'manifest.json' ? step?.manifest : step?.runResults
  const isThere = content !== undefined && run.areArtifactsSaved !== false
  if (isThere) sendArtifact(response, content, fault)
  else envelope(response, 404, null)
}

/** "List Runs": filtered, in the order asked for (a run that has not ended comes first), at most 100 of them. */
function listOf(runs: ReadonlyMap<string, PlatformRunSpec>, query: URLSearchParams) {
  const related = query.get('include_related') ?? ''
  const endOf = (run: PlatformRunSpec) =>
    run.status === 3 ? Number.POSITIVE_INFINITY : Date.parse(run.finishedAt ?? '')
  const isAsked = ({ jobId = '10', environmentId = '100' }: PlatformRunSpec) =>
    [jobId, null].includes(query.get('job_definition_id')) &&
    [environmentId, null].includes(query.get('environment_id'))
  const offset = Number(query.get('offset') ?? 0)
  return [...runs.values()]
    .filter(isAsked)
    .sort((one, other) => endOf(other) - endOf(one))
    .slice(offset, offset + Math.min(100, Number(query.get('limit') ?? 100)))
    .map((run) => runDocument(run, related))
}

function sendArtifact(response: ServerResponse, content: unknown, fault: Fault | undefined): void {
  response.setHeader('Content-Type', 'application/json')
  if (typeof content === 'string') {
    response.setHeader('Content-Length', statSync(content).size)
    createReadStream(content).pipe(response)
    return
  }
  const bytes = Buffer.from(JSON.stringify(content))
  const half = bytes.subarray(0, Math.floor(bytes.length / 2))
  if (fault === 'truncated') {
    response.setHeader('Content-Length', bytes.length)
    response.write(half, () => response.destroy())
  } else if (fault === 'cut off') response.end(half)
  else response.end(bytes)
}

function envelope(response: ServerResponse, code: number, data: unknown): void {
  response.writeHead(code, { 'Content-Type': 'application/json' })
  const status = {
    code,
    is_success: code === 200,
    user_message: code === 200 ? 'Success!' : 'The requested resource was not found',
    developer_message: '',
  }
  response.end(JSON.stringify({ data, status, extra: {} }))
}

function runDocument(run: PlatformRunSpec, related: string) {
  const { status = 10, runId, steps } = run
  const isAsked = (name: string) => related.includes(name)
  return {
    id: Number(runId),
    account_id: Number(accountId),
    job_definition_id: Number(run.jobId ?? 10),
    environment_id: Number(run.environmentId ?? 100),
    status,
    artifacts_saved: run.areArtifactsSaved ?? true,
    is_complete: status !== 3,
    is_success: status === 10,
    is_error: status === 20,
    is_cancelled: status === 30,
    finished_at: status === 3 ? null : run.finishedAt,
    trigger: isAsked('trigger') ? { cause: 'Scheduled', ...run.trigger } : null,
    job: isAsked('job')
      ? { name: 'Daily Job (dbt build)', job_type: run.jobType ?? 'scheduled' }
      : null,
    run_steps: isAsked('run_steps')
      ? steps.map(({ name, status: stepStatus = 10 }, index) => ({
          index: index + 1,
          name,
          status: stepStatus,
        }))
      : null,
  }
}

async function deliver(hookUrl: string, webhook: Webhook, secret: string): Promise<number> {
  const body = webhook.body ?? JSON.stringify(webhookDocument(webhook))
  const signature = createHmac('sha256', webhook.secret ?? secret)
    .update(body)
    .digest('hex')
  try {
    const response = await fetch(hookUrl, {
      method: 'POST',
      headers: { Authorization: signature, 'Content-Type': 'application/json' },
      body,
    })
    await response.body?.cancel()
    return response.status
  } catch {
    return 0
  }
}

/** The body of the documentation's example, with the ids of a run. */
function webhookDocument(webhook: Webhook) {
  const status = webhook.status ?? 'Success'
  const finishedAt = webhook.finishedAt ?? new Date().toISOString()
  return {
    accountId: webhook.accountId ?? Number(accountId),
    webhookId: 'wsu_12345abcde',
    eventId: webhook.eventId ?? `wev_${webhook.runId}`,
    timestamp: webhook.timestamp ?? new Date().toISOString().replace('Z', '265936Z'),
    eventType: webhook.eventType ?? 'job.run.completed',
    webhookName: 'test',
    data: {
      jobId: webhook.jobId ?? '10',
      jobName: 'Daily Job (dbt build)',
      runId: webhook.runId,
      environmentId: webhook.environmentId ?? '100',
      environmentName: 'Production',
      dbtVersion: '1.0.0',
      projectName: 'Snowflake Github Demo',
      projectId: '167194',
      runStatus: status,
      runStatusCode: { Success: 10, Errored: 20, Cancelled: 30 }[status],
      runStatusMessage: 'None',
      runReason: 'Kicked off from UI by test@test.com',
      runStartedAt: '2023-01-31T19:28:07Z',
      runFinishedAt: finishedAt,
    },
  }
}
