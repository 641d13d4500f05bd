import { type Answer, answer, NO_CONTENT, refuseInvalid, refuseMissing } from '../answers.ts'
import { shuffle } from '../random.ts'
import type { LinkDefinition } from '../store/link.ts'
import {
  countLinks,
  definitionsOf,
  type End,
  isLive,
  linksOf,
  removeLink,
  removeTypes,
  type StoredLink,
  setLink,
  typesOf,
} from '../store/links.ts'
import type { ObjectType } from '../store/object-type.ts'
import { findObjectType, type Portal } from '../store/portal.ts'
import { type ApiRequest, type Backend, type Endpoint, isObject, param } from './request.ts'

/** Pairs of a request, and records whose links one request reads. https://developers.hubspot.com/docs/api-reference/latest/crm/associations/guide */
const MAX_PAIRS = 2000
const MAX_READS = 1000
const MAX_PAGE = 500

/** The two object types of an address. */
export interface Between {
  readonly from: ObjectType
  readonly to: ObjectType
}

/** Runs an endpoint on the two object types its path names, or answers that there is none. */
export function onTypes(
  run: (between: Between, request: ApiRequest, backend: Backend) => Answer,
): Endpoint {
  return (request, backend) => {
    const names = [
      request.params['fromObjectType'] ?? param(request, 'objectType'),
      param(request, 'toObjectType'),
    ]
    const [from, to] = names.map((name) => findObjectType(backend.portal, name))
    if (from !== undefined && to !== undefined) return run({ from, to }, request, backend)
    const unknown = from === undefined ? names[0] : names[1]
    return refuseInvalid(`Unable to infer object type from: ${unknown}`)
  }
}

/** `POST …/batch/create`: 201, or 207. The types of each pair take the place of those that it has. */
export const createLinks = onTypes((between, request, { portal }) => {
  const pairs = readPairs(request.body, true)
  if ('status' in pairs) return pairs
  const typed: [Pair, readonly LinkDefinition[]][] = []
  for (const pair of pairs) {
    const types = readTypes(portal, between, pair.types)
    if ('status' in types) return types
    typed.push([pair, types])
  }
  const whole = refuseWhole(portal, between, pairs)
  if (whole !== undefined) return whole
  const results: unknown[] = []
  const problems: LinkProblem[] = []
  for (const [pair, types] of typed) {
    const ends = endsOf(between, pair)
    const problem = problemOf(portal, ends)
    if (problem !== undefined) {
      problems.push(problem)
      continue
    }
    setLink(portal, ends.from, ends.to, types)
    results.push(renderPair(portal, ends))
  }
  return partial(portal, { success: 201, failed: 207 }, results, problems, request.now)
})

