import { harmless, UserError } from '../../errors.ts'
import type { Settings } from '../../project/settings.ts'
import {
  type AuditedRequest,
  type CarriedRow,
  readRequests,
  readWholeRequests,
  type WholeRequest,
} from '../../record/request-log.ts'
import type { Say } from '../../types.ts'
import type { Io } from '../command-line/io.ts'
import type { Arguments } from '../command-line/option.ts'
import { connectWarehouse, ledgerOf } from '../connect-warehouse.ts'
import { asksForJson } from '../options.ts'
import { renderTable } from '../render/render-table.ts'
import { requestLine } from '../render/request-line.ts'
import { shellWord } from '../render/shell-word.ts'
import { countOf, numberOf } from '../render/words.ts'
import { readLimit } from '../run/run-options.ts'
import { openSession } from '../session.ts'

type Audit = Settings['audit']

const defaultLimit = 50
/** Rows of one call that are shown; JSON has them all. */
const shownRows = 20

/** Shows the API calls that the audit kept. Asks the warehouse only. */
export async function handle(args: Arguments, io: Io): Promise<number> {
  const session = openSession(args, io)
  const limit = readLimit(args, 'For example --limit 200.') ?? defaultLimit
  const { audit } = session.project.settings
  const warehouse = await connectWarehouse(session)
  try {
    const ledger = ledgerOf(session, warehouse)
    const { schema } = ledger.location
    const asked = args['ID']
    if (asked !== undefined) {
      const kept = onlyOne(await readWholeRequests(ledger, String(asked)), String(asked), audit)
      // Bodies hold values, and what may be shown is what is said now.
      const request =
        audit.values === 'full' ? kept : { ...kept, requestBody: null, responseBody: null }
      if (asksForJson(args)) {
        io.stdout(`${JSON.stringify({ kind: 'request', version: 1, schema, ...request })}\n`)
      } else io.stdout(renderRequest(request, audit, session.say))
      return 0
    }
    const requests = await readRequests(ledger, {
      ...(args['run'] === undefined ? {} : { run: String(args['run']) }),
      failedOnly: args['failed'] === true,
      limit,
    })
    if (asksForJson(args)) {
      const document = { kind: 'requests', version: 1, schema, kept: audit.requests, requests }
      io.stdout(`${JSON.stringify(document)}\n`)
    } else io.stdout(renderRequests(requests, audit, limit, session.say))
    return 0
  } finally {
    await warehouse.close()
  }
}

function onlyOne(found: readonly WholeRequest[], asked: string, audit: Audit): WholeRequest {
  const [request, other] = found
  if (request === undefined) {
    throw new UserError({
      message: `The audit has no API call ${asked}`,
      hint: `${keptText(audit)} Ids are in \`changes\` and in: backhaul requests`,
    })
  }
  if (other !== undefined) {
    throw new UserError({
      message: `Several API calls begin with ${asked}`,
      hint: `Give more of the id, e.g. ${request.requestId}`,
    })
  }
  return request
}

/** What the audit leaves to look at. */
function keptText({ requests: kept, values }: Audit): string {
  if (kept === 'none') return 'audit.requests is none: no call is kept.'
  if (kept === 'errors') return 'audit.requests is errors: only calls that failed are kept.'
  if (kept === 'summary') return 'audit.requests is summary: calls are kept without their bodies.'
  if (values === 'full') return 'audit.requests is full: calls are kept with their bodies.'
  return `audit.requests is full, and audit.values ${values}: calls are kept without their bodies.`
}

/** Why a call has no bodies. What the audit keeps may have been changed since. */
function whyNoBodies({ requests, values }: Audit): string {
  if (requests !== 'full') return `not kept: audit.requests is ${requests}`
  if (values !== 'full') return `not shown: audit.values is ${values}`
  return 'not kept when the call was made'
}

function renderRequests(
  requests: readonly AuditedRequest[],
  audit: Audit,
  limit: number,
  say: Say,
): string {
  if (requests.length === 0) return `No API call is in the audit. ${keptText(audit)}\n`
  const table = requests.map((request) => ({
    id: request.requestId.slice(0, 13),
    started: (request.startedAt ?? '').slice(0, 23).replace('T', ' '),
    method: request.method,
    path: request.path,
    status: request.status === null ? 'none' : String(request.status),
    inputs: numberOf(request.batchSize),
    ms: numberOf(request.durationMs),
    attempt: String(request.attempt),
    left: request.windowRemaining === null ? '' : numberOf(request.windowRemaining),
    error: request.errorCategory ?? '',
  }))
  const failed = requests.filter(({ errorCategory }) => errorCategory !== null)
  const [first] = failed.length > 0 ? failed : requests
  const lines = [
    ...renderTable(table, 80),
    '',
    `${countOf(requests.length, 'call')}, ${numberOf(failed.length)} failed. ${keptText(audit)}`,
    ...(requests.length === limit ? [`Only the last ${numberOf(limit)}: --limit shows more.`] : []),
    `One of them whole: ${say(`requests ${first?.requestId ?? ''}`)}`,
  ]
  return `${lines.join('\n')}\n`
}

function renderRequest(request: WholeRequest, audit: Audit, say: Say): string {
  const { rows, requestBody, responseBody } = request
  const facts = [
    `Started         ${request.startedAt ?? 'unknown'}`,
    `Run             ${request.runId ?? `several, of invocation ${request.invocationId}`}`,
    `Correlation id  ${request.correlationId ?? 'none'}`,
    `Limits          ${limitsText(request)}`,
  ]
  const bodies =
    requestBody === null && responseBody === null
      ? [`Bodies          ${whyNoBodies(audit)}`]
      : ['', 'Sent', shownBody(requestBody), '', 'Received', shownBody(responseBody)]
  return `${[requestLine(request), '', ...facts, ...bodies, '', ...rowLines(rows, say)].join('\n')}\n`
}

const shownBody = (body: string | null): string =>
  body === null ? '(nothing)' : harmless(body, '\n\t')

function limitsText({ windowMax, windowRemaining, dailyRemaining }: AuditedRequest): string {
  const max = windowMax === null ? '' : ` of ${numberOf(windowMax)}`
  const left = [
    ...(windowRemaining === null ? [] : [`${numberOf(windowRemaining)}${max} in ten seconds`]),
    ...(dailyRemaining === null ? [] : [`${numberOf(dailyRemaining)} of the day`]),
  ]
  return left.length === 0 ? 'the answer tells none' : `left were ${left.join(', ')}`
}

function rowLines(rows: readonly CarriedRow[], say: Say): readonly string[] {
  if (rows.length === 0) return ['No row’s outcome was decided by it.']
  const [first] = rows
  const table = rows.slice(0, shownRows).map((row) => ({
    sync: row.sync,
    row: row.rowId,
    operation: row.operation,
    outcome: row.outcome,
    record: row.recordId ?? '',
    error: row.errorCategory ?? '',
  }))
  const left = rows.length - table.length
  return [
    `It decided ${countOf(rows.length, 'outcome')}:`,
    ...renderTable(table),
    ...(left > 0 ? [`  … ${numberOf(left)} more; --json has all`] : []),
    `All about one row: ${say(`show ${shellWord(first?.sync ?? 'SYNC')} KEY`)}`,
  ]
}
