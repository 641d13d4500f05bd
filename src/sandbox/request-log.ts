/** How a request counts: record reads, record writes, searches, definitions, the rest. */
export type OperationKind = 'read' | 'write' | 'search' | 'define' | 'account'

/** One request as the sandbox saw it. */
export interface LoggedRequest {
  /** From 1, without gaps. */
  readonly number: number
  readonly method: string
  /** Without the query. */
  readonly path: string
  readonly query: string
  /** `batch/upsert contacts`-like name of the endpoint; `undefined` where there is none. */
  readonly operation: string | undefined
  readonly kind: OperationKind | undefined
  /** What was answered; 0 where no answer was sent. */
  readonly status: number
  /** Inputs of a batch; 0 for other requests. */
  readonly batchSize: number
  /** Trace ids of the inputs, in order, where they had any. */
  readonly traceIds: readonly string[]
  /** When it came, in milliseconds since the epoch. */
  readonly time: number
  readonly durationMs: number
  /** The kind of fault that befell it. */
  readonly fault: string | undefined
}

/** Counts over all requests since the start or the last reset. */
export interface RequestCounts {
  readonly total: number
  /** Requests that write records, whatever was answered. */
  readonly writeCalls: number
  /** Inputs of those requests. */
  readonly writeInputs: number
  readonly byKind: Readonly<Record<string, number>>
  readonly byOperation: Readonly<Record<string, number>>
  readonly byStatus: Readonly<Record<string, number>>
}

/** The log: the last requests in full, counts of all. */
export interface RequestLog {
  readonly add: (request: Omit<LoggedRequest, 'number'>) => void
  /** Oldest first, at most as many as the log keeps. */
  readonly requests: () => readonly LoggedRequest[]
  readonly counts: () => RequestCounts
  readonly clear: () => void
}

/** Starts an empty log. */
export function createRequestLog(size: number): RequestLog {
  let kept: LoggedRequest[] = []
  let counts = newCounts()
  return {
    add: (request) => {
      counts.total += 1
      kept.push({ number: counts.total, ...request })
      if (kept.length >= 2 * size) kept = kept.slice(-size)
      tally(counts.byStatus, String(request.status))
      if (request.kind !== undefined) tally(counts.byKind, request.kind)
      if (request.operation !== undefined) tally(counts.byOperation, request.operation)
      if (request.kind !== 'write') return
      counts.writeCalls += 1
      counts.writeInputs += Math.max(1, request.batchSize)
    },
    requests: () => kept.slice(-size),
    counts: () => structuredClone(counts),
    clear: () => {
      kept = []
      counts = newCounts()
    },
  }
}

function newCounts() {
  const tallies = (): Record<string, number> => ({})
  return {
    total: 0,
    writeCalls: 0,
    writeInputs: 0,
    byKind: tallies(),
    byOperation: tallies(),
    byStatus: tallies(),
  }
}

function tally(tallies: Record<string, number>, name: string): void {
  tallies[name] = (tallies[name] ?? 0) + 1
}
