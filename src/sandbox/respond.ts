import { type Answer, refuse, refuseInvalid, refuseMissing } from './answers.ts'
import type { ApiRequest } from './endpoints/request.ts'
import { faultAnswer, withoutResults } from './fault-answers.ts'
import type { FaultRule } from './faults.ts'
import { refuseLimit } from './rate-limits.ts'
import type { Match, Router } from './router.ts'
import { objectScopes, schemaScopes } from './scopes.ts'
import type { SandboxState } from './state.ts'
import { findObjectType, type Portal } from './store/portal.ts'
import { authenticate, refuseScopes } from './tokens.ts'

/** A request as it came over the wire. */
export interface RawRequest {
  readonly method: string
  readonly path: string
  readonly query: string
  readonly authorization: string | undefined
  readonly body: string
}

/** What the client gets: an answer, a broken connection, or nothing at all. */
export type Outcome =
  | { readonly kind: 'answer'; readonly answer: Answer; readonly delayMs: number }
  | { readonly kind: 'reset' }
  | { readonly kind: 'hang' }

/** Decides about one request, changes the portal, and writes the log. */
export function respond(raw: RawRequest, state: SandboxState, router: Router): Outcome {
  const now = state.options.clock()
  const fault = state.faults.choose(raw.method, raw.path)
  const match = router(raw.method, raw.path)
  const body = parseBody(raw.body)
  const outcome = outcomeOf(raw, body, match, fault, state, now)
  const inputs = inputsOf(body)
  state.log.add({
    method: raw.method,
    path: raw.path,
    query: raw.query,
    operation: match?.route.operation,
    kind: match?.route.kind,
    status: outcome.kind === 'answer' ? outcome.answer.status : 0,
    batchSize: inputs.length,
    traceIds: traceIdsOf(inputs),
    time: now,
    durationMs: state.options.clock() - now,
    fault: fault?.kind,
  })
  return outcome
}

function outcomeOf(
  raw: RawRequest,
  body: ParsedBody,
  match: Match | undefined,
  fault: FaultRule | undefined,
  state: SandboxState,
  now: number,
): Outcome {
  const { latencyMs } = state.options
  const answered = (answer: Answer, delayMs = latencyMs): Outcome => ({
    kind: 'answer',
    answer: withCorrelation(answer, state.portal),
    delayMs,
  })
  const run = () => answerTo(raw, body, match, state, now)
  switch (fault?.kind) {
    case undefined:
      return answered(run())
    case 'status':
      return answered(faultAnswer(fault, state.portal.portalId))
    case 'status_after_commit':
      run()
      return answered(faultAnswer(fault, state.portal.portalId))
    case 'reset_before':
      return { kind: 'reset' }
    case 'reset_after':
      run()
      return { kind: 'reset' }
    case 'hang':
      return { kind: 'hang' }
    case 'slow':
      return answered(run(), latencyMs + (fault.delayMs ?? DEFAULT_DELAY_MS))
    case 'drop_result':
    case 'empty_results':
      return answered(withoutResults(run(), fault.kind, state.portal.random))
  }
}

/** What `slow` adds unless it says otherwise. */
const DEFAULT_DELAY_MS = 1000

function answerTo(
  raw: RawRequest,
  body: ParsedBody,
  match: Match | undefined,
  state: SandboxState,
  now: number,
): Answer {
  const { portal, rateLimits, options } = state
  const login = state.oauth.answer(raw, now)
  if (login !== undefined) return login
  const query = new URLSearchParams(raw.query)
  if (body.isMalformed) return refuseInvalid('Invalid input JSON: the body cannot be parsed.')
  const problems = options.validateRequest?.({ ...raw, query, body: body.value }) ?? []
  if (problems.length > 0) {
    state.violations.push({ method: raw.method, path: raw.path, problems })
    return refuseInvalid(`The request does not match HubSpot's API: ${problems.join('; ')}`)
  }
  const token = authenticate(
    raw.authorization,
    (text) => state.tokens.get(text) ?? state.oauth.find(text, now),
  )
  if ('status' in token) return token
  const isSearch = match?.route.kind === 'search'
  const policy = match?.route.isExempt
    ? rateLimits.takeEvents(now)
    : rateLimits.take(token.token, isSearch, now)
  if (policy !== undefined) return limited(refuseLimit(policy, portal.portalId))
  if (match === undefined) return limited(refuseMissing('resource not found'))
  const request: ApiRequest = {
    method: raw.method,
    path: raw.path,
    params: match.params,
    query,
    body: body.value,
    bodyLength: raw.body.length,
    now,
  }
  portal.writer = { sourceType: 'INTEGRATION', sourceId: String(token.appId ?? 1) }
  const refusal = acceptedScopes(match, portal)
    .map((accepted) => refuseScopes(token, accepted))
    .find((each) => each !== undefined)
  return limited(
    refusal ?? match.route.endpoint(request, { portal, rateLimits, tokens: state.tokens }),
  )

  function limited(answer: Answer): Answer {
    if (isSearch || match?.route.isExempt || 'status' in token) return answer
    return { ...answer, headers: { ...rateLimits.headers(token.token, now), ...answer.headers } }
  }
}

/** Lists of scopes; of each the token needs one. */
function acceptedScopes({ route, params }: Match, portal: Portal): readonly (readonly string[])[] {
  const { scopes, access } = route
  if (typeof scopes !== 'string') return [scopes[access]]
  const names =
    scopes === 'links'
      ? [params['fromObjectType'] ?? params['objectType'], params['toObjectType']]
      : [params['objectType']]
  return names.flatMap((name) => {
    const type = findObjectType(portal, name ?? '')
    if (type === undefined) return []
    return [scopes === 'definitions' ? schemaScopes(type, access) : objectScopes(type, access)]
  })
}

interface ParsedBody {
  readonly value: unknown
  readonly isMalformed: boolean
}

function parseBody(text: string): ParsedBody {
  if (text === '') return { value: undefined, isMalformed: false }
  try {
    return { value: JSON.parse(text), isMalformed: false }
  } catch {
    return { value: undefined, isMalformed: true }
  }
}

/** The inputs of a batch; of a change of a list's members the record ids. */
function inputsOf({ value }: ParsedBody): readonly unknown[] {
  if (Array.isArray(value)) return value
  if (typeof value !== 'object' || value === null || !('inputs' in value)) return []
  return Array.isArray(value.inputs) ? value.inputs : []
}

function traceIdsOf(inputs: readonly unknown[]): readonly string[] {
  const ids: string[] = []
  for (const input of inputs) {
    if (typeof input !== 'object' || input === null || !('objectWriteTraceId' in input)) continue
    ids.push(String(input.objectWriteTraceId))
  }
  return ids
}

/** Every error body names the request by a correlation id. */
function withCorrelation(answer: Answer, portal: Portal): Answer {
  const { body } = answer
  if (answer.status < 400 || typeof body !== 'object' || body === null) return answer
  return { ...answer, body: { ...body, correlationId: portal.random.uuid() } }
}

/** The answer where the sandbox itself is at fault; it says so, so that no one blames HubSpot. */
export function defectAnswer(cause: unknown): Answer {
  const text = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)
  return refuse(500, 'SANDBOX_DEFECT', `The sandbox failed: ${text}`)
}
