import type { Alert, Threshold, Trouble, Words } from './alert.ts'

/** What a run says about one trouble of a sync: that it is there, and in which words; or that it is not. */
export type Sign =
  | { readonly isThere: true; readonly words: Words }
  | { readonly isThere: false; readonly words: Words }

/** What is known of a sync after a run. What is absent, nobody knows: it stays as it was. */
export interface SyncNews {
  readonly sync: string
  readonly failure?: Sign
  readonly guard?: Sign
  readonly rejected?: {
    readonly count: number
    readonly rowsInModel: number | null
    /** Beyond what an alert lets pass, or within it. */
    readonly beyond: Words
    readonly within: Words
  }
  readonly through?: {
    /** When a run last got through, or the first began when none did; milliseconds since the epoch. */
    readonly atMs: number
    readonly stale: (afterMs: number) => Words
    readonly again: Words
  }
  /** The sync is not run any more: whatever was wrong with it is over. */
  readonly gone?: Words
}

export interface News {
  /** The run as a whole. */
  readonly run?: Sign
  readonly syncs: readonly SyncNews[]
}

/** What an alert has to know of one trouble of one sync. */
export interface Finding {
  readonly sync: string | null
  readonly trouble: Trouble
  readonly status: 'open' | 'closed'
  readonly words: Words
}

/**
 * What the news are for one alert: by its choice of syncs and troubles, and by its limits.
 *
 * @param nowMs the moment by which a sync is stale
 */
export function findingsFor(alert: Alert, news: News, nowMs: number): readonly Finding[] {
  const findings: Finding[] = []
  const add = (sync: string | null, trouble: Trouble, sign: Sign | undefined) => {
    if (sign === undefined || !alert.when.includes(trouble)) return
    findings.push({ sync, trouble, status: sign.isThere ? 'open' : 'closed', words: sign.words })
  }
  add(null, 'failure', news.run)
  for (const one of news.syncs) {
    if (!isFor(alert, one.sync)) continue
    const { gone } = one
    if (gone !== undefined) {
      for (const trouble of alert.when) add(one.sync, trouble, { isThere: false, words: gone })
      continue
    }
    add(one.sync, 'failure', one.failure)
    add(one.sync, 'guard', one.guard)
    add(one.sync, 'rejected', rejectedSign(alert.rejectedAbove, one))
    add(one.sync, 'stale', staleSign(alert.staleAfterMs, one, nowMs))
  }
  return findings
}

/** Whether an alert is about a sync. */
export const isFor = ({ syncs }: Pick<Alert, 'syncs'>, name: string): boolean =>
  syncs === undefined || syncs.some((pattern) => isLike(name, pattern))

function isLike(name: string, pattern: string): boolean {
  const parts = pattern.split('*').map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${parts.join('.*')}$`, 's').test(name)
}

function rejectedSign(above: Threshold, { rejected }: SyncNews): Sign | undefined {
  if (rejected === undefined) return undefined
  const { count, rowsInModel, beyond, within } = rejected
  const limit = 'rows' in above ? above.rows : ((rowsInModel ?? 0) * above.percent) / 100
  return count > limit ? { isThere: true, words: beyond } : { isThere: false, words: within }
}

function staleSign(
  afterMs: number | undefined,
  { through }: SyncNews,
  nowMs: number,
): Sign | undefined {
  if (afterMs === undefined || through === undefined) return undefined
  return nowMs - through.atMs > afterMs
    ? { isThere: true, words: through.stale(afterMs) }
    : { isThere: false, words: through.again }
}
