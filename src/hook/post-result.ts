import type { Logger } from '../log.ts'
import type { Sleep } from '../types.ts'
import type { DoneJob } from './queue.ts'

/** Where results go. */
export interface ResultPost {
  readonly url: string
  /** Whether runs that came out well are told, too. */
  readonly on: 'all' | 'failures'
}

export const isToldAbout = (post: ResultPost | undefined, outcome: DoneJob['outcome']): boolean =>
  post !== undefined && (post.on === 'all' ? outcome !== 'skipped' : isTrouble(outcome))

const isTrouble = (outcome: DoneJob['outcome']): boolean =>
  outcome === 'failed' || outcome === 'partial'

const attempts = 4
const timeoutMs = 10_000

/**
 * Tells a result by a POST of JSON that Slack, and what understands Slack's form (Mattermost, Rocket.Chat, Teams' workflows with
 * `text`), shows as it is; others also find the job in it. Slack itself takes nothing beside its own keys.
 *
 * @returns false when it was not taken; never throws, for the run is over whatever becomes of this
 */
export async function postResult(
  { url }: ResultPost,
  job: DoneJob,
  {
    log,
    sleep,
    signal,
    pauseMs = 1_000,
  }: {
    readonly log: Logger
    readonly sleep: Sleep
    readonly signal: AbortSignal
    readonly pauseMs?: number
  },
): Promise<boolean> {
  const body = JSON.stringify(bodyFor(url, job))
  for (let attempt = 1; attempt <= attempts && !signal.aborted; attempt++) {
    const refusal = await tryPost(url, body, signal)
    if (refusal === undefined) return true
    const { why, isFinal, waitMs } = refusal
    log.warn(`The result of run ${job.runId} could not be posted: ${why}`, { attempt })
    if (isFinal || attempt === attempts) break
    const pause = Math.min(Math.max(pauseMs * 4 ** (attempt - 1), waitMs), 60_000)
    await sleep(pause, signal).catch(() => {})
  }
  return false
}

/** Slack takes nothing beside its own keys, and in its text `<` begins a link or a call to everybody. */
export function bodyFor(
  url: string,
  job: DoneJob,
): { readonly text: string; readonly job?: Omit<DoneJob, 'posted'> } {
  const text = resultText(job)
  if (new URL(url).hostname === 'hooks.slack.com') {
    return {
      text: text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;'),
    }
  }
  const { posted: _, ...told } = job
  return { text, job: told }
}

interface Refusal {
  readonly why: string
  readonly isFinal: boolean
  readonly waitMs: number
}

/** The URL is a secret, and is not told. */
async function tryPost(
  url: string,
  body: string,
  signal: AbortSignal,
): Promise<Refusal | undefined> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'User-Agent': 'backhaul' },
      body,
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    })
    await response.body?.cancel()
    if (response.ok) return undefined
    const { status } = response
    const waitMs = Number(response.headers.get('retry-after') ?? 0) * 1000 || 0
    return {
      why: `HTTP ${status}`,
      isFinal: status < 500 && status !== 429 && status !== 408,
      waitMs,
    }
  } catch {
    return { why: 'no answer', isFinal: false, waitMs: 0 }
  }
}

const words: Readonly<Record<DoneJob['outcome'], string>> = {
  succeeded: 'Synced to HubSpot',
  partial: 'Synced to HubSpot in part',
  failed: 'Not synced to HubSpot',
  skipped: 'Nothing to sync to HubSpot',
}

/** One line, and one for each sync that did not come out well. */
export function resultText(job: DoneJob): string {
  const { outcome, jobName, jobId, runId, syncs, why } = job
  const name = jobName === '' ? `job ${jobId}` : jobName
  const sent = syncs.reduce((sum, sync) => sum + sync.sent, 0)
  const rows =
    outcome === 'skipped' || syncs.length === 0
      ? ''
      : `, ${sent} ${sent === 1 ? 'row' : 'rows'} sent`
  const troubled = syncs.filter(({ status, rejected }) => status !== 'succeeded' || rejected > 0)
  return [
    `${words[outcome]}: ${name}, dbt run ${runId}${rows}${why === null ? '' : ` (${why})`}`,
    ...troubled
      .slice(0, 20)
      .map(
        ({ sync, status, rejected }) =>
          `• ${sync}: ${status}${rejected > 0 ? `, ${rejected} rejected` : ''}`,
      ),
    ...(troubled.length > 20 ? [`• and ${troubled.length - 20} more`] : []),
  ].join('\n')
}
