import { type Answer, refuseInvalid } from '../answers.ts'
import type { LinkDefinition } from '../store/link.ts'
import { definitionsOf, type End } from '../store/links.ts'
import type { ObjectType } from '../store/object-type.ts'
import { findObjectType, type Portal } from '../store/portal.ts'
import { type ApiRequest, type Backend, type Endpoint, isObject, param } from './request.ts'

/** Pairs of a request, and records whose links one request reads. https://developers.hubspot.com/docs/api-reference/latest/crm/associations/guide */
export const MAX_PAIRS = 2000
export const MAX_READS = 1000

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

export interface Pair {
  readonly fromId: string
  readonly toId: string
  readonly types: readonly unknown[]
}

export interface Ends {
  readonly from: End
  readonly to: End
}

export const endsOf = ({ from, to }: Between, { fromId, toId }: Pair): Ends => ({
  from: { type: from, id: fromId },
  to: { type: to, id: toId },
})

/** Whom an address names. */
export const addressed = (request: ApiRequest): Pair => ({
  fromId: request.params['fromObjectId'] ?? param(request, 'objectId'),
  toId: param(request, 'toObjectId'),
  types: [],
})

export function readPairs(body: unknown): readonly Pair[] | Answer {
  const inputs = inputsOf(body, MAX_PAIRS)
  if ('status' in inputs) return inputs
  return inputs.map((input) => ({
    fromId: idOf(input['from']),
    toId: idOf(input['to']),
    types: Array.isArray(input['types']) ? input['types'] : [],
  }))
}

/** A pair, and the types that it names. */
export type TypedPair = readonly [pair: Pair, types: readonly LinkDefinition[]]

/** Pairs with the types that each of them has to name. */
export function readTypedPairs(
  portal: Portal,
  between: Between,
  body: unknown,
): readonly TypedPair[] | Answer {
  const pairs = readPairs(body)
  if ('status' in pairs) return pairs
  if (pairs.some(({ types }) => types.length === 0)) {
    return refuseInvalid('Some required fields were not set: [types]')
  }
  const typed: TypedPair[] = []
  for (const pair of pairs) {
    const types = readTypes(portal, between, pair.types)
    if ('status' in types) return types
    typed.push([pair, types])
  }
  return typed
}

export const idOf = (end: unknown): string => (isObject(end) ? String(end['id'] ?? '') : '')

export function inputsOf(
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
export function readTypes(
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
export function refuseType(type: string, { from, to }: Between): Answer {
  return refuseInvalid(
    `${type} is not a valid association type between ${from.name} and ${to.name}`,
    {
      subCategory: 'crm.associations.INVALID_ASSOCIATION_TYPE',
      context: { type: [type], fromObjectType: [from.name], toObjectType: [to.name] },
    },
  )
}
