import { isUnique, recordIdProperty } from '../plan/bind/bind-match.ts'
import { meantProperty } from '../plan/bind/missing-property.ts'
import { meantBy } from '../suggest.ts'
import type { ObjectSchema, Sync } from '../types.ts'

/** Properties that the syncs of a project use, by object type id; of events in `events`. */
export interface Used {
  readonly objects: ReadonlyMap<string, ReadonlySet<string>>
  readonly events: ReadonlySet<string>
}

/** A sync with what HubSpot says of its object. */
export interface ReadSync {
  readonly sync: Sync
  readonly schema: ObjectSchema
}

/**
 * What checking and planning the syncs looks at. A name that HubSpot does not have brings the one that it most likely means, and
 * a match property without unique values those that have some: hints name them.
 */
export function usedBy(syncs: readonly ReadSync[]): Used {
  const objects = new Map<string, Set<string>>()
  const events = new Set<string>()
  const add = (objectTypeId: string, names: Iterable<string>) => {
    const known = objects.get(objectTypeId) ?? new Set()
    for (const name of names) known.add(name)
    objects.set(objectTypeId, known)
  }
  for (const { sync, schema } of syncs) {
    const names = mappedBy(sync, schema)
    if (schema.events === undefined) add(schema.objectTypeId, names)
    else for (const name of names) events.add(name)
    for (const { target, key } of sync.associations) {
      const other = schema.linked?.get(key)
      if (other === undefined || target.kind !== 'match') continue
      const { property } = target
      const meant = other.properties.has(property)
        ? undefined
        : meantBy(property, [...other.properties.keys()])
      add(other.objectTypeId, [property, ...(meant === undefined ? [] : [meant])])
    }
  }
  return { objects, events }
}

function mappedBy(sync: Sync, schema: ObjectSchema): readonly string[] {
  const names = sync.mappings.map(({ property }) => property)
  const meant = names
    .filter((name) => !schema.properties.has(name))
    .flatMap((name) => meantProperty(name, schema) ?? [])
  return [...names, ...meant, ...hintedKeys(sync, schema)]
}

function hintedKeys({ match }: Sync, schema: ObjectSchema): readonly string[] {
  if (match === undefined || match.property === recordIdProperty) return []
  const property = schema.properties.get(match.property)
  if (property === undefined || isUnique(schema, property)) return []
  return [...schema.properties.values()]
    .filter((each) => isUnique(schema, each))
    .map(({ name }) => name)
}
