import type { SingleBar } from 'cli-progress'
import type { Plan } from '../plan/plan.ts'
import type { Progress, SyncReport } from '../run/context.ts'
import type { Io } from './io.ts'
import type { EventLogger } from './log-writer.ts'
import { countOf, numberOf } from './words.ts'

const plainLineEveryMs = 10_000

/** Makes a bar on standard error; loaded only where there is a terminal to draw on. */
export type MakeBar = (format: string) => SingleBar

export interface ProgressFacts {
  readonly io: Pick<Io, 'clock'>
  readonly log: EventLogger
  /** Undefined: no terminal, a quiet or a JSON log. */
  readonly makeBar: MakeBar | undefined
  readonly started: (plan: Plan) => void
  readonly finished: (report: SyncReport) => void
}

/** A bar on a terminal; elsewhere a plain line now and then. */
export function createProgress(facts: ProgressFacts): Progress {
  const { io, log, makeBar } = facts
  let bar: SingleBar | undefined
  let total = 0
  let lastLineMs = io.clock()
  return {
    planned(plan) {
      const { create, upsert, update, clear, archive } = plan.operations
      total = create + upsert + update + clear + archive
      lastLineMs = io.clock()
      facts.started(plan)
      if (total === 0 || makeBar === undefined) return
      bar = makeBar(
        `          ${plan.sync} {bar} {value}/{total} rows, {rejected} rejected, {eta_formatted} left`,
      )
      bar.start(total, 0, { rejected: 0 })
    },
    sent(sync, sent, rejected) {
      bar?.update(Math.min(sent, total), { rejected })
      if (bar !== undefined || io.clock() - lastLineMs < plainLineEveryMs) return
      lastLineMs = io.clock()
      const message = `${sync}: ${numberOf(sent)} of ${countOf(total, 'row')} sent, ${numberOf(rejected)} rejected`
      log.event('SyncProgress', 'info', message, { sync, sent, total, rejected })
    },
    finished(report) {
      bar?.stop()
      bar = undefined
      facts.finished(report)
    },
  }
}

/** The bar of a terminal; undefined elsewhere. */
export async function barMaker(io: Io, log: EventLogger): Promise<MakeBar | undefined> {
  const isQuiet = ['error', 'none'].includes(log.level)
  if (!io.isTerminal || isQuiet || log.format === 'json') return undefined
  const { Presets, SingleBar } = await import('cli-progress')
  return (format) =>
    new SingleBar(
      { format, hideCursor: true, clearOnComplete: true, stream: process.stderr },
      Presets.shades_classic,
    )
}
