import type { PropertyOption, PropertySchema } from '../../types.ts'
import { asArray, asRecord, asText } from './json.ts'

/** Types that HubSpot keeps for itself (developers.hubspot.com/docs/api-reference/crm-properties-v3/guide). */
const INTERNAL_TYPES: ReadonlySet<string> = new Set(['json', 'object_coordinates'])

/**
 * Reads one entry of the property list.
 *
 * `calculated` is no test for read-only: HubSpot sets it on properties that can be written.
 * @param isEmailKey true for contacts, whose `email` is unique without `hasUniqueValue`
 * @returns undefined for an entry without a name
 */
export function readProperty(value: unknown, isEmailKey: boolean): PropertySchema | undefined {
  const property = asRecord(value)
  const name = asText(property['name'])
  if (name === undefined) return undefined
  const type = asText(property['type']) ?? 'string'
  const fieldType = asText(property['fieldType']) ?? ''
  const groupName = asText(property['groupName'])
  const isReadOnlyValue = asRecord(property['modificationMetadata'])['readOnlyValue'] === true
  const isFormula = fieldType.startsWith('calculation')
  return {
    name,
    label: asText(property['label']) ?? name,
    type,
    fieldType,
    ...(groupName === undefined ? {} : { groupName }),
    options: asArray(property['options']).flatMap(readOption),
    hasExternalOptions: property['externalOptions'] === true,
    isUnique: property['hasUniqueValue'] === true || (isEmailKey && name === 'email'),
    isReadOnly: isReadOnlyValue || isFormula || INTERNAL_TYPES.has(type),
    isCalculated: isFormula || (property['calculated'] === true && isReadOnlyValue),
    isArchived: property['archived'] === true,
    isHidden: property['hidden'] === true,
  }
}

function readOption(value: unknown): readonly PropertyOption[] {
  const option = asRecord(value)
  const internal = asText(option['value'])
  if (internal === undefined) return []
  const label = asText(option['label']) ?? internal
  return [{ value: internal, label, isHidden: option['hidden'] === true }]
}
