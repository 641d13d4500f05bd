import type { ValueProblem } from './accepted-value.ts'
import type { ObjectType } from './object-type.ts'
import type { ValidationRule } from './property.ts'

/** https://developers.hubspot.com/docs/api-reference/crm-property-validations-v3/guide */
export const RULE_TYPES: ReadonlySet<string> = new Set([
  'AFTER_DATETIME_DURATION',
  'AFTER_DURATION',
  'ALPHANUMERIC',
  'BEFORE_DATETIME_DURATION',
  'BEFORE_DURATION',
  'DAYS_OF_WEEK',
  'DECIMAL',
  'DOMAIN',
  'EMAIL',
  'EMAIL_ALLOWED_DOMAINS',
  'EMAIL_BLOCKED_DOMAINS',
  'END_DATE',
  'END_DATETIME',
  'FORMAT',
  'MAX_LENGTH',
  'MAX_NUMBER',
  'MIN_LENGTH',
  'MIN_NUMBER',
  'PHONE_NUMBER_WITH_EXPLICIT_COUNTRY_CODE',
  'REGEX',
  'SPECIAL_CHARACTERS',
  'START_DATE',
  'START_DATETIME',
  'URL',
  'URL_ALLOWED_DOMAINS',
  'URL_BLOCKED_DOMAINS',
  'WHITESPACE',
])

/** Sets a rule; one of the same type is replaced. */
export function setRule(type: ObjectType, property: string, rule: ValidationRule): void {
  const others = (type.rules.get(property) ?? []).filter((each) => each.ruleType !== rule.ruleType)
  type.rules.set(property, [...others, rule])
}

/** The first rule that an accepted value breaks. Types that are not listed here are kept and served, not applied. */
export function brokenRule(
  type: ObjectType,
  property: string,
  value: string,
): ValueProblem | undefined {
  const broken = type.rules.get(property)?.find((rule) => breaks(rule, value))
  if (broken === undefined) return undefined
  // Neither message nor code of HubSpot's own refusal is published.
  const message = `Value for ${property} does not meet the validation rule ${broken.ruleType}: [${broken.ruleArguments.join(', ')}]`
  return { message, error: `INVALID_${broken.ruleType}`, name: property }
}

function breaks({ ruleType, ruleArguments: [argument = ''] }: ValidationRule, value: string) {
  switch (ruleType) {
    case 'MIN_LENGTH':
      return [...value].length < Number(argument)
    case 'MAX_LENGTH':
      return [...value].length > Number(argument)
    case 'MIN_NUMBER':
      return Number(value) < Number(argument)
    case 'MAX_NUMBER':
      return Number(value) > Number(argument)
    case 'DECIMAL':
      return (value.split('.')[1] ?? '').length > Number(argument)
    case 'ALPHANUMERIC':
      return argument === 'NUMERIC_ONLY' && !/^\d*$/.test(value)
    case 'REGEX':
      return !new RegExp(`^(?:${argument})$`).test(value)
    case 'START_DATE':
    case 'START_DATETIME':
      return timeOf(value) < timeOf(argument)
    case 'END_DATE':
    case 'END_DATETIME':
      return timeOf(value) > timeOf(argument)
    default:
      return false
  }
}

const timeOf = (text: string): number => (/^-?\d+$/.test(text) ? Number(text) : Date.parse(text))
