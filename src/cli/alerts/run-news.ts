import type { News, Sign, SyncNews } from '../../alert/news.ts'
import type { LastThrough } from '../../record/alert-states.ts'
import type { RejectGroup } from '../../record/rejects.ts'
import type { SyncReport } from '../../run/context.ts'
import type { Failure } from '../failure.ts'
import {
  failureWords,
  guardWords,
  heldWords,
  recovered,
  rejectedWords,
  runFailureWords,
  type Setting,
  staleWords,
} from './alert-words.ts'

export interface RunFacts {
  readonly reports: readonly SyncReport[]
  /** Syncs that are held because of how dbt's build went, not because they were not in it. */
  readonly heldByFailure: ReadonlySet<string>
  readonly rejects: ReadonlyMap<string, readonly RejectGroup[]>
  /** What ended the run before its syncs were through; undefined: nothing did. */
  readonly failure: Failure | undefined
  /** Warehouse and HubSpot were asked, and answered. */
  readonly isReached: boolean
}

/** What a run says about each sync and itself. */
export function newsOfRun(facts: RunFacts, setting: Setting): News {
  const run = runSign(facts, setting)
  return {
    ...(run === undefined ? {} : { run }),
    syncs: facts.reports.map((report) => newsOfSync(report, facts, setting)),
  }
}

function runSign({ failure, isReached }: RunFacts, setting: Setting): Sign | undefined {
  if (failure !== undefined) return { isThere: true, words: runFailureWords(failure, setting) }
  return isReached ? { isThere: false, words: recovered.run() } : undefined
}

const there = (words: Sign['words']): Sign => ({ isThere: true, words })
const over = (words: Sign['words']): Sign => ({ isThere: false, words })

/** Nothing but rows that HubSpot or a check refused kept it from succeeding: that is a trouble of its own. */
const isThrough = ({ status, error }: SyncReport): boolean =>
  status === 'succeeded' || ['ROWS_REJECTED', 'LINKS_REJECTED'].includes(error?.category ?? '')

function newsOfSync(
  report: SyncReport,
  { heldByFailure, rejects }: RunFacts,
  setting: Setting,
): SyncNews {
  const { sync, status, counts, plan } = report
  if (isThrough(report)) {
    const parked = plan?.rows.parked ?? 0
    return {
      sync,
      failure: over(recovered.failure(report)),
      guard: over(recovered.guard(report)),
      ...(plan === null
        ? {}
        : {
            rejected: {
              count: counts.rejected + counts.linksRejected + parked,
              rowsInModel: plan.rows.inModel,
              beyond: rejectedWords(report, rejects.get(sync) ?? [], setting),
              within: recovered.rejected(report),
            },
          }),
    }
  }
  if (status === 'guarded') return { sync, guard: there(guardWords(report, setting)) }
  if (status === 'held') {
    // That its model was not in the build says nothing.
    return heldByFailure.has(sync) ? { sync, guard: there(heldWords(report, setting)) } : { sync }
  }
  // Whoever ended it knows; and what was not reached says nothing.
  if (status === 'aborted') return { sync }
  return { sync, failure: there(failureWords(report, setting)) }
}

/** How fresh syncs are, and which are not run any more. @param syncs those that are defined and enabled */
export function newsOfTime(
  {
    syncs,
    known,
    through,
    nowMs,
  }: {
    readonly syncs: readonly string[]
    /** Syncs that alerts know. */
    readonly known: readonly string[]
    readonly through: ReadonlyMap<string, LastThrough>
    readonly nowMs: number
  },
  setting: Setting,
): News {
  const gone = known.filter((name) => !syncs.includes(name))
  return {
    syncs: [
      ...syncs.flatMap((sync): readonly SyncNews[] => {
        const last = through.get(sync)
        if (last === undefined) return []
        const stale = (afterMs: number) => staleWords(sync, { ...last, afterMs, nowMs }, setting)
        return [{ sync, through: { atMs: last.atMs, stale, again: recovered.stale(sync) } }]
      }),
      ...gone.map((sync) => ({ sync, gone: recovered.gone(sync) })),
    ],
  }
}
