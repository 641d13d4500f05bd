import { type Answer, answer, NO_CONTENT, refuseInvalid, refuseMissing } from '../answers.ts'
import { definitionsOf, isLive, linksOf, removeLink, removeTypes, setLink } from '../store/links.ts'
import type { Portal } from '../store/portal.ts'
import { pageOf, partial, rendered, renderPair } from './link-answers.ts'
import {
  addressed,
  type Between,
  type Ends,
  endsOf,
  idOf,
  inputsOf,
  MAX_PAIRS,
  MAX_READS,
  onTypes,
  type Pair,
  readPairs,
  readTypedPairs,
  readTypes,
  refuseType,
  type TypedPair,
} from './link-pairs.ts'
import {
  type LinkProblem,
  malformed,
  missingEnd,
  nothing,
  problemOf,
  refuseWhole,
} from './link-problems.ts'
import { param } from './request.ts'

const MAX_PAGE = 500

/** `POST …/batch/create`: 201, or 207. The types of each pair take the place of those that it has. */
export const createLinks = onTypes((between, request, { portal }) => {
  const typed = readTypedPairs(portal, between, request.body)
  if ('status' in typed) return typed
  const linked = linkEach(portal, between, typed, (ends, types) => {
    setLink(portal, ends.from, ends.to, types)
    return [renderPair(portal, ends)]
  })
  if ('status' in linked) return linked
  return partial(portal, { success: 201, failed: 207 }, linked, request.now)
})

/** `POST …/batch/associate/default`: 200, also where some were refused. Labels stay as they are. */
export const createDefaultLinks = onTypes((between, request, { portal }) => {
  const pairs = readPairs(request.body)
  if ('status' in pairs) return pairs
  return linkByDefault(portal, between, pairs, request.now)
})

/** `PUT …/associations/default/{to}/{toId}`: 200. */
export const putDefaultLink = onTypes((between, request, { portal }) => {
  const pair = addressed(request)
  const missing = missingEnd(endsOf(between, pair))
  return missing ?? linkByDefault(portal, between, [pair], request.now)
})

function linkByDefault(
  portal: Portal,
  between: Between,
  pairs: readonly Pair[],
  now: number,
): Answer {
  const type = definitionsOf(portal, between.from, between.to).find(({ label }) => label === null)
  if (type === undefined) return refuseType('default', between)
  const typed = pairs.map((pair) => [pair, [type]] as const)
  const linked = linkEach(portal, between, typed, ({ from, to }, types) => {
    setLink(portal, from, to, types, true)
    return [
      rendered(from.id, to.id, type.category, type.typeId),
      rendered(to.id, from.id, type.category, type.backId),
    ]
  })
  if ('status' in linked) return linked
  return partial(portal, { success: 200, failed: 200 }, linked, now)
}

/** Links pair by pair: one that cannot be linked does not stop the others, unless a quirk has it refuse them all. */
function linkEach(
  portal: Portal,
  between: Between,
  typed: readonly TypedPair[],
  link: (ends: Ends, types: TypedPair[1]) => readonly unknown[],
): { readonly results: unknown[]; readonly problems: readonly LinkProblem[] } | Answer {
  const whole = refuseWhole(
    portal,
    between,
    typed.map(([pair]) => pair),
  )
  if (whole !== undefined) return whole
  const results: unknown[] = []
  const problems: LinkProblem[] = []
  for (const [pair, types] of typed) {
    const ends = endsOf(between, pair)
    const problem = problemOf(portal, ends)
    if (problem === undefined) results.push(...link(ends, types))
    else problems.push(problem)
  }
  return { results, problems }
}

/** `POST …/batch/archive`: 204, also for pairs without a link. */
export const archiveLinks = onTypes((between, { body }, { portal }) => {
  const inputs = inputsOf(body, MAX_PAIRS)
  if ('status' in inputs) return inputs
  const pairs = inputs.flatMap((input) =>
    (Array.isArray(input['to']) ? input['to'] : []).map((to) => ({
      fromId: idOf(input['from']),
      toId: idOf(to),
      types: [],
    })),
  )
  for (const pair of pairs) {
    const { from, to } = endsOf(between, pair)
    removeLink(portal, from, to)
  }
  return NO_CONTENT
})

/** `POST …/batch/labels/archive`: 204. */
export const archiveLabels = onTypes((between, request, { portal }) => {
  const typed = readTypedPairs(portal, between, request.body)
  if ('status' in typed) return typed
  for (const [pair, types] of typed) {
    const { from, to } = endsOf(between, pair)
    removeTypes(portal, from, to, types)
  }
  return NO_CONTENT
})

/** `POST …/batch/read`: 200, or 207: records without links come among the errors. */
export const readLinks = onTypes((between, request, { portal }) => {
  const inputs = inputsOf(request.body, MAX_READS)
  if ('status' in inputs) return inputs
  const results: unknown[] = []
  const problems: LinkProblem[] = []
  for (const input of inputs) {
    const id = String(input['id'] ?? '')
    if (!/^\d+$/.test(id)) {
      problems.push(malformed(id))
      continue
    }
    const links = linksOf(portal, { type: between.from, id }, between.to)
    if (links.length === 0) {
      problems.push(nothing(between, id))
      continue
    }
    const page = pageOf(links, input['after'], portal.quirks.linkPageSize)
    results.push({ from: { id }, ...page })
  }
  return partial(portal, { success: 200, failed: 207 }, { results, problems }, request.now)
})

/** `GET /crm/v4/objects/{type}/{id}/associations/{to}`. */
export const listLinks = onTypes(({ from, to }, request, { portal }) => {
  const end = { type: from, id: param(request, 'objectId') }
  if (!isLive(end)) return refuseMissing('Object not found.  objectId are usually numeric.')
  const limit = Math.min(Number(request.query.get('limit') ?? MAX_PAGE), MAX_PAGE)
  const { to: results, ...paging } = pageOf(
    linksOf(portal, end, to),
    request.query.get('after'),
    limit,
  )
  return answer(200, { results, ...paging })
})

/** `PUT /crm/v4/objects/{type}/{id}/associations/{to}/{toId}`: 201. */
export const putLink = onTypes((between, request, { portal }) => {
  const types = readTypes(portal, between, Array.isArray(request.body) ? request.body : [])
  if ('status' in types) return types
  const ends = endsOf(between, addressed(request))
  const missing = missingEnd(ends)
  if (missing !== undefined) return missing
  const problem = problemOf(portal, ends)
  if (problem !== undefined) return refuseInvalid(problem.message)
  setLink(portal, ends.from, ends.to, types)
  return answer(201, renderPair(portal, ends))
})

/** `DELETE /crm/v4/objects/{type}/{id}/associations/{to}/{toId}`: 204. */
export const deleteLink = onTypes((between, request, { portal }) => {
  const { from, to } = endsOf(between, addressed(request))
  removeLink(portal, from, to)
  return NO_CONTENT
})
