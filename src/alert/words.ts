import type { Alert, Notice, Place } from './alert.ts'
import { renderAlertTemplate } from './alert-template.ts'
import type { AlertState } from './decide.ts'

/** A text of at most so many characters, with a mark where it was cut; no character is cut in two. */
export function cut(text: string, limit: number): string {
  if (text.length <= limit) return text
  return `${text.slice(0, limit - 1).replace(/[\uD800-\uDBFF]$/, '')}…`
}

/** One line: what breaks lines, or is obeyed by a terminal, is a space. */
export const oneLine = (text: string): string =>
  text.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim()

const longestSubject = 200

/** A message with its subject and its text. */
export function noticeOf(
  state: Pick<AlertState, 'dedupKey' | 'alert' | 'sync' | 'status' | 'since' | 'words'> & {
    readonly trouble: Notice['trouble']
  },
  { template }: Pick<Alert, 'template'>,
  place: Place,
): Notice {
  const { dedupKey, alert, sync, trouble, status, since, words } = state
  const facts = { dedupKey, alert, sync, trouble, status, since, words }
  const own = (text: string | undefined) =>
    text === undefined ? undefined : renderAlertTemplate(text, facts, place)
  const usual = `${words.title} (${place.project}, ${place.target})`
  return {
    ...facts,
    subject: cut(oneLine(own(template.subject) ?? usual), longestSubject),
    text: own(template.text) ?? usualText(facts, place),
  }
}

function usualText(
  { since, words, status }: Pick<Notice, 'since' | 'words' | 'status'>,
  { portalId }: Place,
): string {
  const facts = [
    `${status === 'open' ? 'Since' : 'Over since'} ${since.slice(0, 16).replace('T', ' ')} UTC`,
    ...(portalId === null ? [] : [`portal ${portalId}`]),
    ...(words.runId === null ? [] : [`run ${words.runId}`]),
  ]
  return [
    ...words.what,
    ...(words.steps.length === 0 ? [] : ['', 'What to do:', ...words.steps]),
    ...(words.command === null ? [] : ['', words.command]),
    '',
    facts.join(' · '),
  ]
    .join('\n')
    .trim()
}
