import type { LinkDefinition } from './link.ts'
import { definitionsOf, type End, setLink } from './links.ts'
import type { ObjectType } from './object-type.ts'
import type { Portal } from './portal.ts'
import type { Rejection } from './rejection.ts'

/** A link that comes with the creation of a record. */
interface NewLink {
  readonly to: End
  readonly types: LinkDefinition[]
}

/** Checks `associations` of a record that is to be created: which object is meant is told by the type. */
export function prepareLinks(
  portal: Portal,
  from: ObjectType,
  associations: readonly unknown[],
): readonly NewLink[] | Rejection {
  const links: NewLink[] = []
  for (const { to, types } of associations.map(readAssociation)) {
    const byObject = new Map<ObjectType, LinkDefinition[]>()
    for (const { category, typeId } of types) {
      const found = findType(portal, from, category, typeId)
      if (found === undefined) {
        const message = `${typeId} is not a valid association type of ${from.name}`
        const problem = { message, error: 'INVALID_ASSOCIATION_TYPE', name: 'associations' }
        return { kind: 'values', problems: [problem] }
      }
      byObject.set(found.to, [...(byObject.get(found.to) ?? []), found.type])
    }
    for (const [type, own] of byObject) {
      if (!type.records.has(to)) return { kind: 'missing', singular: type.singular, id: to }
      links.push({ to: { type, id: to }, types: own })
    }
  }
  return links
}

/** Sets the links of a record that was created. */
export function commitLinks(portal: Portal, from: End, links: readonly NewLink[]): void {
  for (const { to, types } of links) setLink(portal, from, to, types)
}

function findType(
  portal: Portal,
  from: ObjectType,
  category: unknown,
  typeId: unknown,
): { readonly to: ObjectType; readonly type: LinkDefinition } | undefined {
  for (const to of portal.objectTypes) {
    const type = definitionsOf(portal, from, to).find(
      (each) => each.category === category && each.typeId === typeId,
    )
    if (type !== undefined) return { to, type }
  }
  return undefined
}

function readAssociation(value: unknown) {
  const { to, types } = fieldsOf(value)
  return {
    to: String(fieldsOf(to)['id'] ?? ''),
    types: (Array.isArray(types) ? types : []).map((each) => {
      const { associationCategory, associationTypeId } = fieldsOf(each)
      return { category: associationCategory, typeId: associationTypeId }
    }),
  }
}

const fieldsOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
