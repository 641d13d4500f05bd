import { acceptanceOf } from './accept-value.ts'
import type { AcceptValue } from './accepted-value.ts'
import type { ExternalOptions, Property } from './property.ts'

/** A definition with its value check, made once so that writes stay fast. */
export interface StoredProperty {
  readonly definition: Property
  readonly accept: AcceptValue
}

/** Prepares a definition for storing. */
export function storedProperty(definition: Property, external: ExternalOptions): StoredProperty {
  return { definition, accept: acceptanceOf(definition, external) }
}
