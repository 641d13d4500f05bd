import { type Answer, answer } from '../answers.ts'
import { shuffle } from '../random.ts'
import { type StoredLink, typesOf } from '../store/links.ts'
import type { Portal } from '../store/portal.ts'
import type { Ends } from './link-pairs.ts'
import type { LinkProblem } from './link-problems.ts'

export function renderPair(portal: Portal, { from, to }: Ends) {
  const types = [...(typesOf(portal, from, to) ?? [])]
  return {
    fromObjectTypeId: from.type.objectTypeId,
    fromObjectId: Number(from.id),
    toObjectTypeId: to.type.objectTypeId,
    toObjectId: Number(to.id),
    labels: types.flatMap(({ label }) => label ?? []),
  }
}

/** Cursors are ids of the other end. */
export function pageOf(links: readonly StoredLink[], after: unknown, size: number) {
  const at = links.findIndex(({ toId }) => toId === String(after ?? ''))
  const rest = links.slice(at + 1)
  const to = rest.slice(0, size).map(({ toId, types }) => ({
    toObjectId: Number(toId),
    associationTypes: types.map(({ category, typeId, label }) => ({ category, typeId, label })),
  }))
  const last = to.at(-1)
  return rest.length > size && last !== undefined
    ? { to, paging: { next: { after: String(last.toObjectId) } } }
    : { to }
}

export const rendered = (from: string, to: string, category: string, typeId: number) => ({
  from: { id: from },
  to: { id: to },
  associationSpec: { associationCategory: category, associationTypeId: typeId },
})

export function partial(
  portal: Portal,
  status: { readonly success: number; readonly failed: number },
  {
    results,
    problems: errors,
  }: { readonly results: unknown[]; readonly problems: readonly LinkProblem[] },
  startedAt: number,
): Answer {
  if (portal.quirks.shuffleResults) shuffle(results, portal.random)
  const body = {
    status: 'COMPLETE',
    results,
    startedAt: new Date(startedAt).toISOString(),
    completedAt: new Date(portal.clock()).toISOString(),
  }
  if (errors.length === 0) return answer(status.success, body)
  return answer(status.failed, { ...body, numErrors: errors.length, errors })
}
