import { createHash } from 'node:crypto'
import type { Alert, Trouble, Words } from './alert.ts'
import { type Finding, isFor } from './news.ts'

/**
 * How one trouble of a sync stands with one alert.
 *
 * - `status` is what is: `open` while the trouble lasts, else `closed`.
 * - `told` is what the channel knows; null: nothing. A message goes out when the two differ, and `told` follows once it was taken.
 */
export interface AlertState {
  readonly dedupKey: string
  readonly alert: string
  readonly sync: string | null
  readonly trouble: Trouble
  readonly status: 'open' | 'closed'
  readonly told: 'open' | 'closed' | null
  /** ISO 8601: since when `status` holds. */
  readonly since: string
  readonly words: Words
  readonly attempts: number
}

/** What is to be written down: how it stands now. */
export type AlertChange = Pick<
  AlertState,
  'dedupKey' | 'alert' | 'sync' | 'trouble' | 'status' | 'words'
>

/** Whether a message has to go out. That nothing is wrong is no news to whoever never heard of it. */
export const isUntold = ({ status, told }: Pick<AlertState, 'status' | 'told'>): boolean =>
  status !== (told ?? 'closed')

/**
 * What changes for one alert, and what it still has to tell from earlier runs.
 *
 * @param known its states so far
 * @returns those to write down; empty when nothing is new
 */
export function decide(
  alert: Pick<Alert, 'name' | 'when' | 'syncs'>,
  findings: readonly Finding[],
  known: readonly AlertState[],
  keyOf: (finding: Pick<Finding, 'sync' | 'trouble'>) => string,
): readonly AlertChange[] {
  const states = new Map(known.map((state) => [state.dedupKey, state]))
  const changes = new Map<string, AlertChange>()
  for (const state of known) {
    // What an alert is not to watch any more must not stay open for ever.
    const isWatched =
      alert.when.includes(state.trouble) && (state.sync === null || isFor(alert, state.sync))
    if (!isWatched && state.status === 'open')
      changes.set(state.dedupKey, ended(state, 'The alert was changed in backhaul.yml.'))
    else if (isUntold(state)) changes.set(state.dedupKey, state)
  }
  for (const { sync, trouble, status, words } of findings) {
    const dedupKey = keyOf({ sync, trouble })
    const state = states.get(dedupKey)
    if ((state?.status ?? 'closed') === status) {
      // Still the same, and not told yet: in the words of today.
      if (changes.has(dedupKey) && state !== undefined) changes.set(dedupKey, { ...state, words })
    } else changes.set(dedupKey, { dedupKey, alert: alert.name, sync, trouble, status, words })
  }
  return [...changes.values()]
}

/** A trouble that nobody looks for any more. */
export const ended = (state: AlertState, why: string): AlertChange => ({
  ...state,
  status: 'closed',
  words: {
    title: `${state.sync ?? 'backhaul run'}: ${state.trouble} is not watched any more`,
    what: [why],
    steps: [],
    command: null,
    runId: null,
  },
})

/** PagerDuty takes no longer one (developer.pagerduty.com, Events API v2, checked 2026-11). */
const longestKey = 255

/** The key under which a trouble is known, here and to the receiver: the same for every run. */
export function dedupKey(parts: readonly string[]): string {
  const key = ['backhaul', ...parts].join('/')
  if (key.length <= longestKey) return key
  const digest = createHash('sha256').update(key).digest('hex').slice(0, 16)
  return `${key.slice(0, longestKey - digest.length - 1)}-${digest}`
}
