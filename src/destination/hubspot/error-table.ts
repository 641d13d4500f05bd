// One file although it is long: one table of all that HubSpot and the way to it answer, in order of precedence.
import type { Disposition } from '../../errors.ts'
import { BLOCKED_PORT } from './transport.ts'

/** What an answer (or its absence) says about itself, read from wherever HubSpot puts it. */
export interface ErrorFacts {
  /** HTTP status; undefined when no answer came. */
  readonly status: number | undefined
  /** HubSpot's `category`, upper case; '' when absent. */
  readonly category: string
  /** `policyName` of a 429; '' when absent. */
  readonly policyName: string
  readonly message: string
  /** HubSpot's `subCategory`, upper case; '' when absent. */
  readonly subCategory: string
  /** All that is wrong is a unique value of another record. */
  readonly isTakenValue: boolean
  /** How the transport failed; undefined when an answer came. */
  readonly lost: 'unsent' | 'lost' | 'timeout' | 'aborted' | undefined
  /** Code of the socket, resolver or TLS layer. */
  readonly networkCode: string
  readonly isTls: boolean
  readonly lane: 'default' | 'search' | 'events'
}

/** One known way in which HubSpot refuses a whole request. */
export interface ErrorEntry {
  readonly category: string
  readonly test: (facts: ErrorFacts) => boolean
  /** What happened, without any value of the request. */
  readonly detail: string
  /** What to do about it. */
  readonly hint: string
  /** After a write; a read is safe to repeat wherever this is `unknown`. */
  readonly disposition: Disposition
  readonly endsRun?: true
  readonly isContent?: true
}

const status =
  (...codes: readonly number[]) =>
  (facts: ErrorFacts): boolean =>
    facts.status !== undefined && codes.includes(facts.status)

/**
 * Every known failure of a whole request; the first entry that matches decides. Sources: HubSpot's error handling and
 * usage guidelines (developers.hubspot.com/docs/api-reference/error-handling, checked 2026-11-23) and captures of real
 * accounts. A status that is not here is `UNLISTED` and never repeated.
 */
