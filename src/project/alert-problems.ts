import { templateProblem } from '../alert/alert-template.ts'
import type { AlertInput } from '../config/alert-schema.ts'
import type { Problem } from '../errors.ts'
import type { Path, YamlDocument } from './yaml-document.ts'

const kinds = ['slack', 'pagerduty', 'email', 'sms', 'webhook'] as const

/** What the schema of an entry does not see. */
export function writtenProblems(input: AlertInput, at: Path, document: YamlDocument): Problem[] {
  const found: Problem[] = []
  const add = (path: Path, message: string, hint?: string) => {
    const whole = [...at, ...path]
    found.push({
      message,
      where: document.at(whole),
      key: whole.join('.'),
      ...(hint === undefined ? {} : { hint }),
    })
  }
  const given = kinds.filter((kind) => input[kind] !== undefined)
  const [, second] = given
  if (given.length === 0) {
    add([], `Alert ${input.name} has no channel`, `Give it one of ${kinds.join(', ')}.`)
  } else if (second !== undefined) {
    add(
      [second],
      `Alert ${input.name} has several channels: ${given.join(', ')}`,
      'Write an alert for each.',
    )
  }
  const { slack, email, sms, when } = input
  if (slack !== undefined) {
    const byToken = slack.token !== undefined && slack.channel !== undefined
    const hasPart = slack.token !== undefined || slack.channel !== undefined
    if (slack.webhook_url === undefined ? !byToken : hasPart) {
      add(['slack'], 'needs `webhook_url`, or `token` and `channel`')
    }
  }
  if (email !== undefined && (email.username === undefined) !== (email.password === undefined)) {
    add(['email'], 'needs both `username` and `password`, or neither')
  }
  if (sms !== undefined && (sms.from === undefined) === (sms.messaging_service_sid === undefined)) {
    add(['sms'], 'needs `from` or `messaging_service_sid`, and not both')
  }
  for (const [word, key] of [
    ['rejected', 'rejected_above'],
    ['stale', 'stale_after'],
  ] as const) {
    if (when === undefined) continue
    if (input[key] !== undefined && !when.includes(word)) {
      add([key], `has no effect: \`when\` does not name \`${word}\``)
    }
  }
  if (when?.includes('stale') === true && input.stale_after === undefined) {
    add(['when'], '`stale` needs `stale_after`', 'For example stale_after: 26h')
  }
  if (when?.every((word) => word === 'recovery') === true) {
    add(['when'], 'names nothing that could be over')
  }
  for (const part of ['subject', 'text'] as const) {
    const text = input.template?.[part]
    const problem = text === undefined ? undefined : templateProblem(text)
    if (problem !== undefined) add(['template', part], problem.message, problem.hint)
  }
  return found
}
