import { createRandom } from './random.ts'
import type { LimitPolicy } from './rate-limits.ts'

/** Which requests a fault befalls. Everything left out matches. */
export interface FaultMatch {
  readonly method?: string
  /** A regular expression on the path without its query; as text it is the expression's source. */
  readonly path?: string | RegExp
  /** The one matching request with this number, from 1. */
  readonly nth?: number
  /** Every so-many-th matching request. */
  readonly every?: number
  /** A chance in [0, 1], from the sandbox's seed. */
  readonly probability?: number
  /** How often at most. */
  readonly times?: number
}

/**
 * What goes wrong:
 * - `status`: an error answer, nothing is written
 * - `status_after_commit`: an error answer after the write took place
 * - `reset_before`, `reset_after`: the connection breaks before or after the write
 * - `slow`: the answer comes late; `hang`: it never comes and nothing is written
 * - `drop_result`: one result is left out of a batch answer, without an error
 * - `empty_results`: all results are left out, without an error
 */
export type FaultKind =
  | 'status'
  | 'status_after_commit'
  | 'reset_before'
  | 'reset_after'
  | 'slow'
  | 'hang'
  | 'drop_result'
  | 'empty_results'

/** A fault and when it happens. */
export interface FaultRule {
  readonly match?: FaultMatch
  readonly kind: FaultKind
  /** For `status` and `status_after_commit`; 503 if left out. */
  readonly status?: number
  /** Sent as `Retry-After`. */
  readonly retryAfterSeconds?: number
  /** Which limit a 429 names; the ten-second one if left out. */
  readonly policy?: LimitPolicy
  /** Answered instead of the usual body: an object as JSON, text as HTML. */
  readonly body?: unknown
  /** For `slow`. */
  readonly delayMs?: number
}

/** The faults in force. */
export interface Faults {
  /** Decides about one request. Each rule counts the requests it matches; the first that is due wins. */
  readonly choose: (method: string, path: string) => FaultRule | undefined
  readonly add: (rule: FaultRule) => void
  readonly clear: () => void
}

/** Starts with some faults. Equal seeds and requests give equal faults. */
export function createFaults(rules: readonly FaultRule[], seed: number): Faults {
  const random = createRandom(seed)
  const armed: Armed[] = []
  const add = (rule: FaultRule) => armed.push(arm(rule, random.next))
  rules.forEach(add)
  return {
    choose: (method, path) => {
      let chosen: FaultRule | undefined
      for (const fault of armed) {
        if (!fault.matches(method, path)) continue
        if (chosen === undefined && fault.isDue()) chosen = fault.rule
      }
      return chosen
    },
    add: (rule) => {
      add(rule)
    },
    clear: () => {
      armed.length = 0
    },
  }
}

interface Armed {
  readonly rule: FaultRule
  /** Counts the request if it matches. */
  readonly matches: (method: string, path: string) => boolean
  readonly isDue: () => boolean
}

function arm(rule: FaultRule, chance: () => number): Armed {
  const { method, path, nth, every, probability, times = Infinity } = rule.match ?? {}
  const pattern = path === undefined ? undefined : new RegExp(path)
  let matched = 0
  let fired = 0
  return {
    rule,
    matches: (requestMethod, requestPath) => {
      if (method !== undefined && method.toUpperCase() !== requestMethod) return false
      if (pattern !== undefined && !pattern.test(requestPath)) return false
      matched += 1
      return true
    },
    isDue: () => {
      if (fired >= times) return false
      if (nth !== undefined && matched !== nth) return false
      if (every !== undefined && matched % every !== 0) return false
      if (probability !== undefined && chance() >= probability) return false
      fired += 1
      return true
    },
  }
}
