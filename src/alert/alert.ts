/** What an alert is made of. Types only. */

/** What can be wrong with a sync, or (`failure` only) with a run as a whole. */
export type Trouble = 'failure' | 'rejected' | 'guard' | 'stale'

/** Where messages go, with all that it takes to get there. */
export type Channel =
  | { readonly kind: 'slack'; readonly webhookUrl: string }
  | {
      readonly kind: 'slack'
      readonly token: string
      readonly channel: string
      readonly baseUrl: string
    }
  | {
      readonly kind: 'pagerduty'
      readonly routingKey: string
      readonly baseUrl: string
      /** Absent: by what is wrong. */
      readonly severity?: Severity
    }
  | {
      readonly kind: 'email'
      readonly host: string
      readonly port: number
      readonly tls: 'starttls' | 'implicit' | 'none'
      readonly login?: { readonly username: string; readonly password: string }
      readonly from: string
      readonly to: readonly string[]
    }
  | {
      readonly kind: 'sms'
      readonly accountSid: string
      readonly username: string
      readonly password: string
      /** Form fields that say who sends. */
      readonly sender: Readonly<Record<string, string>>
      readonly to: readonly string[]
      readonly baseUrl: string
    }
  | { readonly kind: 'webhook'; readonly url: string; readonly secret?: string }

export type Severity = 'critical' | 'error' | 'warning' | 'info'

/** A number of rows, or percent of the rows in the model. */
export type Threshold = { readonly rows: number } | { readonly percent: number }

/** An entry of `alerts:` of backhaul.yml. */
export interface Alert {
  readonly name: string
  readonly channel: Channel
  readonly when: readonly Trouble[]
  /** The end of a trouble is told, too. */
  readonly tellsRecovery: boolean
  readonly rejectedAbove: Threshold
  readonly staleAfterMs?: number
  /** Names of syncs, with `*`; absent: all. */
  readonly syncs?: readonly string[]
  readonly targets: readonly string[]
  readonly template: { readonly subject?: string; readonly text?: string }
}

/** What is said about a trouble, or about its end. Holds no values. */
export interface Words {
  /** One line, without the place. */
  readonly title: string
  /** What happened: lines. */
  readonly what: readonly string[]
  /** What to do about it: lines. */
  readonly steps: readonly string[]
  /** Command to begin with. */
  readonly command: string | null
  readonly runId: string | null
}

/** A message that has to go out. */
export interface Notice {
  /** Identifies sync and trouble for a receiver, the same when it begins and when it ends. */
  readonly dedupKey: string
  readonly alert: string
  /** Null: the run as a whole. */
  readonly sync: string | null
  /** `test`: nothing is wrong, somebody tries the channel. */
  readonly trouble: Trouble | 'test'
  readonly status: 'open' | 'closed'
  /** ISO 8601: when it began, or was over. */
  readonly since: string
  readonly words: Words
  /** Rendered: by the template, or the usual ones. */
  readonly subject: string
  readonly text: string
}

/** Where the run took place, for whoever reads the message. */
export interface Place {
  readonly project: string
  readonly target: string
  readonly portalId: string | null
}

/** What became of a message. `answer` and `why` hold no secrets and no addresses. */
export type Outcome =
  | { readonly isTold: true; readonly answer: string }
  | { readonly isTold: false; readonly why: string }
