import type { PropertySchema } from '../../src/types.ts'

/** A property of text, as HubSpot describes it. */
export const property = (name: string, more: Partial<PropertySchema> = {}): PropertySchema => ({
  name,
  label: name,
  type: 'string',
  fieldType: 'text',
  options: [],
  hasExternalOptions: false,
  isUnique: false,
  isReadOnly: false,
  isCalculated: false,
  isArchived: false,
  isHidden: false,
  ...more,
})
