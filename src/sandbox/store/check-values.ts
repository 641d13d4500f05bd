import { type Answer, refuseInvalid } from '../answers.ts'
import type { ValueProblem } from './accepted-value.ts'
import type { ObjectType, Values } from './object-type.ts'
import { brokenRule } from './validation-rules.ts'

/** Values fit to be stored (empty ones clear), or everything that is wrong with them. */
export type CheckedValues =
  | { readonly values: Values; readonly problems?: undefined }
  | { readonly problems: readonly ValueProblem[] }

const UNSET: Values = {}

/**
 * Checks the properties of one input against the definitions of its type.
 *
 * @param current the record's stored values; nothing for a new record
 */
export function checkValues(
  type: ObjectType,
  properties: Readonly<Record<string, unknown>>,
  current: Values = UNSET,
): CheckedValues {
  const values: Record<string, string> = {}
  let problems: ValueProblem[] | undefined
  for (const name in properties) {
    const sent = properties[name]
    const checked = checkValue(type, name, sent, current[name])
    if (checked === undefined) continue
    if (typeof checked === 'string') values[name] = checked
    else {
      problems ??= []
      problems.push(checked)
    }
  }
  return problems === undefined ? { values } : { problems }
}

function checkValue(
  type: ObjectType,
  name: string,
  sent: unknown,
  current: string | undefined,
): string | ValueProblem | undefined {
  const property = type.properties.get(name)
  if (property === undefined || property.definition.archived) {
    return { message: `Property "${name}" does not exist`, error: 'PROPERTY_DOESNT_EXIST', name }
  }
  // No documentation gives `null` a meaning; nothing is written for it.
  if (sent === null || sent === undefined) return undefined
  const value = typeof sent === 'string' ? sent : String(sent)
  if (value !== '') {
    const accepted = property.accept(value, current)
    return typeof accepted === 'string' ? (brokenRule(type, name, accepted) ?? accepted) : accepted
  }
  if (property.definition.modificationMetadata.readOnlyValue) return property.accept(value, current)
  return ''
}

/** Describes refused values as HubSpot does: the list of problems inside the message, as JSON. */
export function problemsMessage(problems: readonly ValueProblem[]): string {
  const listed = problems.map((problem) => ({
    isValid: false,
    message: problem.message,
    error: problem.error,
    name: problem.name,
  }))
  return `Property values were not valid: ${JSON.stringify(listed)}`
}

/** Refuses a whole request for the values of one input. It does not say which input it was. */
export function refuseValues(problems: readonly ValueProblem[]): Answer {
  return refuseInvalid(problemsMessage(problems), {
    errors: problems.map(({ message, error, name }) => ({
      message,
      code: error,
      context: { propertyName: [name] },
    })),
  })
}
