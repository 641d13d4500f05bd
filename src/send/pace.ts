/** What bounds the speed of requests. */
export interface Pace {
  readonly requestsPerInterval: number
  readonly intervalMs: number
  /** Requests under way at once. */
  readonly concurrency: number
  /** Time of one request; default 300 ms, an ordinary answer of a batch endpoint. */
  readonly latencyMs?: number
}

const DEFAULT_LATENCY_MS = 300

/**
 * How long a number of calls takes at least, without faults and foreign traffic: what the limit lets through at once
 * goes at the speed of the connection, the rest at the speed of the limit.
 *
 * @returns whole seconds, rounded up; 0 for no calls
 */
export function expectedSeconds(calls: number, pace: Pace): number {
  if (calls <= 0) return 0
  const latencyMs = pace.latencyMs ?? DEFAULT_LATENCY_MS
  const byConnection = (Math.ceil(calls / Math.max(1, pace.concurrency)) * latencyMs) / 1000
  const waits = Math.ceil(calls / Math.max(1, pace.requestsPerInterval)) - 1
  const byLimit = (waits * pace.intervalMs + latencyMs) / 1000
  return Math.ceil(Math.max(byConnection, byLimit))
}

/** Requests for a number of operations of one kind. */
export function callsFor(operations: number, batchSize: number): number {
  return Math.ceil(operations / Math.max(1, batchSize))
}
