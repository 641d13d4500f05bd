import { type Answer, refuseMissing } from '../answers.ts'
import type { RateLimits } from '../rate-limits.ts'
import type { ObjectType } from '../store/object-type.ts'
import { findObjectType, type Portal } from '../store/portal.ts'
import type { Token } from '../tokens.ts'

/** A request as an endpoint sees it: authorised, counted, its body parsed. */
export interface ApiRequest {
  readonly method: string
  readonly path: string
  /** Path segments by their name in the route. */
  readonly params: Readonly<Record<string, string>>
  readonly query: URLSearchParams
  readonly body: unknown
  /** Characters of the body as sent. */
  readonly bodyLength: number
  readonly now: number
}

/** What an endpoint works on beside the request. */
export interface Backend {
  readonly portal: Portal
  readonly rateLimits: RateLimits
  readonly tokens: ReadonlyMap<string, Token>
}

/** Answers one request. It may change the portal; it never throws for what a client sent. */
export type Endpoint = (request: ApiRequest, backend: Backend) => Answer

/** A path segment of the request. */
export function param(request: ApiRequest, name: string): string {
  return request.params[name] ?? ''
}

/** Runs an endpoint on the object type its path names, or answers that there is none. */
export function onType(
  run: (type: ObjectType, request: ApiRequest, backend: Backend) => Answer,
): Endpoint {
  return (request, backend) => {
    const name = param(request, 'objectType')
    const type = findObjectType(backend.portal, name)
    if (type === undefined) return refuseMissing(`Unable to infer object type from: ${name}`)
    return run(type, request, backend)
  }
}

/** A JSON object, as opposed to arrays, `null` and plain values. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The strings of a JSON array; anything else counts as none. */
export function stringsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((entry) => typeof entry === 'string') : []
}

/** A query parameter given once with commas or several times. */
export function listParam(query: URLSearchParams, name: string): readonly string[] {
  return query
    .getAll(name)
    .flatMap((value) => value.split(','))
    .filter((value) => value !== '')
}
