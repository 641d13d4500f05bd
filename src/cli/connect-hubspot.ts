import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { type HubspotDestination, openHubspot } from '../destination/hubspot/open.ts'
import { formatProblem, UserError } from '../errors.ts'
import { accessToken } from '../project/access-token.ts'
import type { Settings } from '../project/settings.ts'
import type { RequestRecord } from '../types.ts'
import type { Io } from './command-line/io.ts'
import { orByLock } from './lock/or-by-lock.ts'
import { tellRequest } from './render/request-line.ts'
import type { Session } from './session.ts'
import { sleep } from './sleep.ts'

/** What of a session connecting to HubSpot needs. */
export type HubspotSession = Pick<Session, 'io' | 'log' | 'abort' | 'tellsRequests'> & {
  readonly project: {
    readonly settings: Settings
    readonly env: Io['env']
    readonly projectDir?: string
  }
}

/** A `token_command` that waits for a person is given time; one that hangs must not hang the run. */
const tokenCommandMs = 120_000

export interface Hubspot {
  readonly destination: HubspotDestination
  /** Requests made since the last call, as far as the audit keeps them. */
  takeRequests(): readonly RequestRecord[]
}

/**
 * Opens HubSpot with the token of the target. Makes no request yet.
 *
 * @param watch is told of each request, whatever the audit keeps
 */
export async function connectHubspot(
  session: HubspotSession,
  watch?: (record: RequestRecord) => void,
): Promise<Hubspot> {
  const { settings, projectDir } = session.project
  if (settings.token.kind === 'missing')
    throw new UserError(orByLock(settings.token.problem, projectDir))
  for (const secret of settings.literalSecrets) session.log.warn(formatProblem(secret))
  const token = await readToken(session)
  const audit = auditBuffer(settings.audit)
  const destination = openHubspot({
    token,
    tokenPlace: settings.tokenPlace,
    onToken: (secret) => session.io.hide([secret]),
    baseUrl: settings.baseUrl,
    requestTimeoutMs: settings.requestTimeoutMs,
    concurrency: settings.concurrency,
    ...(settings.requestsPer10Seconds === undefined
      ? {}
      : { requestsPerTenSeconds: settings.requestsPer10Seconds }),
    maxCalls: settings.maxCallsPerRun,
    callsBefore: session.io.calls.made,
    clock: session.io.clock,
    sleep,
    log: session.log,
    keepBodies: audit.keepsBodies || session.tellsRequests,
    onRequest: (record) => {
      session.io.calls.made += 1
      session.io.telemetry.called(record, settings.baseUrl)
      if (session.tellsRequests) tellRequest(session.log, record)
      watch?.(record)
      audit.keep(record)
    },
  })
  return { destination, takeRequests: audit.take }
}

async function readToken({ io, project, abort }: HubspotSession) {
  const run = promisify(execFile)
  const token = await accessToken(project.settings, async (program, args) => {
    const { stdout } = await run(program, [...args], {
      env: { ...project.env },
      timeout: tokenCommandMs,
      signal: abort,
    })
    return stdout
  })
  if (typeof token === 'string') io.hide([token])
  return token
}

/** Requests until they are stored, as far as the audit keeps them. */
function auditBuffer({ requests: kept, values }: Settings['audit']) {
  // Bodies are full of values.
  const keepsBodies = kept === 'full' && values === 'full'
  let buffer: RequestRecord[] = []
  return {
    keepsBodies,
    keep(record: RequestRecord): void {
      if (kept === 'none' || (kept === 'errors' && record.errorCategory === null)) return
      const { requestBody, responseBody, ...facts } = record
      buffer.push(keepsBodies ? record : facts)
    },
    take(): readonly RequestRecord[] {
      const taken = buffer
      buffer = []
      return taken
    },
  }
}
