import type { Channel, Notice, Outcome, Place } from './alert.ts'
import { sendEmail } from './email.ts'
import { sendPagerduty } from './pagerduty.ts'
import type { Delivery } from './post.ts'
import { sendSlack } from './slack.ts'
import { sendSms } from './sms.ts'
import { sendWebhook } from './webhook.ts'

/** Events of PagerDuty that one run sends at most; the next run goes on. */
const mostEvents = 50

/**
 * Tells notices through one channel: in one message where it has room for several.
 *
 * @returns what became of each, in order; never throws
 */
export async function sendNotices(
  channel: Channel,
  notices: readonly Notice[],
  place: Place,
  delivery: Delivery,
): Promise<readonly Outcome[]> {
  const forAll = async (sending: Promise<Outcome>) => {
    const outcome = await sending
    return notices.map(() => outcome)
  }
  switch (channel.kind) {
    case 'slack':
      return forAll(sendSlack(channel, notices, delivery))
    case 'email':
      return forAll(sendEmail(channel, notices, place, delivery))
    case 'sms':
      return forAll(sendSms(channel, notices, delivery))
    case 'webhook':
      return forAll(sendWebhook(channel, notices, place, delivery))
    case 'pagerduty':
      return Promise.all(
        notices.map((notice, index) =>
          index < mostEvents
            ? sendPagerduty(channel, notice, place, delivery)
            : { isTold: false as const, why: `more than ${mostEvents} at once` },
        ),
      )
  }
}
