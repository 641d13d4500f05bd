import type { Problem } from '../../errors.ts'
import type { DriftMark, Mending } from '../../record/drift-marks.ts'
import type { RunStatus, Sync } from '../../types.ts'
import type { RunContext, SyncReport } from '../context.ts'
import { flushRequests } from '../flush-requests.ts'
import { described } from '../reports.ts'
import { type Difference, type DriftKind, driftKinds, type Findings } from './drift-difference.ts'

/** What a comparison reads; histories of what differs, and look-ups of what is missing, come on top. */
export interface DriftCalls {
  readonly records: number
  readonly links: number
  readonly members: number
}

/** What is compared. */
export interface DriftScope {
  readonly rows: number
  readonly links: number
  /** Rows that are on their way to HubSpot: what it holds says nothing about them yet. */
  readonly underWay: number
  /** Rows that the next run compares with their records anyway: an earlier `--fix` marked them, or they were adopted. */
  readonly open: number
  /** Rows that were asked for by their keys, and that the sync has never met. */
  readonly unmet: readonly string[]
}

/** What a comparison tells while it goes on. */
export interface DriftListener {
  /** Before the first call. */
  stated(sync: Sync, scope: DriftScope, calls: DriftCalls): void
  found(difference: Difference): void | Promise<void>
  /** So much is compared by now. */
  went(done: DriftReport['done']): void
}

/** How a comparison ended. */
export interface DriftReport extends Pick<SyncReport, 'sync' | 'model' | 'object' | 'error'> {
  /** Of what was mended; null where nothing was. */
  readonly runId: string | null
  /** `partial`: the calls that a command may make were used up; what was compared until then counts. */
  readonly status: Extract<RunStatus, 'succeeded' | 'partial' | 'failed' | 'aborted'>
  readonly scope: DriftScope
  /** How far it came. */
  readonly done: { readonly rows: number; readonly links: number }
  readonly calls: { readonly planned: DriftCalls; readonly reads: number }
  readonly counts: Readonly<Record<DriftKind, number>>
  /** Values that the app wrote itself, in whatever spelling HubSpot keeps them. */
  readonly ownValues: number
  /** Rows and links. */
  readonly mended: number
  readonly unmended: number
  /** Rows of whose record HubSpot said nothing, and links of which it did not say whether they stand: neither drift nor none. */
  readonly unknownRows: number
  readonly unknownLinks: number
  /** Of what was mended, as long as they are few. */
  readonly mendedRows: readonly string[]
  readonly problems: readonly Problem[]
  /** What failed here fails for every sync: the token, or the calls of the day. */
  readonly endsAll: boolean
}

/** Rows that are remembered, so that a run can be kept to them. */
export const maxRememberedRows = 500

export const noCalls: DriftCalls = { records: 0, links: 0, members: 0 }
const nothing: DriftScope = { rows: 0, links: 0, underWay: 0, open: 0, unmet: [] }

/** Before its first run a sync has met no row. */
export const beforeFirst = (rowIds: readonly string[] = []): DriftScope => ({
  ...nothing,
  unmet: rowIds,
})

const noDifferences = Object.fromEntries(driftKinds.map((kind) => [kind, 0])) as Record<
  DriftKind,
  number
>

/** Counts what is found. */
export interface Tally {
  state(listener: DriftListener, sync: Sync, scope: DriftScope, calls: DriftCalls): void
  findings(
    listener: DriftListener,
    kind: Mending | undefined,
    context: RunContext,
    keep: (marks: readonly DriftMark[]) => Promise<void>,
  ): Findings
  report(sync: Sync, runId: string | null): DriftReport
}

/** @param reads calls made so far; those before anything was stated are not the comparison's */
export function createTally(reads: () => number): Tally {
  const counts = { ...noDifferences }
  const mendedRows = new Set<string>()
  const done = { rows: 0, links: 0 }
  let [ownValues, mended, unmended] = [0, 0, 0]
  const unknown = { row: 0, link: 0 }
  let scope = nothing
  let planned = noCalls
  let readsBefore = reads()
  return {
    state(listener, sync, compared, calls) {
      scope = compared
      planned = calls
      readsBefore = reads()
      listener.stated(sync, compared, calls)
    },
    findings(listener, kind, context, keep) {
      let marks: DriftMark[] = []
      return {
        mending: kind,
        auditValues: context.settings.auditValues,
        async found(difference) {
          counts[difference.kind] += 1
          await listener.found(difference)
        },
        foundOwn(values) {
          ownValues += values
        },
        mark(mark) {
          if (kind !== undefined) marks.push(mark)
        },
        leave() {
          unmended += 1
        },
        miss(thing, count) {
          unknown[thing] += count
        },
        async keep({ rows = 0, links = 0 }) {
          const kept = marks
          marks = []
          await keep(kept)
          mended += kept.length
          for (const { rowId } of kept) {
            if (mendedRows.size <= maxRememberedRows) mendedRows.add(rowId)
          }
          done.rows += rows
          done.links += links
          listener.went(done)
          // Reading leaves nothing in the warehouse: what is not kept there is dropped here.
          if (kind === undefined) context.takeRequests()
          else await flushRequests(context, null)
        },
      }
    },
    report: (sync, runId) => ({
      ...described(sync),
      runId,
      status: 'succeeded',
      scope,
      done,
      calls: { planned, reads: reads() - readsBefore },
      counts,
      ownValues,
      mended,
      unmended,
      unknownRows: unknown.row,
      unknownLinks: unknown.link,
      mendedRows: [...mendedRows],
      problems: [],
      error: null,
      endsAll: false,
    }),
  }
}
