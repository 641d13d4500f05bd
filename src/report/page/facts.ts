import type { ReportProblem, ReportRequest, ReportRun, ReportSync } from '../payload.ts'
import type { PagePayload } from '../payload-lines.ts'

/** The payload, with what the views look up in it. */
export interface Facts {
  readonly payload: PagePayload
  readonly runIndex: ReadonlyMap<string, number>
  readonly syncs: ReadonlyMap<string, ReportSync>
  readonly requestIndex: ReadonlyMap<string, number>
  /** Newest first, each with its runs. */
  readonly invocations: ReadonlyMap<string, readonly ReportRun[]>
}

export function factsOf(payload: PagePayload): Facts {
  const invocations = new Map<string, ReportRun[]>()
  for (const run of payload.runs) {
    const known = invocations.get(run.invocationId)
    if (known === undefined) invocations.set(run.invocationId, [run])
    else known.push(run)
  }
  return {
    payload,
    runIndex: new Map(payload.runs.map((run, index) => [run.runId, index])),
    syncs: new Map(payload.syncs.map((sync) => [sync.name, sync])),
    requestIndex: new Map(payload.requests.map((request, index) => [request.requestId, index])),
    invocations,
  }
}

export function runOfChange({ payload }: Facts, change: number): ReportRun | undefined {
  return payload.runs[payload.changes.run[change] ?? -1]
}

export function problemOfChange({ payload }: Facts, change: number): ReportProblem | undefined {
  return payload.problems[payload.changes.problem[change] ?? -1]
}

/** Requests of a run; one that served several syncs belongs to their invocation. */
export function requestsOfRun({ payload }: Facts, run: ReportRun): readonly ReportRequest[] {
  return payload.requests.filter(
    ({ runId, invocationId }) =>
      runId === run.runId || (runId === null && invocationId === run.invocationId),
  )
}

/** Changes whose outcome each request decided. */
export function changesByRequest({ payload }: Facts): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const requestId of payload.changes.requestId) {
    if (requestId !== null) counts.set(requestId, (counts.get(requestId) ?? 0) + 1)
  }
  return counts
}

/** Newest invocation first: the runs of one `backhaul run`. */
export function newestInvocation({ invocations }: Facts): readonly ReportRun[] {
  return invocations.values().next().value ?? []
}
