import { createFaults, type Faults } from './faults.ts'
import { createOauth, type Oauth } from './oauth.ts'
import type { ResolvedOptions } from './options.ts'
import { defaultPortal } from './portal/default-portal.ts'
import { createRandom } from './random.ts'
import { createRateLimits, type RateLimits } from './rate-limits.ts'
import { createRequestLog, type RequestLog } from './request-log.ts'
import type { Portal } from './store/portal.ts'
import { type Token, tokenTable } from './tokens.ts'
import type { Violation } from './violations.ts'

/** Everything a running sandbox remembers. A reset replaces the portal, so take it from here each time. */
export interface SandboxState {
  readonly options: ResolvedOptions
  readonly tokens: ReadonlyMap<string, Token>
  readonly oauth: Oauth
  readonly rateLimits: RateLimits
  readonly faults: Faults
  readonly log: RequestLog
  readonly violations: Violation[]
  /** Properties, by object type, that a reset makes again. */
  readonly keptProperties: (readonly [string, Readonly<Record<string, unknown>>])[]
  /** E-mails of owners that a reset makes again. */
  readonly keptOwners: string[]
  /** Kinds of events that a reset makes again. */
  readonly keptEvents: Readonly<Record<string, unknown>>[]
  /** Labels of links, by the two object types, that a reset makes again. */
  readonly keptLabels: (readonly [string, string, LabelFacts])[]
  portal: Portal
}

/** A label of links, as its endpoint takes it. */
export interface LabelFacts {
  readonly label: string
  /** Default: the label without what an internal name cannot have. */
  readonly name?: string
  readonly inverseLabel?: string
}

/** The state a sandbox starts with. */
export function createState(options: ResolvedOptions): SandboxState {
  return {
    options,
    tokens: tokenTable(options.tokens),
    oauth: createOauth(options.apps, options.portalId),
    rateLimits: createRateLimits(options.limits, options.timeZone),
    faults: createFaults(options.faults, options.seed),
    log: createRequestLog(options.logSize),
    violations: [],
    keptProperties: [],
    keptOwners: [],
    keptEvents: [],
    keptLabels: [],
    portal: freshPortal(options),
  }
}

/** Forgets records, definitions, requests, violations and faults, as if just started; what outlives it is made again by the control. */
export function resetState(state: SandboxState): void {
  state.portal = freshPortal(state.options)
  state.rateLimits.reset()
  state.log.clear()
  state.violations.length = 0
  state.faults.clear()
  state.options.faults.forEach(state.faults.add)
}

function freshPortal(options: ResolvedOptions): Portal {
  const { portalId, accountType, timeZone, quirks, clock, seed } = options
  return defaultPortal({
    portalId,
    accountType,
    timeZone,
    quirks,
    clock,
    random: createRandom(seed),
  })
}