/** `POST …/batch/associate/default`: 200, also where some were refused. Labels stay as they are. */
export const createDefaultLinks = onTypes((between, request, { portal }) => {
  const pairs = readPairs(request.body, false)
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
  const whole = refuseWhole(portal, between, pairs)
  if (whole !== undefined) return whole
  const results: unknown[] = []
  const problems: LinkProblem[] = []
  for (const pair of pairs) {
    const ends = endsOf(between, pair)
    const problem = problemOf(portal, ends)
    if (problem !== undefined) {
      problems.push(problem)
      continue
    }
    setLink(portal, ends.from, ends.to, [type], true)
    results.push(
      rendered(pair.fromId, pair.toId, type.category, type.typeId),
      rendered(pair.toId, pair.fromId, type.category, type.backId),
    )
  }
  return partial(portal, { success: 200, failed: 200 }, results, problems, now)
}

const rendered = (from: string, to: string, category: string, typeId: number) => ({
  from: { id: from },
  to: { id: to },
  associationSpec: { associationCategory: category, associationTypeId: typeId },
})

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
  const pairs = readPairs(request.body, true)
  if ('status' in pairs) return pairs
  const typed: [Pair, readonly LinkDefinition[]][] = []
  for (const pair of pairs) {
    const types = readTypes(portal, between, pair.types)
    if ('status' in types) return types
    typed.push([pair, types])
  }
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
  return partial(portal, { success: 200, failed: 207 }, results, problems, request.now)
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

interface Pair {
  readonly fromId: string
  readonly toId: string
  readonly types: readonly unknown[]
}

interface Ends {
  readonly from: End
  readonly to: End
}

const endsOf = ({ from, to }: Between, { fromId, toId }: Pair): Ends => ({
  from: { type: from, id: fromId },
  to: { type: to, id: toId },
})

const addressed = (request: ApiRequest): Pair => ({
  fromId: request.params['fromObjectId'] ?? param(request, 'objectId'),
  toId: param(request, 'toObjectId'),
  types: [],
})

function missingEnd({ from, to }: Ends): Answer | undefined {
  const missing = [from, to].find((end) => !isLive(end))
  if (missing === undefined) return undefined
  return refuseMissing(`No ${missing.type.singular.toLowerCase()} with ID ${missing.id} exists`)
}

function readPairs(body: unknown, needsTypes: boolean): readonly Pair[] | Answer {
  const inputs = inputsOf(body, MAX_PAIRS)
  if ('status' in inputs) return inputs
  const pairs = inputs.map((input) => ({
    fromId: idOf(input['from']),
    toId: idOf(input['to']),
    types: Array.isArray(input['types']) ? input['types'] : [],
  }))
  const unset = needsTypes && pairs.some(({ types }) => types.length === 0)
  return unset ? refuseInvalid('Some required fields were not set: [types]') : pairs
}

const idOf = (end: unknown): string => (isObject(end) ? String(end['id'] ?? '') : '')

function inputsOf(
  body: unknown,
  limit: number,
): readonly Readonly<Record<string, unknown>>[] | Answer {
  const inputs = isObject(body) ? body['inputs'] : undefined
  if (!Array.isArray(inputs)) return refuseInvalid('Some required fields were not set: [inputs]')
  if (inputs.length > limit) {
    return refuseInvalid(
      `The maximum number of inputs supported in a batch request for associations is ${limit}. Received ${inputs.length}.`,
    )
  }
  return inputs.filter(isObject)
}

/** The types that a request names by category and id, or the refusal of one that the two objects do not have. */
function readTypes(
  portal: Portal,
  between: Between,
  specs: readonly unknown[],
): readonly LinkDefinition[] | Answer {
  const known = definitionsOf(portal, between.from, between.to)
  const types: LinkDefinition[] = []
  for (const spec of specs) {
    const { associationCategory, associationTypeId } = isObject(spec) ? spec : {}
    const type = known.find(
      ({ category, typeId }) => category === associationCategory && typeId === associationTypeId,
    )
    if (type === undefined) return refuseType(String(associationTypeId), between)
    types.push(type)
  }
  return types
}

/** Observed of paths that name the type; that batches answer the same is a guess. */
function refuseType(type: string, { from, to }: Between): Answer {
  return refuseInvalid(
    `${type} is not a valid association type between ${from.name} and ${to.name}`,
    {
      subCategory: 'crm.associations.INVALID_ASSOCIATION_TYPE',
      context: { type: [type], fromObjectType: [from.name], toObjectType: [to.name] },
    },
  )
}

/** An entry of `errors`. What stands in `context`, and whether there is one, differs (observed). */
interface LinkProblem {
  readonly status: 'error'
  readonly category: string
  readonly message: string
  readonly subCategory?: string
  readonly context?: Readonly<Record<string, readonly string[]>>
}

const malformed = (id: string): LinkProblem => ({
  status: 'error',
  category: 'VALIDATION_ERROR',
  subCategory: 'crm.associations.INVALID_IDENTIFIER',
  message: `${id} is not a valid ID`,
  context: { id: [id] },
})

const nothing = ({ from, to }: Between, id: string): LinkProblem => {
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
function problemOf(portal: Portal, { from, to }: Ends): LinkProblem | undefined {
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
function refuseWhole(portal: Portal, between: Between, pairs: readonly Pair[]): Answer | undefined {
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

function renderPair(portal: Portal, { from, to }: Ends) {
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
function pageOf(links: readonly StoredLink[], after: unknown, size: number) {
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

function partial(
  portal: Portal,
  status: { readonly success: number; readonly failed: number },
  results: unknown[],
  errors: readonly LinkProblem[],
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
