import { type Answer, refuseInvalid } from '../answers.ts'
import { liveProperty, type ObjectType } from '../store/object-type.ts'
import { isObject, stringsOf } from './request.ts'

/** Limits of HubSpot's search guide. */
const MAX_GROUPS = 5
const MAX_FILTERS_PER_GROUP = 6
const MAX_FILTERS = 18

/** One condition on one property. */
export interface Filter {
  readonly propertyName: string
  readonly operator: string
  readonly test: (value: string | undefined) => boolean
}

/** Groups are alternatives; the filters of a group hold together. */
export type FilterGroups =
  | { readonly groups: readonly (readonly Filter[])[] }
  | { readonly refusal: Answer }

/** Reads the filter groups of a search. */
export function readFilterGroups(type: ObjectType, sent: unknown): FilterGroups {
  const listed = Array.isArray(sent) ? sent : []
  const groups: Filter[][] = []
  for (const group of listed) {
    const filters: unknown = isObject(group) ? group['filters'] : undefined
    const filtersRead: Filter[] = []
    for (const filter of Array.isArray(filters) ? filters : []) {
      const made = readFilter(type, filter)
      if ('refusal' in made) return made
      filtersRead.push(made)
    }
    groups.push(filtersRead)
  }
  const count = groups.reduce((total, group) => total + group.length, 0)
  const isTooMany =
    groups.length > MAX_GROUPS ||
    count > MAX_FILTERS ||
    groups.some((group) => group.length > MAX_FILTERS_PER_GROUP)
  if (!isTooMany) return { groups }
  return {
    refusal: refuseInvalid(
      `At most ${MAX_GROUPS} filter groups of ${MAX_FILTERS_PER_GROUP} filters, ${MAX_FILTERS} filters in all, are allowed.`,
    ),
  }
}

/** True where all filters of a group hold. */
export function matches(
  group: readonly Filter[],
  read: (name: string) => string | undefined,
): boolean {
  return group.every((filter) => filter.test(read(filter.propertyName)))
}

function readFilter(type: ObjectType, sent: unknown): Filter | { readonly refusal: Answer } {
  const filter = isObject(sent) ? sent : {}
  const propertyName = String(filter['propertyName'] ?? '')
  const operator = String(filter['operator'] ?? '')
  const property = liveProperty(type, propertyName)
  if (property === undefined) {
    return { refusal: refuseInvalid(`Property "${propertyName}" does not exist`) }
  }
  const test = testOf(property.type, operator, filter)
  if (test === undefined) {
    return { refusal: refuseInvalid(`Invalid filter operator: ${operator}`) }
  }
  return { propertyName, operator, test }
}

function testOf(
  type: string,
  operator: string,
  filter: Readonly<Record<string, unknown>>,
): Filter['test'] | undefined {
  const key = keyOf(type)
  const bound = key(String(filter['value'] ?? ''))
  const high = key(String(filter['highValue'] ?? ''))
  const set = new Set(stringsOf(filter['values']).map(type === 'string' ? same : key))
  const words = String(filter['value'] ?? '')
    .toLowerCase()
    .replaceAll('*', '')
  const when = (test: (value: string | number) => boolean): Filter['test'] => {
    return (value) => value !== undefined && test(key(value))
  }
  switch (operator) {
    case 'EQ':
      return when((value) => value === bound)
    case 'NEQ':
      return (value) => value === undefined || key(value) !== bound
    case 'LT':
      return when((value) => value < bound)
    case 'LTE':
      return when((value) => value <= bound)
    case 'GT':
      return when((value) => value > bound)
    case 'GTE':
      return when((value) => value >= bound)
    case 'BETWEEN':
      return when((value) => value >= bound && value <= high)
    case 'IN':
      return when((value) => set.has(value))
    case 'NOT_IN':
      return when((value) => !set.has(value))
    case 'HAS_PROPERTY':
      return (value) => value !== undefined
    case 'NOT_HAS_PROPERTY':
      return (value) => value === undefined
    case 'CONTAINS_TOKEN':
      return when((value) => String(value).includes(words))
    case 'NOT_CONTAINS_TOKEN':
      return (value) => value === undefined || !value.toLowerCase().includes(words)
    default:
      return undefined
  }
}

const same = (value: string): string | number => value

/**
 * Text is indexed in lower case; the values of `IN` on text are compared as sent, so that capitals never
 * match ("Search the CRM": IN on string properties needs lowercase values).
 */
function keyOf(type: string): (value: string) => string | number {
  switch (type) {
    case 'number':
      return Number
    case 'date':
    case 'datetime':
      return (value) => (/^-?\d+$/.test(value) ? Number(value) : Date.parse(value))
    case 'string':
      return (value) => value.toLowerCase()
    default:
      return same
  }
}
