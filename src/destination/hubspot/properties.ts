import type { PropertyOption, PropertySchema, ValidationRule } from '../../types.ts'
import { asArray, asRecord, asText, asTexts } from './json.ts'

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
    options: inOrder(asArray(property['options'])).flatMap(readOption),
    hasExternalOptions: property['externalOptions'] === true,
    isUnique: property['hasUniqueValue'] === true || (isEmailKey && name === 'email'),
    isReadOnly: isReadOnlyValue || isFormula || INTERNAL_TYPES.has(type),
    isCalculated: isFormula || (property['calculated'] === true && isReadOnlyValue),
    isArchived: property['archived'] === true,
    isHidden: property['hidden'] === true,
  }
}

/** As HubSpot shows them: by `displayOrder`, those without one last. */
function inOrder(options: readonly unknown[]): readonly unknown[] {
  const place = (option: unknown): number => {
    const order = asRecord(option)['displayOrder']
    return typeof order === 'number' && order >= 0 ? order : Number.MAX_SAFE_INTEGER
  }
  return [...options].sort((one, other) => place(one) - place(other))
}

function readOption(value: unknown): readonly PropertyOption[] {
  const option = asRecord(value)
  const internal = asText(option['value'])
  if (internal === undefined) return []
  const label = asText(option['label']) ?? internal
  return [{ value: internal, label, isHidden: option['hidden'] === true }]
}

/** Reads the validation rules of an object's properties, by property. */
export function readRules(
  results: readonly unknown[],
): ReadonlyMap<string, readonly ValidationRule[]> {
  return new Map(
    results.flatMap((value) => {
      const entry = asRecord(value)
      const name = asText(entry['propertyName'])
      const rules = asArray(entry['propertyValidationRules']).flatMap(readRule)
      return name === undefined || rules.length === 0 ? [] : [[name, rules] as const]
    }),
  )
}

function readRule(value: unknown): readonly ValidationRule[] {
  const rule = asRecord(value)
  const type = asText(rule['ruleType'])
  return type === undefined ? [] : [{ type, arguments: asTexts(rule['ruleArguments']) }]
}
