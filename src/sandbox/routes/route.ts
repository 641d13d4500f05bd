import type { Endpoint } from '../endpoints/request.ts'
import type { OperationKind } from '../request-log.ts'

/** Whose scopes an operation needs: those of the object type's records or definitions, of the records at both ends of links, or any of fixed lists. */
export type RequiredScopes =
  | 'records'
  | 'definitions'
  | 'links'
  | { readonly read: readonly string[]; readonly write: readonly string[] }

/** One endpoint under its numbered and its dated path. */
export interface Route {
  readonly method: string
  readonly paths: readonly string[]
  readonly operation: string
  readonly kind: OperationKind
  readonly scopes: RequiredScopes
  /** Which of the scopes: to read or to write. */
  readonly access: 'read' | 'write'
  readonly endpoint: Endpoint
  /** Counts neither against the ten-second limit nor against the daily one. */
  readonly isExempt?: true
}

/** The date version served beside the numbered ones. https://developers.hubspot.com/docs/api-reference/latest/overview */
export const DATED_VERSION = '2026-03'

/** Makes one route of an area from `METHOD /rest/of/path`. */
export type MakeRoute = (
  kind: OperationKind,
  operation: string,
  address: string,
  endpoint: Endpoint,
) => Route

/**
 * An area of the API: endpoints whose paths begin alike and that need the same scopes.
 *
 * @param numbered where the area is in v3 or v4
 * @param dated where it is in the date versions; the change is not mechanical
 */
export function area(numbered: string, dated: string, scopes: RequiredScopes): MakeRoute {
  return (kind, operation, address, endpoint) => {
    const [method = '', rest = ''] = address.split(' ')
    const paths = [numbered + rest, dated + rest]
    const access = kind === 'write' || kind === 'define' ? 'write' : 'read'
    return { method, paths, operation, kind, scopes, access, endpoint }
  }
}
