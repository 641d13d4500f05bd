import { join } from 'node:path'
import { scrubMessage } from '../../destination/hubspot/scrub.ts'
import { doubt } from '../../plan/diff-spec.ts'
import { readIdentities } from '../../record/identity.ts'
import type { Ledger } from '../../record/ledger.ts'
import { readAttempts, readLinkRows, readStateRow } from '../../record/row-history.ts'
import { liveFolder } from '../../report/live.ts'
import { lastTold } from '../../report/live-tail.ts'
import type { ReportRow } from '../../report/payload.ts'
import { changedValues, linkTarget } from '../../report/recorded-changes.ts'
import { describeReason } from '../render/reasons.ts'
import { outputFolder } from '../session.ts'
import { namesOf, type ReportScope, urlOf } from './collect.ts'

/** Operations on links: their values are labels. */
const linkOperations: readonly string[] = ['associate', 'dissociate', 'wait', 'release']

/** All that state and audit know of one row; undefined where that is nothing. */
export async function readReportRow(
  { session, loaded }: ReportScope,
  ledger: Ledger,
  syncName: string,
  rowId: string,
): Promise<ReportRow | undefined> {
  const { values } = session.project.settings.audit
  const words = (message: string | null) =>
    message === null || values === 'full' ? message : scrubMessage(message)
  const pinned = await readIdentities(ledger)
  const sync = loaded.all.find(
    ({ name, previousName }) => name === syncName || previousName === syncName,
  )
  const names = sync === undefined ? [syncName] : namesOf([sync], pinned)
  const stateOf = pinned.find((identity) => names.includes(identity.syncName))?.syncName
  const known = stateOf ?? syncName
  const state = await readStateRow(ledger, known, rowId)
  const attempts = await readAttempts(ledger, names, rowId)
  if (state === undefined && attempts.length === 0) return undefined
  const recordId = state?.recordId ?? null
  const prefix = urlOf(
    lastTold(join(outputFolder(session.project), liveFolder), 'account'),
    pinned.find((identity) => identity.syncName === known),
  )
  return {
    sync: syncName,
    rowId,
    state:
      state === undefined
        ? null
        : {
            recordId: state.recordId,
            status: state.status,
            attempts: state.attempts,
            nextAttemptAt: state.nextAttemptAt,
            errorCategory: state.errorCategory,
            errorMessage: words(state.errorMessage),
            advice:
              state.errorCategory === null ? null : describeReason(state.errorCategory).advice,
            firstSyncedAt: state.firstSyncedAt,
            lastSyncedAt: state.lastSyncedAt,
            // Digests of the state are nowhere: without `full` there are names only.
            sent: Object.fromEntries(
              Object.entries(state.sentValues).map(([name, value]) => [
                name,
                values !== 'full' || value === doubt ? null : value,
              ]),
            ),
          },
    url: prefix === null || recordId === null ? null : `${prefix}${encodeURIComponent(recordId)}`,
    links: (await readLinkRows(ledger, known, rowId)).map((link) => ({
      association: link.association,
      target: linkTarget(link.association, link.targetKey, values),
      targetRecordId: link.targetRecordId,
      status: link.status,
      errorCategory: link.errorCategory,
      errorMessage: words(link.errorMessage),
    })),
    attempts: attempts.map((attempt) => ({
      runId: attempt.runId,
      at: attempt.at,
      operation: attempt.operation,
      outcome: attempt.outcome,
      recordId: attempt.recordId,
      values: linkOperations.includes(attempt.operation)
        ? {}
        : changedValues(attempt.properties, attempt.old, attempt.new, values),
      errorCategory: attempt.errorCategory,
      errorMessage: words(attempt.errorMessage),
      requestId: attempt.requestId,
    })),
  }
}
