import type { Channel, Notice, Outcome } from './alert.ts'
import { type Answer, byStatus, type Delivery, jsonOf, post } from './post.ts'
import { cut } from './words.ts'

/**
 * Twilio, Messages resource: www.twilio.com/docs/messaging/api/message-resource (checked 2026-11). A body has at most 1,600 characters, of
 * which some outside of GSM 03.38 count more than once (error 21617): only plain ones are sent, unless a template is in another script.
 */
const bodyCharacters = 1_600
const foreignCharacters = bodyCharacters / 2
const foreignLetter = /(?=\p{L})[^\p{Script=Latin}\p{Script=Common}\p{Script=Inherited}]/u

type SmsChannel = Extract<Channel, { kind: 'sms' }>

/** One message per recipient. It is told when one of them gets it: the others must not be sent it again by every run. */
export async function sendSms(
  channel: SmsChannel,
  notices: readonly Notice[],
  delivery: Delivery,
): Promise<Outcome> {
  const { accountSid, username, password, sender, to, baseUrl } = channel
  const body = smsBody(notices)
  const outcomes = await Promise.all(
    to.map((number) =>
      post(
        {
          url: `${baseUrl}/2010-04-01/Accounts/${encodeURIComponent(accountSid)}/Messages.json`,
          headers: {
            'Content-Type': 'application/x-www-form-urlencoded',
            Authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`,
          },
          body: new URLSearchParams({ To: number, ...sender, Body: body }).toString(),
        },
        delivery,
        judge,
      ),
    ),
  )
  return together(outcomes)
}

/** What is told when some recipients of several got a message. */
export function together(outcomes: readonly Outcome[]): Outcome {
  const failed = outcomes.flatMap((outcome) => (outcome.isTold ? [] : [outcome.why]))
  const [why] = failed
  const taken = outcomes.find(({ isTold }) => isTold)
  if (why === undefined || taken === undefined) {
    return taken ?? { isTold: false, why: why ?? 'there is no recipient' }
  }
  const count = `${outcomes.length - failed.length} of ${outcomes.length}`
  return { isTold: true, answer: `${count} recipients; the first of the others: ${why}` }
}

/** Subjects, and where there is one notice only, what happened and the command. */
export function smsBody(notices: readonly Notice[]): string {
  const [only, other] = notices
  const text =
    only !== undefined && other === undefined
      ? [only.subject, only.text].join('\n')
      : notices.map(({ subject }) => `- ${subject}`).join('\n')
  if (foreignLetter.test(text)) return cut(text, foreignCharacters)
  const simple = plain(text)
  return simple.length <= bodyCharacters ? simple : `${simple.slice(0, bodyCharacters - 3)}...`
}

/** Characters that cost the same everywhere. */
function plain(text: string): string {
  return cut(text, 10_000)
    .normalize('NFKD')
    .replaceAll('…', '...')
    .replaceAll(/[·•]/g, '-')
    .replaceAll(/[^\n\x20-\x7e]/g, '')
    .replaceAll('`', "'")
}

/** An error has a number of Twilio's; its words may quote a phone number. */
function judge(answer: Answer): Outcome {
  const outcome = byStatus(answer)
  const { sid, status, code } = jsonOf(answer)
  if (outcome.isTold) {
    const isNamed = [sid, status].every(
      (said) => typeof said === 'string' && /^\w{1,40}$/.test(said),
    )
    return isNamed ? { isTold: true, answer: `${status} (${sid})` } : outcome
  }
  if (typeof code !== 'number') return outcome
  return {
    isTold: false,
    why: `${outcome.why}, Twilio error ${code}: https://www.twilio.com/docs/api/errors/${code}`,
  }
}
