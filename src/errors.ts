import type { Origin } from './types.ts'

/** Whether repeating can help: `transient` yes, `terminal` no, `unknown` only where a repeat is safe. */
export type Disposition = 'transient' | 'terminal' | 'unknown'

/** One thing wrong in what the user wrote or asked, with where and what to do next. */
export interface Problem {
  readonly message: string
  readonly where?: Origin
  readonly sync?: string
  /** The second party of a problem between two syncs. */
  readonly otherSync?: string
  /** Dotted key inside the sync, e.g. `properties.email.as`. */
  readonly key?: string
  readonly hint?: string
}

/** Prints `file:line:column`, as editors and terminals link it. */
function formatOrigin(origin: Origin): string {
  const parts: (string | number)[] = [origin.file]
  if (origin.line !== undefined) parts.push(origin.line)
  if (origin.line !== undefined && origin.column !== undefined) parts.push(origin.column)
  return parts.join(':')
}

/** What terminals obey instead of showing it: control characters, and those that turn the direction of writing. */
const unprintable = /[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu

/** Names and paths of files are shorter. */
const longestWord = 500

/** Words of the user's files and of rows as they can be printed: escaped as in YAML, and cut where a word does not end. */
export function printable(text: string, kept = ''): string {
  const cut = text.replaceAll(/\S+/g, (word) =>
    word.length > longestWord ? `${word.slice(0, longestWord)}…` : word,
  )
  return harmless(cut, kept)
}

/** Text that no terminal obeys: escaped as in YAML, whole. */
export const harmless = (text: string, kept = ''): string =>
  text.replaceAll(unprintable, (character) =>
    kept.includes(character) ? character : escaped(character),
  )

function escaped(character: string): string {
  const short: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }
  return short[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}

/** One problem as text: what and where on the first line, the hint below it. */
export function formatProblem(problem: Problem): string {
  const where = problem.where === undefined ? '' : `${formatOrigin(problem.where)}: `
  const names = [problem.sync && `sync ${problem.sync}`, problem.key].filter(Boolean)
  const subject = names.length === 0 ? '' : `${printable(names.join(', '))}: `
  const first = `${where}${subject}${printable(problem.message, '\n\t')}`
  return problem.hint === undefined ? first : `${first}\n    ${printable(problem.hint, '\n\t')}`
}

/**
 * The user's input, configuration or usage is at fault. Holds every problem found, so that all are fixed in one go.
 * `exitCode` 1 for configuration and data, 2 for usage.
 */
export class UserError extends Error {
  readonly problems: readonly Problem[]
  readonly exitCode: 1 | 2

  constructor(
    problems: Problem | readonly Problem[],
    options?: { cause?: unknown; exitCode?: 1 | 2 },
  ) {
    const all = Array.isArray(problems) ? (problems as readonly Problem[]) : [problems as Problem]
    super(all.map(formatProblem).join('\n'), options)
    this.name = 'UserError'
    this.problems = all
    this.exitCode = options?.exitCode ?? 1
  }
}

/** The user ended the command; nothing is wrong. */
export class Interrupted extends Error {
  constructor() {
    super('Interrupted.')
    this.name = 'Interrupted'
  }
}

/** The warehouse refused, or could not be reached. */
export class WarehouseError extends Error {
  readonly disposition: Disposition
  /** The engine's own code, e.g. SQLSTATE. */
  readonly code: string | undefined
  readonly queryId: string | undefined
  readonly sql: string | undefined
  readonly hint: string | undefined
  /** The session lacks the right to do it. */
  readonly isMissingRight: boolean

  constructor(facts: {
    readonly action: string
    readonly detail: string
    readonly disposition: Disposition
    readonly hint?: string | undefined
    readonly code?: string | undefined
    readonly queryId?: string | undefined
    readonly sql?: string | undefined
    readonly isMissingRight?: boolean | undefined
    readonly cause?: unknown
  }) {
    super(`${facts.action}: ${facts.detail}`, { cause: facts.cause })
    this.name = 'WarehouseError'
    this.disposition = facts.disposition
    this.code = facts.code
    this.queryId = facts.queryId
    this.sql = facts.sql
    this.hint = facts.hint
    this.isMissingRight = facts.isMissingRight ?? false
  }
}

/**
 * HubSpot refused a whole request, or gave no usable answer.
 * `detail` never holds property values; HubSpot's own words stay in `vendorMessage`, to be scrubbed by whoever prints them.
 */
export class DestinationError extends Error {
  readonly disposition: Disposition
  /** HTTP status; undefined when no answer came. */
  readonly status: number | undefined
  /** Entry of the error table in `destination/hubspot/errors.ts`. */
  readonly category: string
  readonly correlationId: string | undefined
  readonly retryAfterMs: number | undefined
  /** True when the run cannot go on at all: token, daily limit, migrating portal, call budget. */
  readonly endsRun: boolean
  /** True when the content of the batch is at fault, so that halving finds the culprit. */
  readonly isContent: boolean
  readonly vendorMessage: string | undefined
  /** The one property that HubSpot blames, when it blames one. */
  readonly property: string | undefined
  /** Record that holds the unique value of a conflict, when HubSpot names it. */
  readonly existingId: string | undefined
  readonly hint: string | undefined
  readonly requestId: string | undefined

  constructor(facts: {
    /** What was tried, to go on from "could not": `read the account`. */
    readonly action: string
    readonly detail: string
    readonly disposition: Disposition
    readonly category: string
    readonly status?: number | undefined
    readonly correlationId?: string | undefined
    readonly retryAfterMs?: number | undefined
    readonly endsRun?: boolean | undefined
    readonly isContent?: boolean | undefined
    readonly vendorMessage?: string | undefined
    readonly property?: string | undefined
    readonly existingId?: string | undefined
    readonly hint?: string | undefined
    readonly requestId?: string | undefined
    readonly cause?: unknown
  }) {
    super(`could not ${facts.action}: ${facts.detail}`, { cause: facts.cause })
    this.name = 'DestinationError'
    this.disposition = facts.disposition
    this.status = facts.status
    this.category = facts.category
    this.correlationId = facts.correlationId
    this.retryAfterMs = facts.retryAfterMs
    this.endsRun = facts.endsRun ?? false
    this.isContent = facts.isContent ?? false
    this.vendorMessage = facts.vendorMessage
    this.property = facts.property
    this.existingId = facts.existingId
    this.hint = facts.hint
    this.requestId = facts.requestId
  }
}
