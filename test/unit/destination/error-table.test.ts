import { describe, expect, it } from 'vitest'
import { ERROR_TABLE } from '../../../src/destination/hubspot/error-table.ts'
import {
  answerError,
  type CallFacts,
  lostAnswerError,
  missingScopes,
} from '../../../src/destination/hubspot/errors.ts'
import { type Answer, LostAnswer } from '../../../src/destination/hubspot/transport.ts'
import type { Disposition } from '../../../src/errors.ts'

const write: CallFacts = {
  action: 'upsert 100 contacts',
  effect: 'write',
  lane: 'default',
  requestId: 'r-1',
  intervalMs: 10_000,
}

function answer(status: number, body?: unknown, headers: Record<string, string> = {}): Answer {
  const text = typeof body === 'string' ? body : body === undefined ? '' : JSON.stringify(body)
  return { status, headers, text, json: typeof body === 'string' ? undefined : body }
}

function limit(policyName: string | undefined, message: string): Answer {
  return answer(429, { status: 'error', message, errorType: 'RATE_LIMIT', policyName })
}

/** As the sandbox words it: HubSpot documents the code, not the body. */
const taken =
  'Property values were not valid: [{"isValid":false,"message":"Cannot set PropertyValueCoordinates{portalId=1, objectTypeId=0-1, propertyName=uq, value=x5} on 1005. 1006 already has that value.","error":"CONFLICTING_UNIQUE_VALUE","name":"uq"}]'

const lost = (kind: LostAnswer['kind'], code: string) =>
  new LostAnswer({ kind, code, cause: new Error('socket') })

interface Case {
  readonly name: string
  readonly category: string
  readonly from: Answer | LostAnswer
  readonly disposition: Disposition
  readonly endsRun?: true
  readonly isContent?: true
  readonly retryAfterMs?: number
}

