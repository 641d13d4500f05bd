import type { PagePayload } from '../payload-lines.ts'

/** Which changes are looked for. What is undefined does not matter. */
export interface ChangeFilter {
  /** Part of a row id, record id, property, value, target or message; `property=value` is both. Case does not matter. */
  readonly text?: string | undefined
  readonly sync?: string | undefined
  readonly runId?: string | undefined
  readonly outcome?: string | undefined
  readonly operation?: string | undefined
  /** Index into the payload's problems. */
  readonly problem?: number | undefined
  readonly requestId?: string | undefined
  /** The whole id, where `text` is a part. */
  readonly rowId?: string | undefined
}

/** What is searched of each change; made when it is first needed, for most changes never are. */
const searched = new WeakMap<PagePayload['changes'], string[]>()
/** The changes that match, as positions in the payload's arrays, in their order. */
export function filterChanges(payload: PagePayload, filter: ChangeFilter): readonly number[] {
  const { changes, runs } = payload
  const isOfRun = runs.map(
    (run) =>
      (filter.sync === undefined || run.sync === filter.sync) &&
      (filter.runId === undefined || run.runId === filter.runId),
  )
  const text = filter.text?.trim().toLowerCase() ?? ''
  // `=` stands for what is written otherwise.
  const mayHold = text === '' ? undefined : changes.withWords(text.split('='))
  const found: number[] = []
  const ofRow = filter.rowId === undefined ? undefined : new Set(changes.ofRow(filter.rowId))
  for (let index = 0; index < changes.length; index++) {
    if (isOfRun[changes.run[index] ?? -1] !== true) continue
    if (filter.outcome !== undefined && changes.outcome[index] !== filter.outcome) continue
    if (filter.operation !== undefined && changes.operation[index] !== filter.operation) continue
    if (filter.problem !== undefined && changes.problem[index] !== filter.problem) continue
    if (filter.requestId !== undefined && changes.requestId[index] !== filter.requestId) continue
    if (ofRow?.has(index) === false) continue
    if (mayHold?.(index) === false || (text !== '' && !textOf(payload, index).includes(text)))
      continue
    found.push(index)
  }
  return found
}

function textOf({ changes }: PagePayload, index: number): string {
  let texts = searched.get(changes)
  if (texts === undefined) {
    texts = []
    searched.set(changes, texts)
  }
  const known = texts[index]
  if (known !== undefined) return known
  const { rowId, recordId, message, values, link } = changes.detailsOf(index)
  const parts = [rowId, recordId, message]
  for (const [property, [before, after]] of Object.entries(values))
    parts.push(`${property}=${before ?? ''}`, `${property}=${after ?? ''}`)
  if (link) parts.push(link.association, link.target, link.labels)
  // Parts are apart, so that no text is found across two of them.
  const text = parts
    .filter((part) => part)
    .join('\n')
    .toLowerCase()
  texts[index] = text
  return text
}

/** The words that occur in a column, the most frequent first. */
export function wordsIn(column: readonly string[]): readonly string[] {
  const counts = new Map<string, number>()
  for (const word of column) counts.set(word, (counts.get(word) ?? 0) + 1)
  return [...counts].sort(([, a], [, b]) => b - a).map(([word]) => word)
}

/** How often each property is in the changes of a sync, the most frequent first. */
export function changedProperties(
  { changes, runs }: PagePayload,
  sync: string,
): readonly (readonly [property: string, changes: number])[] {
  const counts = new Map<string, number>()
  for (const [index, run] of changes.run.entries()) {
    if (runs[run]?.sync !== sync) continue
    for (const property in changes.detailsOf(index).values)
      counts.set(property, (counts.get(property) ?? 0) + 1)
  }
  return [...counts].sort(([, a], [, b]) => b - a)
}
