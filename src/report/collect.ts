import { hasTable, type Ledger, sharedTable } from '../record/ledger.ts'
import { type ListedRun, readRuns } from '../record/status.ts'
import type { AuditRequests } from '../types.ts'
import type {
  CollectedReport,
  ReportPayload,
  ReportRequest,
  ReportRun,
  ReportSync,
} from './payload.ts'
import {
  type Describe,
  noChanges,
  readChanges,
  readProblems,
  type Showing,
} from './recorded-changes.ts'
import { readRequestsOf } from './recorded-requests.ts'

/** Runs in the report at most: a year of ten syncs, run each hour, is nine times as many. */
const maxRuns = 10_000
const secondsPerDay = 24 * 60 * 60

/** What whoever asks for a report knows without the audit. */
export interface ReportFacts
  extends Pick<
    ReportPayload,
    'generatedAt' | 'backhaulVersion' | 'targetName' | 'warehouse' | 'since' | 'syncs' | 'limit'
  > {
  readonly days: number
  readonly maxChanges: number
  /** Names that the asked syncs have and had; undefined for all syncs, those included that the project does not define. */
  readonly syncNames: readonly string[] | undefined
  readonly showing: Showing
  readonly keptRequests: AuditRequests
  readonly describe: Describe
}

/** True when there is anything to report of. */
export const hasAudit = async (ledger: Ledger): Promise<boolean> =>
  (await hasTable(ledger, sharedTable(ledger, 'runs'))) &&
  (await hasTable(ledger, sharedTable(ledger, 'changes')))

/** Collects what the page shows from the audit tables. Reads only; memory is bounded by `maxChanges`. */
export async function collectReport(ledger: Ledger, facts: ReportFacts): Promise<CollectedReport> {
  const { dialect } = ledger.warehouse
  const { syncNames, showing, keptRequests, describe, days, maxChanges, ...told } = facts
  const filter = {
    since: dialect.addSeconds(dialect.now(), -days * secondsPerDay),
    ...(syncNames === undefined ? {} : { syncNames }),
  }
  const { runs, total } = await readRuns(ledger, filter, maxRuns)
  const runIndex = new Map(runs.map(({ runId }, index) => [runId, index]))
  const problems = await readProblems(ledger, filter, showing, describe)
  const recorded = await readChanges(ledger, filter, {
    limit: maxChanges,
    runIndex,
    problems,
    showing,
  })
  const calls = await readRequestsOf(ledger, filter, {
    requests: keptRequests,
    values: showing.values,
  })
  const typeOf = new Map(told.syncs.map(({ name, type }) => [name, type]))
  return {
    version: 1,
    ...told,
    limit: limitOf(calls.requests) ?? told.limit,
    portalId: runs.find(({ portalId }) => portalId !== null)?.portalId ?? null,
    values: showing.values,
    note: null,
    runs: runs.map((run) => reportRun(run, typeOf.get(run.syncName))),
    changes: recorded.changes,
    problems: problems.list,
    requests: calls.requests,
    totals: { runs: total, changes: recorded.total, requests: calls.total },
  }
}

/** The account's limit, as the newest answer that tells has it. */
function limitOf(requests: readonly ReportRequest[]): ReportPayload['limit'] {
  const limit = requests.find((request) => request.limit !== null)?.limit ?? null
  return limit === null ? null : { requests: limit, seconds: 10 }
}

/** What `runs` counts under the words of records, in those of events and lists, as `run_results.json` has them. */
const createdWords: Readonly<Record<ReportSync['type'], string>> = {
  object: 'created',
  event: 'sent',
  list: 'added',
}

function reportRun(run: ListedRun, type: ReportSync['type'] = 'object'): ReportRun {
  const counts = Object.entries(run.counts)
    .filter(([, count]) => count > 0)
    .map(([word, count]) => [word === 'created' ? createdWords[type] : word, count])
  return {
    runId: run.runId,
    invocationId: run.invocationId,
    sync: run.syncName,
    status: run.status,
    startedAt: run.startedAt ?? '',
    finishedAt: run.finishedAt,
    rowsInModel: run.rowsInModel,
    counts: Object.fromEntries(counts),
    callsPlanned: run.calls.planned,
    callsMade: run.calls.made,
    readsMade: run.calls.reads,
    errorCategory: run.error?.category ?? null,
    errorMessage: run.error?.message ?? null,
  }
}

/** What the page is given where there is no audit, or none that can be read now. */
export function emptyReport(
  facts: Pick<
    ReportPayload,
    'generatedAt' | 'backhaulVersion' | 'targetName' | 'warehouse' | 'since' | 'values'
  >,
  note: string,
): CollectedReport {
  return {
    version: 1,
    ...facts,
    portalId: null,
    note,
    limit: null,
    syncs: [],
    runs: [],
    changes: noChanges(),
    problems: [],
    requests: [],
    totals: { runs: 0, changes: 0, requests: 0 },
  }
}
