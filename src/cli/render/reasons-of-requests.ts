import type { ReasonText } from './reason-text.ts'

const notSent: ReasonText = {
  meaning: 'the run ended before the row was sent',
  advice: 'Run again: the next run sends it.',
}

const faultOfHubspot = (meaning: string): ReasonText => ({
  meaning,
  advice:
    'Run again; if it stays, ask HubSpot with the correlation id that `backhaul show` prints.',
})

/** What became of a request, or kept it from being made. */
export const requestReasons: Readonly<Record<string, ReasonText>> = {
  not_sent: notSent,
  not_written: notSent,
  interrupted: notSent,
  retry_asked: {
    meaning: 'was parked, and `backhaul retry` asked for another try',
    advice: 'Run again: the next run sends it.',
  },
  resend_asked: {
    meaning: 'was unknown, and `backhaul resolve --resend` said that HubSpot does not have it',
    advice: 'Run again: the next run sends it.',
  },
  call_budget: {
    meaning: 'the run has used the calls that max_calls_per_run allows',
    advice: 'The next run goes on; raise max_calls_per_run in backhaul.yml if it is too low.',
  },
  answer_lost: {
    meaning: "HubSpot's answer was lost, and the record may have been written",
    advice: 'The next run sends its values again.',
  },
  maybe_created: {
    meaning: 'the record may have been made, and nobody knows whether it is the one that is there',
    advice: "Look in HubSpot which record is the row's, then tell: backhaul resolve.",
  },
  not_accounted_for: faultOfHubspot("HubSpot's answer does not mention the record"),
  incomplete_answer: faultOfHubspot("HubSpot's answer is incomplete"),
  internal_error: faultOfHubspot('HubSpot failed while it worked on the record'),
  service_unavailable: faultOfHubspot('HubSpot was not available for the record'),
  rate_limit: faultOfHubspot('more than HubSpot allows at a time'),
  rate_limits: faultOfHubspot('more than HubSpot allows at a time'),
  oauth_refused: {
    meaning: 'HubSpot refuses the OAuth app or its refresh token',
    advice:
      'Check `hubspot.oauth` in backhaul.yml; `backhaul auth login` gets a new refresh token.',
  },
  object_already_exists: {
    meaning: 'HubSpot already has a record with one of these unique values',
    advice: 'Use mode upsert, or correct the value in the model.',
  },
  object_not_found: {
    meaning: 'HubSpot has no such record any more',
    advice: 'Mode upsert makes it again; mode update leaves it alone.',
  },
  object_type_unknown: {
    meaning: 'HubSpot has no such object type',
    advice: 'Check `object:` of the sync, and the scopes of the token.',
  },
  defect: {
    meaning: 'a mistake in Backhaul ended the request',
    advice: 'Please report it; the next run finds out what was written.',
  },
}
