import { linkTotals, type Plan } from '../../plan/plan.ts'
import type { Progress, SyncReport } from '../../run/context.ts'
import type { Io } from '../command-line/io.ts'
import type { EventLogger } from '../command-line/log-writer.ts'
import type { Paint } from './paint.ts'
import {
  type CallPace,
  expectedEnd,
  progressLine,
  progressText,
  type SyncPace,
} from './progress-line.ts'

const redrawEveryMs = 500
/** Batches may end faster than anybody can read. */
const redrawAtMostEveryMs = 100
/** From so much work on, what was done says more about the end than the plan. */
const tellingMs = 2000
/** Below them there has to be room for the log. */
const mostLines = 8

export interface ProgressFacts {
  readonly io: Pick<Io, 'clock' | 'pin' | 'logColumns'>
  readonly log: EventLogger
  readonly paint: Paint
  /** Whether lines can be kept at the bottom of the log, and are wanted there. */
  readonly drawsBars: boolean
  /** Between the lines of a sync where there are no bars; 0: no lines. */
  readonly lineEveryMs: number
  /** Calls back again and again until it is stopped; keeps no process alive. */
  readonly every: (ms: number, work: () => void) => () => void
  readonly rate: () => CallPace
  /** Seconds that a plan takes at the portal's limits; 0: too few to say. */
  readonly secondsFor: (plan: Plan) => number
  readonly started: (plan: Plan, expectedSeconds: number) => void
  readonly finished: (report: SyncReport) => void
}

/** A sync that is under way. Syncs take turns: its time counts while nobody else has one. */
interface Course {
  readonly total: number
  readonly expectedSeconds: number
  sent: number
  rejected: number
  activeMs: number
  /** What the last line said. */
  told: string
}

/** Bars on a terminal, one per sync that is under way; elsewhere a plain line per sync now and then. */
export function createProgress(facts: ProgressFacts): Progress {
  const { io, log, rate, drawsBars, lineEveryMs } = facts
  const courses = new Map<string, Course>()
  let active = ''
  let sinceMs = io.clock()
  let drawnMs = Number.NEGATIVE_INFINITY
  let stop: (() => void) | undefined

  const spend = () => {
    const nowMs = io.clock()
    const course = courses.get(active)
    if (course !== undefined) course.activeMs += Math.max(0, nowMs - sinceMs)
    sinceMs = nowMs
  }
  const turnTo = (sync: string) => {
    spend()
    active = sync
  }
  const paces = ({ pausedMs }: CallPace): readonly SyncPace[] => {
    spend()
    return [...courses].map(([sync, course]) => ({
      sync,
      sent: course.sent,
      total: course.total,
      rejected: course.rejected,
      secondsLeft: secondsLeft(course, pausedMs),
      isActive: sync === active,
    }))
  }
  const draw = () => {
    drawnMs = io.clock()
    const pace = rate()
    io.pin(linesOf(paces(pace), pace, io.logColumns(), facts.paint))
  }
  const tell = () => {
    const pace = rate()
    for (const one of paces(pace)) {
      const course = courses.get(one.sync)
      const told = `${one.sent} ${one.rejected}`
      // One that waits for the others has nothing new to say.
      if (course === undefined || (!one.isActive && course.told === told)) continue
      course.told = told
      const { isActive, secondsLeft: seconds, ...data } = one
      log.event('SyncProgress', 'info', progressText(one, pace, io.clock()), {
        ...data,
        calls: { ...pace },
        secondsLeft: seconds === undefined ? null : Math.round(seconds),
        expectedEnd: seconds === undefined ? null : expectedEnd(seconds, io.clock()),
      })
    }
  }
  const begin = () => {
    if (stop !== undefined) return
    if (drawsBars) stop = facts.every(redrawEveryMs, draw)
    else if (lineEveryMs > 0) stop = facts.every(lineEveryMs, tell)
  }
  return {
    planned(plan) {
      turnTo(plan.sync)
      const expectedSeconds = facts.secondsFor(plan)
      facts.started(plan, expectedSeconds)
      const total = operationsOf(plan)
      if (total === 0) return
      courses.set(plan.sync, {
        total,
        expectedSeconds,
        sent: 0,
        rejected: 0,
        activeMs: 0,
        told: '',
      })
      begin()
      if (drawsBars) draw()
    },
    sent(sync, sent, rejected) {
      const course = courses.get(sync)
      if (course === undefined) return
      turnTo(sync)
      course.sent = Math.min(sent, course.total)
      course.rejected = rejected
      if (drawsBars && io.clock() - drawnMs >= redrawAtMostEveryMs) draw()
    },
    finished(report) {
      spend()
      const wasShown = courses.delete(report.sync)
      if (drawsBars && wasShown) draw()
      if (courses.size === 0) {
        stop?.()
        stop = undefined
      }
      facts.finished(report)
    },
  }
}

/** Everything of a plan that ends in an outcome. */
export function operationsOf({ operations, links }: Plan): number {
  const { create, upsert, update, send, add, remove, clear, archive } = operations
  const linked = linkTotals(links)
  const ofRows = create + upsert + update + send + add + remove + clear + archive
  return ofRows + linked.add + linked.remove
}

/** @param pausedMs until then nothing is sent */
function secondsLeft(course: Course, pausedMs: number): number | undefined {
  const { sent, total, activeMs, expectedSeconds } = course
  if (sent > 0 && activeMs >= tellingMs) {
    return (((total - sent) * activeMs) / sent + pausedMs) / 1000
  }
  if (expectedSeconds <= 0) return undefined
  return Math.max(1, expectedSeconds - activeMs / 1000) + pausedMs / 1000
}

function linesOf(
  paces: readonly SyncPace[],
  rate: CallPace,
  columns: number,
  paint: Paint,
): readonly string[] {
  const first = paces.filter(({ isActive }) => isActive)
  const rest = paces.filter(({ isActive }) => !isActive)
  const shown = [...rest.slice(0, mostLines - first.length), ...first]
  const nameWidth = Math.max(0, ...shown.map(({ sync }) => sync.length))
  const more = paces.length - shown.length
  return [
    ...(more > 0 ? [paint.dim(`… and ${more} more`)] : []),
    ...shown.map((pace) => progressLine(pace, rate, nameWidth, columns, paint)),
  ]
}
