import type { Channel, Notice, Outcome } from './alert.ts'
import { type Answer, byStatus, type Delivery, jsonOf, post } from './post.ts'
import { cut } from './words.ts'

/**
 * Slack: docs.slack.dev/reference/block-kit/blocks, docs.slack.dev/reference/methods/chat.postMessage (checked 2026-11). A message has at
 * most 50 blocks, a section 3,000 characters. All blocks together may hold about 13,000 characters, which the documentation does not say
 * (`msg_blocks_too_long`, slackapi/bolt-js issue 2509).
 */
const mostNotices = 20
const sectionCharacters = 2_900
const allCharacters = 12_000
const fallbackCharacters = 3_000

type SlackChannel = Extract<Channel, { kind: 'slack' }>

/** One message for all notices. */
export function sendSlack(
  channel: SlackChannel,
  notices: readonly Notice[],
  delivery: Delivery,
): Promise<Outcome> {
  const message = slackMessage(notices)
  const headers = { 'Content-Type': 'application/json; charset=utf-8' }
  if ('webhookUrl' in channel) {
    const request = { url: channel.webhookUrl, headers, body: JSON.stringify(message) }
    return post(request, delivery, judgeWebhook)
  }
  const { token, baseUrl } = channel
  const body = JSON.stringify({ channel: channel.channel, ...message })
  const url = `${baseUrl}/chat.postMessage`
  return post(
    { url, headers: { ...headers, Authorization: `Bearer ${token}` }, body },
    delivery,
    judgeCall,
  )
}

/** Text for notifications, and blocks for the channel. */
export function slackMessage(notices: readonly Notice[]) {
  const shown = notices.slice(0, mostNotices)
  const more = notices.length - shown.length
  const room = Math.min(sectionCharacters, Math.floor(allCharacters / shown.length))
  return {
    text: cut(escaped(notices.map(({ subject }) => subject).join('\n')), fallbackCharacters),
    blocks: [
      ...shown.flatMap((notice, index) => [
        ...(index === 0 ? [] : [{ type: 'divider' }]),
        { type: 'section', text: { type: 'mrkdwn', text: sectionText(notice, room) } },
      ]),
      ...(more > 0
        ? [{ type: 'section', text: { type: 'mrkdwn', text: `and ${more} more` } }]
        : []),
    ],
    unfurl_links: false,
    unfurl_media: false,
  }
}

const mark = { open: ':red_circle:', closed: ':large_green_circle:' } as const

function sectionText({ subject, text, status, trouble, words }: Notice, room: number): string {
  const sign = trouble === 'test' ? ':white_circle:' : mark[status]
  const command = words.command === null ? null : escaped(words.command)
  const body = escaped(text)
  // A line that is the command alone stands out.
  const lines = body.split('\n').map((line) => (line === command ? `\`${line}\`` : line))
  return cut(`${sign} *${escaped(subject).replaceAll('*', '∗')}*\n${lines.join('\n')}`, room)
}

/** In Slack's text `<` begins a link or a call to everybody (docs.slack.dev/messaging/formatting-message-text). */
const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

/** An incoming webhook answers in a word: `ok`, or what is wrong. */
function judgeWebhook(answer: Answer): Outcome {
  const outcome = byStatus(answer)
  if (outcome.isTold) return { isTold: true, answer: word(answer.text) ?? outcome.answer }
  return { isTold: false, why: withWord(outcome.why, word(answer.text)) }
}

/** Methods answer with 200 whatever happens; `ok` says what did. */
function judgeCall(answer: Answer): Outcome {
  const outcome = byStatus(answer)
  const { ok, error } = jsonOf(answer)
  if (!outcome.isTold) return { isTold: false, why: withWord(outcome.why, word(error)) }
  return ok === true
    ? { isTold: true, answer: 'ok' }
    : { isTold: false, why: word(error) ?? 'an answer that is not understood' }
}

const word = (text: unknown): string | undefined =>
  typeof text === 'string' && /^[\w -]{1,60}$/.test(text.trim()) ? text.trim() : undefined

const withWord = (why: string, said: string | undefined): string =>
  said === undefined ? why : `${why}: ${said}`
