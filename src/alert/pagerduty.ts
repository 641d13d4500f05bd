import type { Channel, Notice, Outcome, Place, Severity } from './alert.ts'
import { type Answer, byStatus, type Delivery, jsonOf, post } from './post.ts'
import { cut, oneLine } from './words.ts'

/**
 * PagerDuty, Events API v2: developer.pagerduty.com/docs/send-alert-event (checked 2026-11). An event is one alert; a summary has at most
 * 1,024 characters. Events of one `dedup_key` are one incident, so that a repeat does no harm.
 */
const summaryCharacters = 1_024
const detailCharacters = 4_000

type PagerdutyChannel = Extract<Channel, { kind: 'pagerduty' }>

/** One event per notice. A test is resolved at once. */
export async function sendPagerduty(
  channel: PagerdutyChannel,
  notice: Notice,
  place: Place,
  delivery: Delivery,
): Promise<Outcome> {
  const outcome = await enqueue(channel, pagerdutyEvent(channel, notice, place), delivery)
  if (notice.trouble !== 'test' || !outcome.isTold) return outcome
  return enqueue(channel, pagerdutyEvent(channel, { ...notice, status: 'closed' }, place), delivery)
}

function enqueue(
  { baseUrl }: PagerdutyChannel,
  event: unknown,
  delivery: Delivery,
): Promise<Outcome> {
  const headers = { 'Content-Type': 'application/json' }
  const message = { url: `${baseUrl}/v2/enqueue`, headers, body: JSON.stringify(event) }
  return post(message, delivery, judge)
}

/** The body of a request. A resolve needs nothing but the key. */
export function pagerdutyEvent(
  { routingKey, severity }: Pick<PagerdutyChannel, 'routingKey' | 'severity'>,
  notice: Notice,
  { project, target, portalId }: Place,
) {
  const { dedupKey, sync, trouble, status, since, words } = notice
  const head = { routing_key: routingKey, dedup_key: dedupKey }
  if (status === 'closed') return { ...head, event_action: 'resolve' }
  return {
    ...head,
    event_action: 'trigger',
    client: 'Backhaul',
    payload: {
      summary: cut(notice.subject, summaryCharacters),
      source: `${project}/${target}`,
      severity: severity ?? severities[trouble],
      timestamp: since,
      component: sync ?? 'run',
      group: project,
      class: trouble,
      custom_details: {
        what: cut(words.what.join('\n'), detailCharacters),
        to_do: cut(words.steps.join('\n'), detailCharacters),
        command: words.command,
        text: cut(notice.text, detailCharacters),
        run_id: words.runId,
        portal_id: portalId,
      },
    },
  }
}

const severities: Readonly<Record<Notice['trouble'], Severity>> = {
  failure: 'error',
  guard: 'error',
  rejected: 'warning',
  stale: 'warning',
  test: 'info',
}

/** 202 takes the event; 400 says in `errors` what is wrong with it. */
function judge(answer: Answer): Outcome {
  const outcome = byStatus(answer)
  if (outcome.isTold) return outcome
  const { errors, message } = jsonOf(answer)
  const [said] = [errors, message].flat().filter((text) => typeof text === 'string')
  return {
    isTold: false,
    why: said === undefined ? outcome.why : `${outcome.why}: ${cut(oneLine(said), 200)}`,
  }
}
