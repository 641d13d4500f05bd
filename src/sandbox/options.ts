import type { FaultRule } from './faults.ts'
import { SANDBOX_APP, type SandboxApp } from './oauth.ts'
import { type Limits, TIERS, type Tier } from './rate-limits.ts'
import type { AccountType, Quirks } from './store/portal.ts'
import { SANDBOX_TOKEN, type Token } from './tokens.ts'
import type { ValidateRequest } from './violations.ts'

/** How a sandbox behaves. Everything has a default. */
export interface SandboxOptions {
  /** 0, the default, takes a free one. */
  readonly port?: number
  /** Default 127.0.0.1. */
  readonly host?: string
  /** Serve `/_sandbox/…` although the host is not a loopback one. Default false: it needs no token. */
  readonly allowRemoteAdmin?: boolean
  /** Default 4242424. */
  readonly portalId?: number
  /** Default `DEVELOPER_TEST`. */
  readonly accountType?: AccountType
  /** IANA time zone of the account, at whose midnight the daily limit resets. Default UTC. */
  readonly timeZone?: string
  /** Accepted tokens; as text they may do everything. Default `sandbox-token`. */
  readonly tokens?: readonly (string | Token)[]
  /** OAuth apps that are connected to the portal. Default `sandbox-client-id`. */
  readonly apps?: readonly SandboxApp[]
  /** Whose limits apply. Default `professional`. */
  readonly tier?: Tier
  /** Single limits that differ from the tier's. */
  readonly limits?: Partial<Limits>
  /** How long every answer takes at least, in milliseconds. Default 0. */
  readonly latencyMs?: number
  /** Decides order of results, correlation ids and random faults. Default 1. */
  readonly seed?: number
  readonly faults?: readonly FaultRule[]
  readonly quirks?: Partial<Quirks>
  /** Requests kept in full. Default 5000; counts cover all. */
  readonly logSize?: number
  /** Judges every request; what it objects to is answered with 400 and kept as a violation. */
  readonly validateRequest?: ValidateRequest
  /** The time, in milliseconds since the epoch. Default the system's. */
  readonly clock?: () => number
}

/** The options with every default filled in. */
export type ResolvedOptions = Required<
  Omit<SandboxOptions, 'tier' | 'limits' | 'quirks' | 'validateRequest'>
> & {
  readonly limits: Limits
  readonly quirks: Quirks
  readonly validateRequest: ValidateRequest | undefined
}

/** Fills in the defaults. */
export function resolveOptions(options: SandboxOptions): ResolvedOptions {
  const { tier, limits, quirks, ...given } = options
  return {
    port: 0,
    host: '127.0.0.1',
    allowRemoteAdmin: false,
    portalId: 4_242_424,
    accountType: 'DEVELOPER_TEST',
    timeZone: 'UTC',
    tokens: [SANDBOX_TOKEN],
    apps: [SANDBOX_APP],
    latencyMs: 0,
    seed: 1,
    faults: [],
    logSize: 5000,
    validateRequest: undefined,
    // biome-ignore lint/complexity/useDateNow: the one place where the sandbox reads the system's time; everything else takes the clock
    clock: () => new Date().getTime(),
    ...given,
    limits: { ...TIERS[tier ?? 'professional'], ...limits },
    quirks: { ...DEFAULT_QUIRKS, ...quirks },
  }
}

const DEFAULT_QUIRKS: Quirks = {
  echoTraceIds: false,
  shuffleResults: true,
  conflictNamesId: true,
  searchLagMs: 0,
  refusesRepeatedEvents: false,
  linkErrorsName: 'end',
  maxLinks: 50_000,
  linkPageSize: 1000,
  maxListInputs: Number.POSITIVE_INFINITY,
  spellsAddedTheOldWay: false,
}
