import { stripVTControlCharacters } from 'node:util'
import type { Paint } from './paint.ts'
import { countOf, durationOf, numberOf } from './words.ts'

/** How far a sync is. */
export interface SyncPace {
  readonly sync: string
  readonly sent: number
  readonly total: number
  readonly rejected: number
  /** Undefined: not known yet. */
  readonly secondsLeft: number | undefined
  /** False: other syncs have their turn. */
  readonly isActive: boolean
}

/** How much of the portal's limit is in use. */
export interface CallPace {
  readonly what: 'calls' | 'searches' | 'events'
  readonly used: number
  readonly allowed: number
  readonly intervalMs: number
  /** HubSpot refused a call for the limit: the next one starts after so long. */
  readonly pausedMs: number
}

/** `87 of 190 calls per 10 s`; where HubSpot has refused a call for its limit, when it goes on. */
const rateText = ({ what, used, allowed, intervalMs, pausedMs }: CallPace): string => {
  if (pausedMs > 0)
    return `limited by HubSpot, on again in ${durationOf(Math.ceil(pausedMs / 1000))}`
  const words = { calls: 'calls', searches: 'searches', events: 'calls for events' }
  return `${numberOf(used)} of ${numberOf(allowed)} ${words[what]} per ${intervalMs / 1000} s`
}

const barWidths = { least: 10, most: 30 } as const
const longestName = 24
const longestShare = 0.4

/**
 * A sync's line on a terminal, narrower than the terminal. What there is no room for is left out, the least important first;
 * where nothing fits, the line is cut.
 *
 * @param nameWidth of the longest name beside it
 */
export function progressLine(
  pace: SyncPace,
  rate: CallPace,
  nameWidth: number,
  columns: number,
  paint: Paint,
): string {
  const room = Math.max(1, columns - 1)
  const { sent, total, rejected, secondsLeft, isActive } = pace
  const width = Math.min(nameWidth, longestName, Math.max(4, Math.floor(room * longestShare)))
  const name = cut(pace.sync, width).padEnd(width)
  const rows = `${numberOf(sent)} of ${countOf(total, 'row')}`
  const bad = rejected > 0 ? [paint.red(`${numberOf(rejected)} rejected`)] : []
  const left =
    !isActive || secondsLeft === undefined
      ? []
      : [`${durationOf(Math.max(1, Math.round(secondsLeft)))} left`]
  const now = isActive ? [paint.dim(rateText(rate))] : [paint.dim('waits for other syncs')]
  const share = total === 0 ? 0 : sent / total
  const percent = `${Math.floor(share * 100)}%`
  const choices = [
    [rows, ...bad, ...left, ...now],
    [rows, ...bad, ...left],
    [rows, ...bad],
    [percent, ...bad],
    [percent],
  ]
  for (const facts of choices) {
    const rest = facts.join(', ')
    const bar = room - width - stripVTControlCharacters(rest).length - 2
    if (bar < barWidths.least) continue
    return `${name} ${barOf(share, Math.min(bar, barWidths.most), paint)} ${rest}`
  }
  return cut(`${percent} ${name.trimEnd()}`, room)
}

function barOf(share: number, width: number, paint: Paint): string {
  const full = Math.floor(share * width)
  return `${paint.green('█'.repeat(full))}${paint.dim('░'.repeat(width - full))}`
}

const cut = (text: string, width: number): string =>
  text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`

/** The same where there is no terminal: `contacts: 190 of 500 rows sent (38%), 3 rejected, …`. */
export function progressText(pace: SyncPace, rate: CallPace, nowMs: number): string {
  const { sync, sent, total, rejected, secondsLeft } = pace
  const facts = [
    `${numberOf(sent)} of ${countOf(total, 'row')} sent (${total === 0 ? 0 : Math.floor((sent / total) * 100)}%)`,
    `${numberOf(rejected)} rejected`,
    rateText(rate),
    ...(secondsLeft === undefined
      ? []
      : [
          `${durationOf(Math.max(1, Math.round(secondsLeft)))} left, ends about ${endText(secondsLeft, nowMs)}`,
        ]),
  ]
  return `${sync}: ${facts.join(', ')}`
}

const daySeconds = 86_400

/** In UTC, as the log has it; with the day where the time alone would be taken for today's. */
const endText = (secondsLeft: number, nowMs: number): string =>
  expectedEnd(secondsLeft, nowMs)
    .slice(secondsLeft < daySeconds ? 11 : 0, 19)
    .replace('T', ' ')

/** A limit that was read wrongly gives any number: no moment is later. */
const longestSeconds = 1_000_000_000

/** ISO 8601. */
export const expectedEnd = (secondsLeft: number, nowMs: number): string =>
  new Date(nowMs + Math.min(longestSeconds, Math.round(secondsLeft)) * 1000).toISOString()
