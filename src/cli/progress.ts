import type { SingleBar } from 'cli-progress'
import { linkTotals, type Plan } from '../plan/plan.ts'
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
  /** Syncs take turns: one that waits for its removals has its bar drawn anew. */
  let drawn: { readonly sync: string; readonly bar: SingleBar } | undefined
  const totals = new Map<string, number>()
  let lastLineMs = io.clock()
  const erase = () => {
    drawn?.bar.stop()
    drawn = undefined
  }
  const draw = (sync: string, total: number, sent: number, rejected: number) => {
    if (total === 0 || makeBar === undefined) return
    if (drawn?.sync === sync) return drawn.bar.update(Math.min(sent, total), { rejected })
    erase()
    const bar = makeBar(
      `          ${sync} {bar} {value}/{total} rows, {rejected} rejected, {eta_formatted} left`,
    )
    bar.start(total, Math.min(sent, total), { rejected })
    drawn = { sync, bar }
  }
  return {
    planned(plan) {
      const { create, upsert, update, clear, archive } = plan.operations
      const links = linkTotals(plan.links)
      const total = create + upsert + update + clear + archive + links.add + links.remove
      totals.set(plan.sync, total)
      lastLineMs = io.clock()
      erase()
      facts.started(plan)
      draw(plan.sync, total, 0, 0)
    },
    sent(sync, sent, rejected) {
      const total = totals.get(sync) ?? 0
      draw(sync, total, sent, rejected)
      if (drawn !== undefined || io.clock() - lastLineMs < plainLineEveryMs) return
      lastLineMs = io.clock()
      const message = `${sync}: ${numberOf(sent)} of ${countOf(total, 'row')} sent, ${numberOf(rejected)} rejected`
      log.event('SyncProgress', 'info', message, { sync, sent, total, rejected })
    },
    finished(report) {
      erase()
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
