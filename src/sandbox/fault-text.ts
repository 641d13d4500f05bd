import { UserError } from '../errors.ts'
import type { FaultRule } from '../sandbox/faults.ts'

const kinds: readonly FaultRule['kind'][] = [
  'status',
  'status_after_commit',
  'reset_before',
  'reset_after',
  'slow',
  'hang',
  'drop_result',
  'empty_results',
]

const numbers = ['every', 'nth', 'probability', 'times'] as const

/** `KIND[:STATUS][:every=N|nth=N|probability=P|times=N|path=TEXT|delay=MS]` → a fault of the sandbox. */
export function parseFault(text: string): FaultRule {
  const [kind, ...parts] = text.split(':')
  const found = kinds.find((known) => known === kind)
  if (found === undefined) throw refuse(text, `kinds are ${kinds.join(', ')}`)
  const match: Record<string, unknown> = {}
  const rest: Record<string, unknown> = {}
  for (const part of parts) {
    const [name = '', value] = part.split('=')
    const number = Number(value ?? name)
    const isNumber = Number.isFinite(number)
    if (value === undefined && isNumber) rest['status'] = number
    else if (name === 'path' && value !== undefined) match['path'] = value
    else if (name === 'delay' && isNumber) rest['delayMs'] = number
    else if (name === 'retry-after' && isNumber) rest['retryAfterSeconds'] = number
    else if ((numbers as readonly string[]).includes(name) && isNumber) match[name] = number
    else throw refuse(text, `${part} is not understood`)
  }
  return {
    kind: found,
    ...rest,
    ...(Object.keys(match).length === 0 ? {} : { match }),
  } as FaultRule
}

const refuse = (text: string, why: string) =>
  new UserError(
    {
      message: `--fault ${text}: ${why}`,
      hint: 'For example --fault status:503:every=10 or --fault reset_after:nth=3',
    },
    { exitCode: 2 },
  )
