import type { FaultRule } from '../faults.ts'
import type { LoggedRequest, RequestCounts } from '../request-log.ts'
import type { SandboxState } from '../state.ts'
import type { Violation } from '../violations.ts'

/** Requests, and what goes wrong with them. */
export interface TrafficControl {
  /** The last requests, oldest first. */
  readonly requests: () => readonly LoggedRequest[]
  /** Counts over all requests. */
  readonly counts: () => RequestCounts
  /** Requests that write records, whatever was answered. */
  readonly writeCalls: () => number
  /** Requests that HubSpot's contract refuses; only filled with `validateRequest`. */
  readonly violations: readonly Violation[]
  readonly addFault: (rule: FaultRule) => void
  readonly clearFaults: () => void
}

export const trafficControl = (state: SandboxState): TrafficControl => ({
  requests: () => state.log.requests(),
  counts: () => state.log.counts(),
  writeCalls: () => state.log.counts().writeCalls,
  violations: state.violations,
  addFault: (rule) => state.faults.add(rule),
  clearFaults: () => state.faults.clear(),
})
