import type { Progress, SyncReport } from './context.ts'

/** What became of the syncs of a run, each told once, as it ends. */
export interface RunReports {
  readonly add: (entry: SyncReport) => void
  readonly has: (syncName: string) => boolean
  /** Some sync has not succeeded. */
  readonly hasTrouble: () => boolean
}

export function openReports(progress: Progress): RunReports {
  const reports = new Map<string, SyncReport>()
  return {
    add: (entry) => {
      reports.set(entry.sync, entry)
      progress.finished(entry)
    },
    has: (syncName) => reports.has(syncName),
    hasTrouble: () => [...reports.values()].some(({ status }) => status !== 'succeeded'),
  }
}
