/** A request as a validator sees it. */
export interface ValidatedRequest {
  readonly method: string
  /** Without the query. */
  readonly path: string
  readonly query: URLSearchParams
  /** The parsed JSON body; `undefined` without one. */
  readonly body: unknown
}

/** Judges a request by HubSpot's published contract; an empty list is approval. */
export type ValidateRequest = (request: ValidatedRequest) => readonly string[]

/** A request that HubSpot's contract refuses. */
export interface Violation {
  readonly method: string
  readonly path: string
  readonly problems: readonly string[]
}