export const ERROR_TABLE: readonly ErrorEntry[] = [
  // -------------------------------------------------------------- no answer
  {
    category: 'ABORTED',
    test: (facts) => facts.lost === 'aborted',
    detail: 'the request was cancelled while it was under way',
    hint: 'Run again: what may have been written is found out first.',
    disposition: 'unknown',
  },
  {
    category: 'TIMEOUT',
    test: (facts) => facts.lost === 'timeout',
    detail: 'no answer within the request time-out',
    hint: 'HubSpot is slow or out of reach; see https://status.hubspot.com',
    disposition: 'unknown',
  },
  {
    category: 'NETWORK_TLS',
    test: (facts) => facts.isTls,
    detail: 'the certificate of the HubSpot host was not accepted',
    hint: 'Behind a proxy that inspects TLS, set NODE_EXTRA_CA_CERTS to its certificate; else check base_url.',
    disposition: 'terminal',
    endsRun: true,
  },
  {
    category: 'NETWORK_BLOCKED_PORT',
    test: (facts) => facts.networkCode === BLOCKED_PORT,
    detail: 'base_url names a port that HTTP clients refuse to connect to; nothing was sent',
    hint: 'Ports of other services (such as 6000, 6667 or 10080) are blocked: let the sandbox or proxy listen on another one.',
    disposition: 'terminal',
    endsRun: true,
  },
  {
    category: 'NETWORK_REFUSED',
    test: (facts) => facts.lost === 'unsent' && !isNameCode(facts.networkCode),
    detail: 'the HubSpot host could not be connected to',
    hint: 'Check base_url, the network and its proxy; a sandbox must be running.',
    disposition: 'transient',
  },
  {
    category: 'NETWORK_DNS',
    test: (facts) => facts.lost === 'unsent',
    detail: 'the name of the HubSpot host could not be resolved',
    hint: 'Check base_url and the name server.',
    disposition: 'transient',
  },
  {
    category: 'NETWORK_LOST',
    test: (facts) => facts.lost === 'lost',
    detail: 'the connection broke before the answer came',
    hint: 'Check the network between here and HubSpot; the request may have been carried out.',
    disposition: 'unknown',
  },

  // -------------------------------------------------------------- limits
  {
    category: 'RATE_LIMIT_DAILY',
    test: (facts) =>
      status(429)(facts) && (facts.policyName === 'DAILY' || /daily limit/i.test(facts.message)),
    detail: "the account's daily API limit is used up",
    hint: "It resets at midnight in the account's time zone; run again then, or set max_calls_per_run so that other apps keep their share.",
    disposition: 'transient',
    endsRun: true,
  },
  {
    category: 'RATE_LIMIT_SEARCH',
    test: (facts) =>
      status(429)(facts) &&
      facts.lane !== 'events' &&
      (facts.lane === 'search' ||
        facts.policyName === 'SECONDLY' ||
        /secondly limit/i.test(facts.message.replace('ten_secondly', ''))),
    detail: 'more searches in a second than HubSpot allows the account',
    hint: 'Match by a property with unique values to need no search; other apps search too.',
    disposition: 'transient',
  },
  {
    category: 'RATE_LIMIT_BURST',
    test: status(429),
    detail: 'more requests in ten seconds than HubSpot allows',
    hint: 'Another process uses the same app: lower requests_per_10_seconds, or run one at a time.',
    disposition: 'transient',
  },

  // -------------------------------------------------------------- who asks
  {
    category: 'UNAUTHORIZED',
    test: status(401),
    detail: 'HubSpot does not accept the access token',
    hint: 'Check that the access token is complete, not expired and not revoked.',
    disposition: 'terminal',
    endsRun: true,
  },
  {
    category: 'MISSING_SCOPES',
    test: (facts) => status(403)(facts) && facts.category === 'MISSING_SCOPES',
    detail: 'the access token lacks scopes',
    hint: 'Add the scopes to the app in HubSpot and, if its token changes, replace the token.',
    disposition: 'terminal',
    endsRun: true,
  },
  {
    category: 'FORBIDDEN',
    test: status(403),
    detail: 'the access token may not do this',
    hint: "Check the app's scopes, the edit access of its user, and that the account's subscription has this feature.",
    disposition: 'terminal',
    endsRun: true,
  },
  {
    category: 'MIGRATING',
    test: status(477),
    detail: 'HubSpot is moving the account to another region',
    hint: 'This takes up to 24 hours; run again afterwards.',
    disposition: 'transient',
    endsRun: true,
  },

  // -------------------------------------------------------------- what is asked
  {
    category: 'NOT_UNIQUE_PROPERTY',
    test: (facts) => status(400)(facts) && /non-unique/i.test(facts.message),
    detail: 'HubSpot does not treat the match property as unique',
    hint: 'Match by a property with unique values (email for contacts, or one created with "require unique values")',
    disposition: 'terminal',
  },
  {
    category: 'DUPLICATE_INPUTS',
    test: (facts) => status(400)(facts) && /duplicate ids/i.test(facts.message),
    detail: 'two operations of the request address the same record',
    hint: 'Two rows resolve to one record: make the match value unique in the model.',
    disposition: 'terminal',
    isContent: true,
  },
  {
    category: 'LIST_NAME_TAKEN',
    test: (facts) => facts.subCategory === 'ILS.DUPLICATE_LIST_NAMES',
    detail: 'a list has this name already',
    hint: 'Names of lists are unique over all object types: give the list another name, or adopt the one that is there.',
    disposition: 'terminal',
  },
  {
    category: 'CONFLICT',
    test: (facts) => status(409)(facts) || (status(400)(facts) && facts.isTakenValue),
    detail: 'a record with one of these unique values exists',
    hint: 'Use mode upsert, or match the existing record.',
    disposition: 'terminal',
    isContent: true,
  },
  {
    category: 'LINK_TYPE_UNKNOWN',
    test: (facts) => status(400)(facts) && /not a valid association type/i.test(facts.message),
    detail: 'HubSpot does not have the type of link between these objects any more',
    hint: 'The label was deleted in HubSpot: `backhaul inspect associations` lists those that exist; map one of them, or make it again.',
    disposition: 'terminal',
    isContent: true,
  },
  {
    category: 'VALIDATION_ERROR',
    test: status(400, 422),
    detail: 'HubSpot refused the content of the request',
    hint: 'Look at the error of each row: property names, options, formats and required properties.',
    disposition: 'terminal',
    isContent: true,
  },
  {
    category: 'TOO_LARGE',
    test: status(413),
    detail: 'the request is larger than HubSpot takes',
    hint: 'Shorten the longest texts of the model.',
    disposition: 'terminal',
    isContent: true,
  },
  {
    category: 'TOO_MANY_IDENTITIES',
    test: status(414),
    detail: 'the address is too long, or a contact would have more than 250 e-mail addresses',
    hint: 'Look for a contact that collected many addresses, and merge or clean it.',
    disposition: 'terminal',
    isContent: true,
  },
  {
    category: 'OBJECT_NOT_FOUND',
    test: (facts) => status(404)(facts) && facts.category === 'OBJECT_NOT_FOUND',
    detail: 'HubSpot has no record any more that the request names',
    hint: 'Mode upsert makes it again; mode update leaves it alone.',
    disposition: 'terminal',
    isContent: true,
  },
  {
    category: 'NOT_FOUND',
    test: status(404),
    detail: 'HubSpot knows no such object type or address',
    hint: 'Check the object name, that the account has it, and base_url.',
    disposition: 'terminal',
  },

  // -------------------------------------------------------------- HubSpot's troubles
  {
    category: 'LOCKED',
    test: status(423),
    detail: 'HubSpot has locked a record of the request',
    hint: 'HubSpot is still working on the record; a later run succeeds.',
    disposition: 'transient',
  },
  {
    category: 'REQUEST_TIMEOUT',
    test: status(408),
    detail: 'HubSpot gave the request up',
    hint: 'HubSpot is slow; see https://status.hubspot.com',
    disposition: 'unknown',
  },
  {
    category: 'SERVER_ERROR',
    test: status(500),
    detail: 'HubSpot failed while it worked on the request',
    hint: 'See https://status.hubspot.com; tell HubSpot support the correlation id if it stays.',
    disposition: 'unknown',
  },
  {
    category: 'GATEWAY_TIMEOUT',
    test: status(502, 504, 524),
    detail: "HubSpot's gateway gave up before HubSpot answered",
    hint: 'HubSpot is slow; see https://status.hubspot.com',
    disposition: 'unknown',
  },
  {
    category: 'UNAVAILABLE',
    test: status(503, 521, 523),
    detail: 'HubSpot is not available',
    hint: 'See https://status.hubspot.com and run again later.',
    disposition: 'transient',
  },
  {
    category: 'ORIGIN_TIMEOUT',
    test: status(520, 522),
    detail: "HubSpot's gateway could not reach HubSpot",
    hint: 'See https://status.hubspot.com; tell HubSpot support if it stays.',
    disposition: 'unknown',
  },
  {
    category: 'ORIGIN_TLS',
    test: status(525, 526),
    detail: "HubSpot's gateway has a certificate problem",
    hint: 'Tell HubSpot support.',
    disposition: 'transient',
  },

  // -------------------------------------------------------------- not HubSpot at all
  {
    category: 'REDIRECTED',
    test: (facts) => facts.status !== undefined && facts.status >= 300 && facts.status < 400,
    detail: 'the host answered with a redirect',
    hint: 'Check base_url (scheme and host); a log-in page of the network may stand in between.',
    disposition: 'terminal',
    endsRun: true,
  },
  {
    category: 'UNREADABLE_ANSWER',
    test: (facts) => facts.status !== undefined && facts.status >= 200 && facts.status < 300,
    detail: 'the answer is not what HubSpot answers',
    hint: 'Check base_url; a proxy may stand in between.',
    disposition: 'unknown',
  },
]

/** For whatever the table does not know. Written or not is open; it is never repeated. */
export const UNLISTED: ErrorEntry = {
  category: 'UNLISTED',
  test: () => true,
  detail: 'HubSpot answered in a way that is not known here',
  hint: 'Report it with the correlation id.',
  disposition: 'unknown',
}

function isNameCode(code: string): boolean {
  return code === 'ENOTFOUND' || code === 'EAI_AGAIN'
}
