import type { HoldCause, Manifest } from '../types.ts'
import { type Facts, testsOf } from './gate-facts.ts'
import type { NodeResult } from './run-results.ts'

/** What the gate says of nodes and tests. */

/** What dbt says of a node that is not well, and what it was skipped for. */
export function detail(own: NodeResult, causes: readonly HoldCause[], facts: Facts): string {
  const message = own.message === undefined ? [] : [firstLine(own.message)]
  const others = causes.filter(({ node, test }) => node !== own.uniqueId || test !== undefined)
  const parts = [...message, ...(others.length === 0 ? [] : [phrases(others, facts)])]
  return parts.length === 0 ? '' : `: ${parts.join('; ')}`
}

export const phrases = (causes: readonly HoldCause[], facts: Facts): string =>
  causes.map((cause) => phraseOf(cause, facts)).join(', ')

/** `test not_null_x of model y failed`, `model y: error`. */
function phraseOf(cause: HoldCause, facts: Facts): string {
  const words = nodeWords(cause.node, facts.manifest)
  if (cause.test === undefined) return `${words}: ${cause.status}`
  return `test ${testName(cause, facts)} of ${words} ${endOf(cause.status)}`
}

const testName = ({ node, test }: HoldCause, facts: Facts): string | undefined =>
  testsOf(node, facts).find(({ uniqueId }) => uniqueId === test)?.name ?? test

const endOf = (status: string): string =>
  status === 'fail' ? 'failed' : status === 'skipped' ? 'was skipped' : `ended with ${status}`

/** Names of tests. */
export const namesOf = (causes: readonly HoldCause[], facts: Facts): string =>
  causes.map((cause) => testName(cause, facts)).join(', ')

/** `model stg_orders`, `source raw.orders`. */
function nodeWords(id: string, { models }: Manifest): string {
  const [type = 'node', , ...name] = id.split('.')
  return `${type} ${models.get(id)?.name ?? name.join('.')}`
}

/** A file of which one command is known to have overwritten another's. */
export function whatElse({ joined: { steps } }: Facts): string {
  const [only] = steps
  if (steps.length > 1 || only === undefined) return ''
  if (only.isRetry)
    return ', which lists only what it tried again; --run-results takes both results'
  return only.command === 'test' ? ', which builds nothing; --run-results takes both results' : ''
}

function firstLine(message: string): string {
  const [line = ''] = message.trim().split('\n')
  return line.length > 200 ? `${line.slice(0, 200)}…` : line
}
