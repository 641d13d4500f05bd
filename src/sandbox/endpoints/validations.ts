import { type Answer, answer, NO_CONTENT, refuseInvalid, refuseMissing } from '../answers.ts'
import { liveProperty, type ObjectType } from '../store/object-type.ts'
import type { ValidationRule } from '../store/property.ts'
import { RULE_TYPES, setRule } from '../store/validation-rules.ts'
import { type ApiRequest, type Endpoint, isObject, onType, param, stringsOf } from './request.ts'

/** These addresses take the type's id and no name. */
const onTypeId = (run: (type: ObjectType, request: ApiRequest) => Answer): Endpoint =>
  onType((type, request) => {
    const given = param(request, 'objectType')
    return given === type.objectTypeId
      ? run(type, request)
      : refuseInvalid(`Invalid object type id: ${given}`)
  })

/** `GET /crm/v3/property-validations/{objectTypeId}`: only properties that have rules. */
export const listValidations = onTypeId((type) =>
  answer(200, {
    results: [...type.rules].map(([propertyName, propertyValidationRules]) => ({
      propertyName,
      propertyValidationRules,
    })),
  }),
)

/** `GET …/{propertyName}`. */
export const getValidations = onTypeId((type, request) => {
  const property = param(request, 'propertyName')
  if (liveProperty(type, property) === undefined) return missing(property)
  return answer(200, { results: type.rules.get(property) ?? [] })
})

/** `GET …/{propertyName}/rule-type/{ruleType}`. */
export const getValidation = onTypeId((type, request) => {
  const ruleType = param(request, 'ruleType')
  const rules = type.rules.get(param(request, 'propertyName')) ?? []
  const rule = rules.find((each) => each.ruleType === ruleType)
  return rule === undefined ? refuseMissing(`There is no rule ${ruleType}`) : answer(200, rule)
})

/** `PUT …/{propertyName}/rule-type/{ruleType}`: 204; a rule of the same type is replaced. */
export const putValidation = onTypeId((type, request) => {
  const property = param(request, 'propertyName')
  const ruleType = param(request, 'ruleType')
  if (liveProperty(type, property) === undefined) return missing(property)
  if (!RULE_TYPES.has(ruleType)) return refuseInvalid(`Invalid rule type: ${ruleType}`)
  const body = isObject(request.body) ? request.body : {}
  if (!Array.isArray(body['ruleArguments'])) {
    return refuseInvalid('Some required fields were not set: [ruleArguments]')
  }
  const rule: ValidationRule = {
    ruleType,
    ruleArguments: stringsOf(body['ruleArguments']),
    shouldApplyNormalization: body['shouldApplyNormalization'] === true,
  }
  setRule(type, property, rule)
  return NO_CONTENT
})

const missing = (property: string): Answer => refuseMissing(`Property "${property}" does not exist`)
