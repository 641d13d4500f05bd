import { Presets, SingleBar } from 'cli-progress'
import type { Logger } from '../log.ts'
import type { Progress, SyncReport } from '../run/context.ts'
import type { Io } from './io.ts'

const plainLineEveryMs = 10_000

/** A bar on a terminal; elsewhere a plain line now and then. `finished` is called with each report. */
export function createProgress(
  io: Io,
  log: Logger,
  isQuiet: boolean,
  finished: (report: SyncReport) => void,
): Progress {
  let bar: SingleBar | undefined
  let total = 0
  let lastLineMs = io.clock()
  const stopBar = () => {
    bar?.stop()
    bar = undefined
  }
  return {
    planned(plan) {
      const { create, upsert, update, clear, archive } = plan.operations
      total = create + upsert + update + clear + archive
      if (total === 0 || isQuiet || !io.isTerminal) return
      bar = new SingleBar(
        {
          format: `          ${plan.sync} {bar} {value}/{total} rows, {rejected} rejected, {eta_formatted} left`,
          hideCursor: true,
          clearOnComplete: true,
          stream: process.stderr,
        },
        Presets.shades_classic,
      )
      bar.start(total, 0, { rejected: 0 })
    },
    sent(sync, sent, rejected) {
      bar?.update(Math.min(sent, total), { rejected })
      if (bar !== undefined || io.clock() - lastLineMs < plainLineEveryMs) return
      lastLineMs = io.clock()
      log.info(`${sync}: ${sent} of ${total} rows sent, ${rejected} rejected`)
    },
    finished(report) {
      stopBar()
      finished(report)
    },
  }
}