const cases: readonly Case[] = [
  {
    name: 'a request cancelled under way',
    category: 'ABORTED',
    from: lost('aborted', 'ABORT_ERR'),
    disposition: 'unknown',
  },
  {
    name: 'no answer in time',
    category: 'TIMEOUT',
    from: lost('timeout', 'TIMEOUT'),
    disposition: 'unknown',
  },
  {
    name: 'a label that was deleted',
    category: 'LINK_TYPE_UNKNOWN',
    from: answer(400, {
      status: 'error',
      category: 'VALIDATION_ERROR',
      subCategory: 'crm.associations.INVALID_ASSOCIATION_TYPE',
      message: '37 is not a valid association type between contacts and companies',
    }),
    disposition: 'terminal',
    isContent: true,
  },
  {
    name: 'a port that fetch refuses',
    category: 'NETWORK_BLOCKED_PORT',
    from: lost('unsent', 'BLOCKED_PORT'),
    disposition: 'terminal',
    endsRun: true,
  },
  {
    name: 'a certificate that is not trusted',
    category: 'NETWORK_TLS',
    from: lost('unsent', 'SELF_SIGNED_CERT_IN_CHAIN'),
    disposition: 'terminal',
    endsRun: true,
  },
  {
    name: 'a certificate for another host',
    category: 'NETWORK_TLS',
    from: lost('unsent', 'ERR_TLS_CERT_ALTNAME_INVALID'),
    disposition: 'terminal',
    endsRun: true,
  },
  {
    name: 'a refused connection',
    category: 'NETWORK_REFUSED',
    from: lost('unsent', 'ECONNREFUSED'),
    disposition: 'transient',
  },
  {
    name: 'a host name that does not resolve',
    category: 'NETWORK_DNS',
    from: lost('unsent', 'ENOTFOUND'),
    disposition: 'transient',
  },
  {
    name: 'a broken connection',
    category: 'NETWORK_LOST',
    from: lost('lost', 'ECONNRESET'),
    disposition: 'unknown',
  },
  {
    name: 'the daily limit',
    category: 'RATE_LIMIT_DAILY',
    from: limit('DAILY', 'You have reached your daily limit.'),
    disposition: 'transient',
    endsRun: true,
  },
  {
    name: 'the daily limit, named in words only',
    category: 'RATE_LIMIT_DAILY',
    from: limit(undefined, 'You have reached your daily limit.'),
    disposition: 'transient',
    endsRun: true,
  },
  {
    name: 'the search limit',
    category: 'RATE_LIMIT_SEARCH',
    from: limit(undefined, 'You have reached your secondly limit.'),
    disposition: 'transient',
    retryAfterMs: 1000,
  },
  {
    name: 'the burst limit',
    category: 'RATE_LIMIT_BURST',
    from: limit('TEN_SECONDLY_ROLLING', 'You have reached your ten_secondly_rolling limit.'),
    disposition: 'transient',
    retryAfterMs: 10_000,
  },
  {
    name: 'a 429 without a body',
    category: 'RATE_LIMIT_BURST',
    from: answer(429, undefined, { 'retry-after': '3' }),
    disposition: 'transient',
    retryAfterMs: 3000,
  },
  {
    name: 'a wrong token',
    category: 'UNAUTHORIZED',
    from: answer(401, {
      category: 'INVALID_AUTHENTICATION',
      message: 'Authentication credentials not found.',
    }),
    disposition: 'terminal',
    endsRun: true,
  },
  {
    name: 'a token without scopes',
    category: 'MISSING_SCOPES',
    from: answer(403, { category: 'MISSING_SCOPES' }),
    disposition: 'terminal',
    endsRun: true,
  },
  {
    name: 'a forbidden action',
    category: 'FORBIDDEN',
    from: answer(403, { category: 'FORBIDDEN' }),
    disposition: 'terminal',
    endsRun: true,
  },
  {
    name: 'an account being migrated',
    category: 'MIGRATING',
    from: answer(477, undefined, { 'retry-after': '86400' }),
    disposition: 'transient',
    endsRun: true,
    retryAfterMs: 86_400_000,
  },
  {
    name: 'a match property that is not unique',
    category: 'NOT_UNIQUE_PROPERTY',
    from: answer(400, {
      category: 'VALIDATION_ERROR',
      message: 'Unable to perform update/upsert by non-unique 0-2 property domain',
    }),
    disposition: 'terminal',
  },
  {
    name: 'two inputs with one id',
    category: 'DUPLICATE_INPUTS',
    from: answer(400, {
      category: 'VALIDATION_ERROR',
      message: 'Duplicate IDs found in batch input: [7]. IDs must be unique',
    }),
    disposition: 'terminal',
    isContent: true,
  },
  {
    name: 'values that are not valid',
    category: 'VALIDATION_ERROR',
    from: answer(400, { category: 'VALIDATION_ERROR', message: 'Property values were not valid' }),
    disposition: 'terminal',
    isContent: true,
  },
  {
    name: 'a 400 without a category',
    category: 'VALIDATION_ERROR',
    from: answer(400, {}),
    disposition: 'terminal',
    isContent: true,
  },
  {
    name: 'a name of a list that is taken',
    category: 'LIST_NAME_TAKEN',
    from: answer(400, {
      category: 'VALIDATION_ERROR',
      subCategory: 'ILS.DUPLICATE_LIST_NAMES',
      message: 'List already exists with the name: VIP',
    }),
    disposition: 'terminal',
  },
  {
    name: 'a unique value of an update that is taken',
    category: 'CONFLICT',
    from: answer(400, { category: 'VALIDATION_ERROR', message: taken }),
    disposition: 'terminal',
    isContent: true,
  },
  {
    name: 'a unique value that is taken, beside another wrong value',
    category: 'VALIDATION_ERROR',
    from: answer(400, {
      category: 'VALIDATION_ERROR',
      message: taken.replace(']', ',{"error":"INVALID_OPTION","name":"tier"}]'),
    }),
    disposition: 'terminal',
    isContent: true,
  },
  {
    name: 'a unique value that is taken',
    category: 'CONFLICT',
    from: answer(409, { category: 'CONFLICT', message: 'Contact already exists. Existing ID: 5' }),
    disposition: 'terminal',
    isContent: true,
  },
  {
    name: 'a body that is too large',
    category: 'TOO_LARGE',
    from: answer(413),
    disposition: 'terminal',
    isContent: true,
  },
  {
    name: 'too many identities',
    category: 'TOO_MANY_IDENTITIES',
    from: answer(414, { message: 'Cannot have more than 250 identities on a profile' }),
    disposition: 'terminal',
    isContent: true,
  },
  {
    name: 'an unknown object type',
    category: 'NOT_FOUND',
    from: answer(404, { message: 'Unable to infer object type' }),
    disposition: 'terminal',
  },
  {
    name: 'records that are not there',
    category: 'OBJECT_NOT_FOUND',
    from: answer(404, { message: 'Object not found', category: 'OBJECT_NOT_FOUND' }),
    disposition: 'terminal',
    isContent: true,
  },
  { name: 'a locked record', category: 'LOCKED', from: answer(423), disposition: 'transient' },
  {
    name: 'a request that HubSpot gave up',
    category: 'REQUEST_TIMEOUT',
    from: answer(408),
    disposition: 'unknown',
  },
  {
    name: 'a fault of HubSpot',
    category: 'SERVER_ERROR',
    from: answer(500, { message: 'internal error' }),
    disposition: 'unknown',
  },
  {
    name: 'an HTML page of the gateway',
    category: 'GATEWAY_TIMEOUT',
    from: answer(502, '<html>Bad Gateway</html>'),
    disposition: 'unknown',
  },
  {
    name: 'a gateway time-out',
    category: 'GATEWAY_TIMEOUT',
    from: answer(504),
    disposition: 'unknown',
  },
  {
    name: "a time-out of HubSpot's edge",
    category: 'GATEWAY_TIMEOUT',
    from: answer(524),
    disposition: 'unknown',
  },
  {
    name: 'an unavailable HubSpot',
    category: 'UNAVAILABLE',
    from: answer(503, undefined, { 'retry-after': '20' }),
    disposition: 'transient',
    retryAfterMs: 20_000,
  },
  {
    name: 'an origin that is down',
    category: 'UNAVAILABLE',
    from: answer(521),
    disposition: 'transient',
  },
  {
    name: 'an origin out of reach',
    category: 'UNAVAILABLE',
    from: answer(523),
    disposition: 'transient',
  },
  {
    name: 'an origin that does not answer',
    category: 'ORIGIN_TIMEOUT',
    from: answer(522),
    disposition: 'unknown',
  },
  {
    name: "a certificate problem of HubSpot's edge",
    category: 'ORIGIN_TLS',
    from: answer(526),
    disposition: 'transient',
  },
  {
    name: 'a redirect',
    category: 'REDIRECTED',
    from: answer(302, undefined, { location: 'https://login.example' }),
    disposition: 'terminal',
    endsRun: true,
  },
  {
    name: 'a page in place of an answer',
    category: 'UNREADABLE_ANSWER',
    from: answer(200, '<html>Please log in</html>'),
    disposition: 'unknown',
  },
  {
    name: 'a status nobody knows',
    category: 'UNLISTED',
    from: answer(418),
    disposition: 'unknown',
  },
]

