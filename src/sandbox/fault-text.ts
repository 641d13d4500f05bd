import type { FaultKind, FaultRule } from './faults.ts'
import { SandboxUsageError } from './usage-error.ts'

const kinds: readonly FaultKind[] = [
  'status',
  'status_after_commit',
  'reset_before',
  'reset_after',
  'slow',
  'hang',
  'drop_result',
  'empty_results',
]

/** What each number of a fault may be. */
const ranges = {
  status: { from: 400, to: 599, isWhole: true },
  every: { from: 1, to: Infinity, isWhole: true },
  nth: { from: 1, to: Infinity, isWhole: true },
  times: { from: 1, to: Infinity, isWhole: true },
  probability: { from: 0, to: 1, isWhole: false },
  delay: { from: 0, to: Infinity, isWhole: false },
  'retry-after': { from: 0, to: Infinity, isWhole: false },
} as const

type NumberName = keyof typeof ranges

/**
 * `KIND[:STATUS][:every=N|nth=N|probability=P|times=N|path=TEXT|delay=MS|retry-after=S]` → a fault of the sandbox.
 *
 * @throws SandboxUsageError
 */
export function parseFault(text: string): FaultRule {
  const [kind, ...parts] = text.split(':')
  const match: Record<string, unknown> = {}
  const rest: Record<string, unknown> = {}
  for (const part of parts) {
    const [name = '', value] = part.split('=')
    if (name === 'path' && value !== undefined) match['path'] = value
    else {
      const [key, number] = value === undefined ? ['status', name] : [name, value]
      if (!isNumberName(key)) throw refuse(text, `${part} is not understood`)
      put(match, rest, key, Number(number))
    }
  }
  const rule = { kind, ...rest, ...(Object.keys(match).length === 0 ? {} : { match }) }
  return checkFault(rule, text)
}

const isNumberName = (name: string): name is NumberName => Object.hasOwn(ranges, name)

function put(
  match: Record<string, unknown>,
  rest: Record<string, unknown>,
  name: NumberName,
  value: number,
): void {
  if (name === 'status') rest['status'] = value
  else if (name === 'delay') rest['delayMs'] = value
  else if (name === 'retry-after') rest['retryAfterSeconds'] = value
  else match[name] = value
}

/**
 * Takes a fault in either form: text as on the command line, or the rule as an object.
 *
 * @throws SandboxUsageError
 */
export function readFault(value: unknown): FaultRule {
  if (typeof value === 'string') return parseFault(value)
  return checkFault(value, JSON.stringify(value))
}

function checkFault(value: unknown, shown: string): FaultRule {
  const rule = (typeof value === 'object' && value !== null ? value : {}) as Partial<FaultRule>
  if (!kinds.some((kind) => kind === rule.kind)) {
    throw refuse(shown, `kinds are ${kinds.join(', ')}`)
  }
  const { status, delayMs, retryAfterSeconds, match = {} } = rule
  if (status !== undefined && rule.kind !== 'status' && rule.kind !== 'status_after_commit') {
    throw refuse(shown, `only status and status_after_commit have a status, not ${rule.kind}`)
  }
  checkNumber(shown, 'status', status)
  checkNumber(shown, 'delay', delayMs)
  checkNumber(shown, 'retry-after', retryAfterSeconds)
  for (const name of ['every', 'nth', 'times', 'probability'] as const) {
    checkNumber(shown, name, match[name])
  }
  checkPattern(shown, match.path)
  return rule as FaultRule
}

function checkNumber(shown: string, name: NumberName, value: unknown): void {
  if (value === undefined) return
  const { from, to, isWhole } = ranges[name]
  const isFine =
    typeof value === 'number' &&
    value >= from &&
    value <= to &&
    (isWhole ? Number.isInteger(value) : Number.isFinite(value))
  if (isFine) return
  const kind = isWhole ? 'a whole number' : 'a number'
  const range = to === Infinity ? `, ${from} or more` : ` from ${from} to ${to}`
  throw refuse(shown, `${name} must be ${kind}${range}`)
}

function checkPattern(shown: string, pattern: unknown): void {
  if (pattern === undefined || pattern instanceof RegExp) return
  try {
    new RegExp(String(pattern))
  } catch (cause) {
    throw refuse(shown, 'path is no regular expression', cause)
  }
}

const refuse = (shown: string, why: string, cause?: unknown) =>
  new SandboxUsageError(`${shown}: ${why}`, { cause })
