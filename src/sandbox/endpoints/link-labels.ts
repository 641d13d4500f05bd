import {
  type Answer,
  answer,
  NO_CONTENT,
  refuse,
  refuseInvalid,
  refuseMissing,
} from '../answers.ts'
import type { LinkDefinition } from '../store/link.ts'
import { addLabel, backOf, definitionsOf, removeLabel } from '../store/links.ts'
import type { Portal } from '../store/portal.ts'
import { type Between, onTypes } from './link-pairs.ts'
import { isObject, param } from './request.ts'

/** `GET …/labels`: types of one direction; the unlabelled one has the label null. */
export const listLabels = onTypes(({ from, to }, _request, { portal }) =>
  answer(200, { results: definitionsOf(portal, from, to).map(render) }),
)

/** `POST …/labels`: 200, with both directions. */
export const postLabel = onTypes((between, { body }, { portal }) => {
  const made = createLabel(portal, between, body)
  return 'refusal' in made ? made.refusal : answer(200, { results: made.types.map(render) })
})

/** Makes a label from the body its endpoint takes. */
export function createLabel(
  portal: Portal,
  { from, to }: Between,
  body: unknown,
): { readonly types: readonly LinkDefinition[] } | { readonly refusal: Answer } {
  const { name, label, inverseLabel } = isObject(body) ? body : {}
  if (!name || !label) {
    return { refusal: refuseInvalid('Some required fields were not set: [name, label]') }
  }
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(String(name))) {
    return { refusal: refuseInvalid(`Association name "${String(name)}" is invalid`) }
  }
  const known = definitionsOf(portal, from, to)
  if (known.length === 0) {
    return { refusal: refuseInvalid(`${from.name} cannot be associated with ${to.name}`) }
  }
  if (known.some((each) => each.name === name || each.label === label)) {
    const message = `An association definition with the name ${String(name)} or the label ${String(label)} already exists`
    return { refusal: refuse(409, 'OBJECT_ALREADY_EXISTS', message) }
  }
  const inverse = typeof inverseLabel === 'string' ? inverseLabel : undefined
  return {
    types: addLabel(portal, from, to, {
      name: String(name),
      label: String(label),
      inverseLabel: inverse,
    }),
  }
}

/** `PUT …/labels`: 204. */
export const putLabel = onTypes((between, { body }, { portal }) => {
  const { associationTypeId, label, inverseLabel } = isObject(body) ? body : {}
  if (typeof label !== 'string' || label === '')
    return refuseInvalid('Some required fields were not set: [label]')
  const own = ownLabel(portal, between, Number(associationTypeId))
  if (own === undefined) return MISSING
  own.label = label
  if (typeof inverseLabel === 'string')
    backOf(portal, between.from, between.to, own).label = inverseLabel
  return NO_CONTENT
})

/** `DELETE …/labels/{associationTypeId}`: 204; links that had it stay without it. */
export const deleteLabel = onTypes((between, request, { portal }) => {
  const own = ownLabel(portal, between, Number(param(request, 'associationTypeId')))
  if (own === undefined) return MISSING
  removeLabel(portal, between.from, between.to, own)
  return NO_CONTENT
})

/** HubSpot's own types cannot be changed. */
const ownLabel = (portal: Portal, { from, to }: Between, typeId: number) =>
  definitionsOf(portal, from, to).find(
    (each) => each.typeId === typeId && each.category === 'USER_DEFINED' && each.label !== null,
  )

const MISSING = refuseMissing('Association definition not found')

const render = ({ category, typeId, label }: LinkDefinition) => ({ category, typeId, label })
