import type { RunStatus } from '../../types.ts'
import type { ReportRun } from '../payload.ts'

/** `1,200`. */
export const numberOf = (count: number): string => count.toLocaleString('en-US')

/** `1 row`, `1,200 rows`. */
export function countOf(count: number, one: string, many = `${one}s`): string {
  return `${numberOf(count)} ${count === 1 ? one : many}`
}

/** `2026-11-26 13:41:05`, in UTC like the audit tables. */
export function momentOf(iso: string): string {
  const ms = Date.parse(iso)
  return Number.isNaN(ms) ? iso : new Date(ms).toISOString().slice(0, 19).replace('T', ' ')
}

/** `12 min`, `3 h`, `5 days` between two moments; a report is read later than it was made, so ages are those of then. */
export function ageOf(iso: string, nowIso: string): string {
  const minutes = Math.max(0, Math.round((Date.parse(nowIso) - Date.parse(iso)) / 60_000))
  if (Number.isNaN(minutes)) return 'at an unknown time'
  if (minutes === 0) return 'just before'
  if (minutes < 120) return `${minutes} min before`
  const hours = Math.round(minutes / 60)
  return hours < 72 ? `${hours} h before` : `${Math.round(hours / 24)} days before`
}

/** `850 ms`, `3.2 s`, `12 min`, `3 h 20 min`. */
export function durationOf(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`
  if (ms < 120_000) return `${(ms / 1000).toFixed(1)} s`
  const minutes = Math.round(ms / 60_000)
  if (minutes < 120) return `${minutes} min`
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

export function lengthOf(run: ReportRun): string | null {
  if (run.finishedAt === null) return null
  return durationOf(Math.max(0, Date.parse(run.finishedAt) - Date.parse(run.startedAt)))
}

/** How grave a word is; the page's colours are these. */
export type Tone = 'good' | 'warn' | 'bad' | 'calm' | 'busy'

const runTones: Readonly<Record<RunStatus, Tone>> = {
  planned: 'calm',
  running: 'busy',
  succeeded: 'good',
  partial: 'warn',
  failed: 'bad',
  aborted: 'bad',
  guarded: 'bad',
  held: 'warn',
}

export const runTone = (status: RunStatus): Tone => runTones[status] ?? 'calm'

const outcomeTones: Readonly<Record<string, Tone>> = {
  succeeded: 'good',
  rejected: 'bad',
  parked: 'bad',
  unknown: 'warn',
  pending: 'warn',
  sending: 'busy',
}

/** Of an outcome of a change, and of a status of a row. */
export const outcomeTone = (word: string): Tone => outcomeTones[word] ?? 'calm'

/** What a run's status asks of whoever reads it. */
const statusAdvice: Readonly<Record<RunStatus, string>> = {
  planned: 'Nothing has been sent. The next start throws this run away.',
  running: 'May have sent something. If its process is gone, the next run finishes its books.',
  succeeded: 'Every row has its outcome.',
  partial: 'Rows are left for the next run, or too many were rejected: see its problems.',
  failed: 'Ended by an error before anything was sent.',
  aborted: 'Stopped. What was sent is recorded; the next run sends the rest.',
  guarded:
    'A guard stopped it; nothing was written to HubSpot. `backhaul plan` shows what it would do.',
  held: 'The last dbt build did not bring the model out well: build it, then run again.',
}

export const adviceOf = (status: RunStatus): string => statusAdvice[status] ?? ''

/** In the order in which charts stack them and sentences name them. */
const counted: readonly (readonly [name: string, one: string, several: string])[] = [
  ['created', 'created', 'created'],
  ['updated', 'updated', 'updated'],
  ['sent', 'sent', 'sent'],
  ['added', 'added', 'added'],
  ['removed', 'removed', 'removed'],
  ['cleared', 'cleared', 'cleared'],
  ['archived', 'archived', 'archived'],
  ['linksAdded', 'linked', 'linked'],
  ['linksRemoved', 'unlinked', 'unlinked'],
  ['skipped', 'skipped', 'skipped'],
  ['left', 'left', 'left'],
  ['returned', 'returned', 'returned'],
  ['waiting', 'waiting', 'waiting'],
  ['pending', 'pending', 'pending'],
  ['unknown', 'unknown', 'unknown'],
  ['linksWaiting', 'link waiting', 'links waiting'],
  ['linksPending', 'link pending', 'links pending'],
  ['rejected', 'rejected', 'rejected'],
  ['parked', 'parked', 'parked'],
  ['linksRejected', 'link rejected', 'links rejected'],
]

const countWords = new Map(counted.map(([name, one, several]) => [name, [one, several] as const]))

/** What a count of a run counts, in words: `linksAdded` are `linked`. */
export const countWord = (name: string, count = 2): string =>
  countWords.get(name)?.[count === 1 ? 0 : 1] ?? name

/** The counts that are not zero, in the order of the words. */
export function countsOf(run: ReportRun): readonly (readonly [name: string, count: number])[] {
  const order = counted.map(([name]) => name)
  const rank = (name: string) => (order.includes(name) ? order.indexOf(name) : order.length)
  return Object.entries(run.counts)
    .filter(([, count]) => count > 0)
    .sort(([a], [b]) => rank(a) - rank(b))
}

/** `12 created, 3 updated, 1 rejected`. */
export function countsText(run: ReportRun): string {
  const texts = countsOf(run).map(([name, count]) => `${numberOf(count)} ${countWord(name, count)}`)
  if (texts.length > 0) return texts.join(', ')
  return run.status === 'succeeded' ? 'nothing to send' : ''
}

/** `4 write calls (3 planned), 2 reads`. */
export function callsText(run: ReportRun): string {
  const isAsPlanned = run.callsPlanned === null || run.callsPlanned === run.callsMade
  const planned = isAsPlanned ? '' : ` (${numberOf(run.callsPlanned ?? 0)} planned)`
  return `${countOf(run.callsMade, 'write call')}${planned}, ${countOf(run.readsMade, 'read')}`
}
