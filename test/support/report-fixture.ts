import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../../scripts/process.mjs'
import { pageText } from '../../src/report/page-text.ts'
import type {
  ChangedValues,
  ReportChanges,
  ReportPayload,
  ReportRequest,
  ReportRun,
} from '../../src/report/payload.ts'
import type { RunStatus } from '../../src/types.ts'
import { textOfPayload } from './report-payload.ts'

/** A report with something of everything that the page shows: two weeks of three syncs. */
export function reportFixture(): ReportPayload {
  const runs = syncRuns()
  const requests = requestsOf(runs)
  const changes = changesOf(runs, requests)
  return {
    version: 1,
    generatedAt: '2026-11-26T08:00:00.000Z',
    backhaulVersion: '0.1.0',
    targetName: 'prod',
    warehouse: 'PostgreSQL analytics at db.example.com',
    portalId: '4711001',
    values: 'full',
    since: '2026-11-12T06:00:00.000Z',
    note: null,
    limit: { requests: 190, seconds: 10 },
    syncs: [
      {
        name: 'contacts',
        model: 'dim_customers',
        object: 'contacts',
        type: 'object',
        status: 'partial',
        lastRunId: runs.find(({ sync }) => sync === 'contacts')?.runId ?? null,
        lastSuccessAt: '2026-11-26T00:00:04.000Z',
        rows: { succeeded: 48_210, rejected: 12, parked: 3, pending: 40 },
        url: 'https://app-eu1.hubspot.com/contacts/4711001/record/0-1/',
        errors: [
          {
            status: 'rejected',
            category: 'INVALID_EMAIL',
            rows: 12,
            exampleRowId: '1007',
            advice: 'Correct the address in the model, or filter these rows out with `where:`.',
          },
        ],
        nextStep: 'Run again: `backhaul run --select contacts` sends the 40 rows that are pending.',
      },
      {
        name: 'companies',
        model: 'dim_accounts',
        object: 'companies',
        type: 'object',
        status: 'succeeded',
        lastRunId: runs.find(({ sync }) => sync === 'companies')?.runId ?? null,
        lastSuccessAt: '2026-11-26T06:00:05.000Z',
        rows: { succeeded: 3120 },
        url: 'https://app-eu1.hubspot.com/contacts/4711001/record/0-2/',
        errors: [],
        nextStep: null,
      },
      {
        name: 'newsletter',
        model: 'newsletter_readers',
        object: 'Newsletter readers',
        type: 'list',
        status: 'guarded',
        lastRunId: runs.find(({ sync }) => sync === 'newsletter')?.runId ?? null,
        lastSuccessAt: null,
        rows: { succeeded: 910, left: 12 },
        url: null,
        errors: [],
        nextStep: 'Look at what it would remove: `backhaul plan --select newsletter`.',
      },
    ],
    runs,
    changes,
    problems: [
      {
        sync: 'contacts',
        category: 'INVALID_EMAIL',
        property: 'email',
        rows: 12,
        message: 'Email address anna@@example.com is invalid',
        advice: 'Correct the address in the model, or filter these rows out with `where:`.',
        lastRunId: runs.find(({ sync }) => sync === 'contacts')?.runId ?? '',
      },
      {
        sync: 'companies',
        category: 'bad_number',
        property: 'annualrevenue',
        rows: 2,
        message: '"n/a" is no number',
        advice: null,
        lastRunId: runs.find(({ sync }) => sync === 'companies')?.runId ?? '',
      },
    ],
    requests,
    totals: { runs: runs.length, changes: changes.rowId.length, requests: 1200 },
  }
}

const day = 86_400_000
const begin = Date.parse('2026-11-12T06:00:00.000Z')
const iso = (ms: number) => new Date(ms).toISOString()

/** Newest first: every six hours `contacts` and `companies`, once a day `newsletter`. */
function syncRuns(): ReportRun[] {
  const runs: ReportRun[] = []
  for (let slot = 0; slot <= 56; slot++) {
    const start = begin + (slot * day) / 4
    const isLast = slot === 56
    const names =
      slot % 4 === 0 ? ['companies', 'contacts', 'newsletter'] : ['companies', 'contacts']
    for (const [index, sync] of names.entries()) {
      const isPartial = sync === 'contacts' && (isLast || slot === 20)
      const isGuarded = sync === 'newsletter' && isLast
      const status: RunStatus = isGuarded ? 'guarded' : isPartial ? 'partial' : 'succeeded'
      const wave = Math.round(60 + 50 * Math.sin(slot / 3) + (slot % 5) * 9)
      runs.push({
        runId: `01J${String(slot).padStart(4, '0')}${index}${sync.slice(0, 3).toUpperCase()}`,
        invocationId: `inv-${String(slot).padStart(4, '0')}`,
        sync,
        status,
        startedAt: iso(start + index * 2000),
        finishedAt: iso(start + index * 2000 + 1500 + wave * 20),
        rowsInModel: sync === 'contacts' ? 48_265 : 3120,
        counts: countsOf(sync, wave, status),
        callsPlanned: Math.ceil(wave / 10),
        callsMade: Math.ceil(wave / 10) + (isPartial ? 3 : 0),
        readsMade: 2,
        errorCategory: isGuarded ? 'TOO_MANY_REMOVALS' : null,
        errorMessage: isGuarded
          ? 'the plan removes 120 of 922 members (13 %); max_removals allows 10 %'
          : null,
      })
    }
  }
  return runs.reverse()
}