describe('the error table', () => {
  it.each(cases)('knows $name as $category', (each) => {
    const { from } = each
    const error =
      from instanceof LostAnswer ? lostAnswerError(from, write) : answerError(from, write)
    expect(error).toMatchObject({
      category: each.category,
      disposition: each.disposition,
      endsRun: each.endsRun ?? false,
      isContent: each.isContent ?? false,
      retryAfterMs: each.retryAfterMs,
      requestId: 'r-1',
    })
    expect(error.hint).not.toBe('')
    expect(error.message).toMatch(/^could not upsert 100 contacts: /)
  })

  it('has a case here for every entry', () => {
    const covered = new Set(cases.map((each) => each.category))
    expect(ERROR_TABLE.map((entry) => entry.category).filter((each) => !covered.has(each))).toEqual(
      [],
    )
  })

  it('calls a lost answer to a read transient: a read may be repeated', () => {
    const read: CallFacts = { ...write, effect: 'read' }
    expect(answerError(answer(500), read).disposition).toBe('transient')
    expect(lostAnswerError(lost('lost', 'ECONNRESET'), read).disposition).toBe('transient')
  })

  it('keeps what HubSpot said out of the message, and at hand', () => {
    const message =
      'Property values were not valid: [{"message":"ada@example.com is taken","name":"email"}]'
    const error = answerError(answer(400, { message, correlationId: 'c-9' }), write)
    expect(error.message).not.toContain('ada@example.com')
    expect(error).toMatchObject({ vendorMessage: message, correlationId: 'c-9', property: 'email' })
  })

  it('names the record that holds a unique value', () => {
    const body = {
      category: 'CONFLICT',
      message: 'Contact already exists. Existing ID: 171591000198',
    }
    expect(answerError(answer(409, body), write).existingId).toBe('171591000198')
    const update = { category: 'VALIDATION_ERROR', message: taken }
    expect(answerError(answer(400, update), write)).toMatchObject({
      existingId: '1006',
      property: 'uq',
    })
  })

  it('takes the correlation id from the headers when there is no body', () => {
    const error = answerError(answer(502, '<html>', { 'x-hubspot-correlation-id': 'c-1' }), write)
    expect(error.correlationId).toBe('c-1')
  })

  it('reads Retry-After given as a date', () => {
    const headers = {
      date: 'Mon, 23 Nov 2026 10:00:00 GMT',
      'retry-after': 'Mon, 23 Nov 2026 10:00:07 GMT',
    }
    expect(answerError(answer(503, undefined, headers), write).retryAfterMs).toBe(7000)
  })
})

describe('missing scopes', () => {
  const scopes = ['crm.objects.contacts.write']

  it('are read from the documented shape', () => {
    const body = { errors: [{ context: { requiredGranularScopes: scopes } }] }
    expect(missingScopes(body)).toEqual(scopes)
  })

  it('are read from the older shape', () => {
    expect(missingScopes({ context: { requiredScopes: scopes } })).toEqual(scopes)
  })

  it('are named in the message', () => {
    const body = {
      category: 'MISSING_SCOPES',
      errors: [{ context: { requiredGranularScopes: scopes } }],
    }
    expect(answerError(answer(403, body), write).message).toContain('crm.objects.contacts.write')
  })
})
