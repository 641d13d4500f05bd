import { type Answer, refuseMissing } from '../answers.ts'
import { countLinks, type End, isLive, linksOf, typesOf } from '../store/links.ts'
import type { Portal } from '../store/portal.ts'
import { type Between, type Ends, endsOf, type Pair } from './link-pairs.ts'

/** An entry of `errors`. What stands in `context`, and whether there is one, differs (observed). */
export interface LinkProblem {
  readonly status: 'error'
  readonly category: string
  readonly message: string
  readonly subCategory?: string
  readonly context?: Readonly<Record<string, readonly string[]>>
}

export const malformed = (id: string): LinkProblem => ({
  status: 'error',
  category: 'VALIDATION_ERROR',
  subCategory: 'crm.associations.INVALID_IDENTIFIER',
  message: `${id} is not a valid ID`,
  context: { id: [id] },
})

export const nothing = ({ from, to }: Between, id: string): LinkProblem => {
  const [fromName, toName] = [from, to].map(({ singular }) => singular.toLowerCase())
  return {
    status: 'error',
    category: 'OBJECT_NOT_FOUND',
    subCategory: 'crm.associations.NO_ASSOCIATIONS_FOUND',
    message: `No ${toName} is associated with ${fromName} ${id}.`,
    context: { fromObjectId: [id], fromObjectType: [fromName ?? ''], toObjectType: [toName ?? ''] },
  }
}

/** Why two records cannot be linked. The wording for a missing one is not published. */
export function problemOf(portal: Portal, { from, to }: Ends): LinkProblem | undefined {
  const wrong = [from, to].find(({ id }) => !/^\d+$/.test(id))
  if (wrong !== undefined) return malformed(wrong.id)
  if (from.type === to.type && from.id === to.id) {
    return {
      status: 'error',
      category: 'VALIDATION_ERROR',
      message: `Object ${from.id} cannot be associated to itself (${to.id})`,
    }
  }
  const missing = isLive(from) ? (isLive(to) ? undefined : to) : from
  if (missing !== undefined) return notThere(portal, missing, missing === from ? 'from' : 'to')
  const { maxLinks } = portal.quirks
  if (typesOf(portal, from, to) !== undefined) return undefined
  const full = [
    { end: from, other: to.type },
    { end: to, other: from.type },
  ].find(
    ({ end, other }) =>
      countLinks(portal, end) >= maxLinks && linksOf(portal, end, other).length >= maxLinks,
  )
  return full === undefined
    ? undefined
    : {
        status: 'error',
        category: 'VALIDATION_ERROR',
        subCategory: 'crm.associations.ASSOCIATION_LIMIT_EXCEEDED',
        message: `${full.end.type.singular} ${full.end.id} has reached the limit of ${maxLinks} associated ${full.other.name}`,
        context: { id: [full.end.id] },
      }
}

/** Of a quirk: one record that is not there refuses them all. */
export function refuseWhole(
  portal: Portal,
  between: Between,
  pairs: readonly Pair[],
): Answer | undefined {
  if (portal.quirks.linkErrorsName !== 'request') return undefined
  for (const pair of pairs) {
    const missing = missingEnd(endsOf(between, pair))
    if (missing !== undefined) return missing
  }
  return undefined
}

function notThere({ quirks }: Portal, { type, id }: End, end: 'from' | 'to'): LinkProblem {
  const name = type.singular.toLowerCase()
  const problem = { status: 'error', category: 'OBJECT_NOT_FOUND' } as const
  switch (quirks.linkErrorsName) {
    case 'end':
      return {
        ...problem,
        message: `No ${name} with ID ${id} exists`,
        context: { [`${end}ObjectId`]: [id], [`${end}ObjectType`]: [name] },
      }
    case 'id':
      return { ...problem, message: `No ${name} with ID ${id} exists`, context: { id: [id] } }
    case 'request':
    case 'nobody':
      return { ...problem, message: 'Object not found' }
  }
}

export function missingEnd({ from, to }: Ends): Answer | undefined {
  const missing = [from, to].find((end) => !isLive(end))
  if (missing === undefined) return undefined
  return refuseMissing(`No ${missing.type.singular.toLowerCase()} with ID ${missing.id} exists`)
}