function countsOf(sync: string, wave: number, status: RunStatus): Record<string, number> {
  if (status === 'guarded') return {}
  if (sync === 'newsletter') return { added: Math.ceil(wave / 8), removed: 2 }
  const rejected = sync === 'contacts' ? { rejected: 12, linksAdded: 4 } : {}
  const pending = status === 'partial' ? { pending: 40 } : {}
  return { created: Math.ceil(wave / 4), updated: wave, ...rejected, ...pending }
}

/** Of the newest invocation: a hundred calls in a minute, three of them over the limit, one without an answer. */
function requestsOf([newest]: readonly ReportRun[]): ReportRequest[] {
  const requests: ReportRequest[] = []
  const start = Date.parse(newest?.startedAt ?? '')
  for (let index = 0; index < 100; index++) {
    const isLimited = index >= 40 && index < 43
    const isSilent = index === 60
    const isRefused = index === 70
    const attempt = (index >= 43 && index < 46) || index === 61 ? 2 : 1
    const status = isSilent ? null : isLimited ? 429 : isRefused ? 400 : 200
    requests.push({
      requestId: `req-${String(index).padStart(4, '0')}`,
      runId: index % 10 === 9 ? null : '01J00561CON',
      invocationId: 'inv-0056',
      method: 'POST',
      path: '/crm/v3/objects/contacts/batch/upsert',
      status,
      attempt,
      startedAt: iso(start + Math.round(index ** 1.1 * 380)),
      milliseconds: isSilent ? 10_000 : 120 + ((index * 37) % 190),
      inputs: 100,
      category: isSilent
        ? 'NO_ANSWER'
        : isLimited
          ? 'RATE_LIMITS'
          : isRefused
            ? 'VALIDATION_ERROR'
            : null,
      correlationId: isSilent ? null : `corr-${index}`,
      limit: isSilent ? null : 190,
      dailyRemaining: isSilent ? null : 480_000 - index,
      remaining: isSilent ? null : Math.max(0, 190 - (index % 60) * 3),
      requestBody: JSON.stringify({
        inputs: [{ id: `c${index}@example.com`, properties: { plan: 'pro' } }],
      }),
      responseBody: isSilent
        ? null
        : JSON.stringify({ status: isRefused ? 'error' : 'COMPLETE', results: [] }),
    })
  }
  return requests.reverse()
}

interface Change {
  readonly run: number
  readonly rowId: string
  readonly recordId: string | null
  readonly operation: string
  readonly outcome: string
  readonly values: ChangedValues
  readonly problem?: number
  readonly message?: string
  readonly requestId?: string
  readonly target?: string
}

const stages = ['subscriber', 'lead', 'opportunity', 'customer']

function changesOf(runs: readonly ReportRun[], requests: readonly ReportRequest[]): ReportChanges {
  const changes: Change[] = []
  for (const [run, { sync }] of runs.slice(0, 24).entries()) {
    if (sync === 'newsletter') continue
    for (let row = 0; row < 20; row++) {
      const key = 1000 + ((row * 7 + run) % 60)
      const isRejected = sync === 'contacts' && row % 10 === 7
      const stage = (row + run) % 3
      const requestId = sync === 'contacts' && run < 3 ? requests[row]?.requestId : undefined
      changes.push({
        run,
        rowId: String(key),
        recordId: isRejected ? null : String(900_000 + key),
        operation: row % 4 === 0 ? 'upsert' : 'update',
        outcome: isRejected ? 'rejected' : 'succeeded',
        values:
          sync === 'contacts'
            ? {
                lifecyclestage: [stages[stage] ?? '', stages[stage + 1] ?? ''],
                ...(row % 3 === 0
                  ? { lifetime_value: [`${row * 10}.5`, `${row * 12}.5`] as const }
                  : {}),
                ...(isRejected ? { email: [null, 'anna@@example.com'] as const } : {}),
              }
            : { annualrevenue: [`${row}000`, `${row}500`], domain: ['', `shop${key}.example.com`] },
        ...(isRejected
          ? { problem: 0, message: 'Email address anna@@example.com is invalid' }
          : {}),
        ...(requestId === undefined ? {} : { requestId }),
      })
    }
    if (sync === 'contacts')
      changes.push({
        run,
        rowId: '1001',
        recordId: '901001',
        operation: 'associate',
        outcome: 'succeeded',
        values: {},
        target: '77',
      })
  }
  return columnsOf(changes)
}

