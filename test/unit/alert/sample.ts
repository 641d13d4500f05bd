import type { Alert, Notice, Place } from '../../../src/alert/alert.ts'
import { dedupKey } from '../../../src/alert/decide.ts'
import { noticeOf } from '../../../src/alert/words.ts'
import { rejectedWords } from '../../../src/cli/alerts/alert-words.ts'
import { unbegun } from '../../../src/cli/run/run-reporter.ts'
import type { Plan } from '../../../src/plan/plan.ts'
import { noOutcomes } from '../../../src/record/runs.ts'
import type { SyncReport } from '../../../src/run/context.ts'

export const place: Place = { project: 'shop', target: 'prod', portalId: '12345678' }

export const alert: Alert = {
  name: 'data-team',
  channel: { kind: 'webhook', url: 'https://alerts.example' },
  when: ['failure', 'rejected', 'guard'],
  tellsRecovery: true,
  rejectedAbove: { rows: 0 },
  targets: ['prod'],
  template: {},
}

/** A run that rejected some rows. */
export const rejectingReport: SyncReport = {
  ...unbegun({
    sync: 'contacts',
    model: 'model.shop.hubspot_contacts',
    object: 'contacts',
    status: 'partial',
    error: { category: 'ROWS_REJECTED', message: '14 rows rejected' },
  }),
  runId: '0199f3c2-7c1e-7a41-9d2e-0f6f3f1a2b3c',
  counts: { ...noOutcomes, created: 40, rejected: 14 },
  plan: { rows: { inModel: 1_000, parked: 2, unknown: 0 } } as Plan,
}

const groups = [
  { category: 'invalid_value', property: 'lifecyclestage', isLink: false, rows: 12 },
  { category: 'missing_key', property: null, isLink: false, rows: 2 },
].map((group) => ({ ...group, exampleRowId: '42' }))

export const setting = { target: 'prod', secrets: [] }

export const notice = (changes: Partial<Notice> = {}, asked: Pick<Alert, 'template'> = alert) => ({
  ...noticeOf(
    {
      dedupKey: dedupKey(['shop', 'prod', 'data-team', 'contacts', 'rejected']),
      alert: 'data-team',
      sync: 'contacts',
      trouble: 'rejected',
      status: 'open',
      since: '2026-11-26T02:10:00.000Z',
      words: rejectedWords(rejectingReport, groups, setting),
    },
    asked,
    place,
  ),
  ...changes,
})
