/** What an endpoint answers; the server turns it into bytes. */
export interface Answer {
  readonly status: number
  /** An object is sent as JSON, a string as it is, `undefined` as no body. */
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

/** The fields an error body may have beside message and category. */
export interface RefusalDetails {
  readonly subCategory?: string
  readonly context?: Readonly<Record<string, readonly string[]>>
  readonly errors?: readonly Readonly<Record<string, unknown>>[]
  readonly links?: Readonly<Record<string, string>>
}

/** An answer with a JSON body. */
export function answer(status: number, body: unknown): Answer {
  return { status, body }
}

/** The answer to a request that succeeded and has nothing to say. */
export const NO_CONTENT: Answer = { status: 204 }

/**
 * Refuses a request in HubSpot's shape. The `correlationId` is added where the answer is sent.
 *
 * @see https://developers.hubspot.com/docs/api-reference/error-handling
 */
export function refuse(
  status: number,
  category: string,
  message: string,
  details: RefusalDetails = {},
): Answer {
  return { status, body: { status: 'error', message, category, ...details } }
}

/** Refuses a request whose body or parameters are at fault. */
export function refuseInvalid(message: string, details?: RefusalDetails): Answer {
  return refuse(400, 'VALIDATION_ERROR', message, details)
}

/** Refuses a request for something that is not there. */
export function refuseMissing(message: string, details?: RefusalDetails): Answer {
  return refuse(404, 'OBJECT_NOT_FOUND', message, details)
}