function columnsOf(changes: readonly Change[]): ReportChanges {
  return {
    run: changes.map(({ run }) => run),
    rowId: changes.map(({ rowId }) => rowId),
    recordId: changes.map(({ recordId }) => recordId),
    operation: changes.map(({ operation }) => operation),
    outcome: changes.map(({ outcome }) => outcome),
    values: changes.map(({ values }) => values),
    link: changes.map(({ target }) =>
      target === undefined
        ? null
        : {
            association: 'companies/sync:account_id',
            target,
            targetRecordId: '80077',
            labels: 'Employee',
          },
    ),
    problem: changes.map(({ problem }) => problem ?? null),
    message: changes.map(({ message }) => message ?? null),
    requestId: changes.map(({ requestId }) => requestId ?? null),
  }
}

/** A report of nothing: a project that has not run yet. */
export function emptyReport(): ReportPayload {
  return {
    ...reportFixture(),
    syncs: [],
    runs: [],
    changes: columnsOf([]),
    problems: [],
    requests: [],
    totals: { runs: 0, changes: 0, requests: 0 },
  }
}

/** As many changes as the page is made for. */
export function largeReport(changes: number): ReportPayload {
  const report = reportFixture()
  const made = Array.from(
    { length: changes },
    (_, index): Change => ({
      run: Math.floor((index * report.runs.length) / changes),
      rowId: String(1_000_000 + index),
      recordId: String(5_000_000 + index),
      operation: index % 9 === 0 ? 'upsert' : 'update',
      outcome: index % 50 === 0 ? 'rejected' : 'succeeded',
      values: {
        lifecyclestage: ['lead', stages[index % 4] ?? ''],
        lifetime_value: [`${index}.25`, `${index}.75`],
      },
    }),
  )
  return {
    ...report,
    changes: columnsOf(made),
    totals: { ...report.totals, changes },
  }
}

/** Values that try to be something else: markup, the end of the script, other directions of writing, great length. */
export const hostile = {
  script: `<script>globalThis.hacked = true</script><img src=x onerror="globalThis.hacked = true">`,
  end: `</script><script>globalThis.hacked = true</script><!-- $& $\` $'`,
  direction: 'abc\u202egnp.exe\u200f\u2066',
  long: `${'lorem ipsum '.repeat(900)}end`,
  emoji: '👩‍👩‍👧‍👦 Zoë 🏳️‍🌈',
  lines: 'one\ntwo\u2028three\u0000',
} as const

export function hostileReport(): ReportPayload {
  const report = reportFixture()
  const names = Object.values(hostile)
  const made = names.map(
    (text, index): Change => ({
      run: 0,
      rowId: text.slice(0, 300),
      recordId: index === 0 ? null : 'javascript:alert(1)',
      operation: 'update',
      outcome: 'rejected',
      values: {
        note: [text, names[(index + 1) % names.length] ?? ''],
        // An own property of this name has to stay one.
        [text.slice(0, 60)]: [null, text],
      },
      message: text,
    }),
  )
  return {
    ...report,
    warehouse: hostile.script,
    targetName: hostile.direction,
    note: hostile.end,
    syncs: report.syncs.map((sync) => ({
      ...sync,
      object: hostile.script,
      url: 'javascript:globalThis.hacked=true//',
      nextStep: hostile.end,
    })),
    problems: report.problems.map((problem) => ({
      ...problem,
      message: hostile.script,
      advice: hostile.end,
    })),
    requests: report.requests.map((request) => ({
      ...request,
      path: `/crm/${hostile.script}`,
      requestBody: hostile.end,
      responseBody: hostile.script,
    })),
    changes: columnsOf(made),
  }
}

/** The page as it is built, with a report in it. */
export function reportHtml(payload: ReportPayload): string {
  const page = readFileSync(join(root, 'dist', 'report', 'page.html'), 'utf8')
  return [...pageText(page, [textOfPayload(payload)], false)].join('')
}
