import { type ObjectType, type StoredRecord, systemValue } from '../store/object-type.ts'
import { isObject } from './request.ts'

/**
 * Puts records in the order a search asks for; by default as they were created. One sort is allowed: a
 * property name, one with a leading `-`, or the guide's `{propertyName, direction}`.
 */
export function sortRecords(
  type: ObjectType,
  records: StoredRecord[],
  sorts: unknown,
): readonly StoredRecord[] {
  const first: unknown = Array.isArray(sorts) ? sorts[0] : undefined
  const sort = readSort(first)
  if (sort === undefined) return records
  const isNumber = type.properties.get(sort.name)?.definition.type === 'number'
  const keyOf = (record: StoredRecord) =>
    record.values[sort.name] ?? systemValue(type, record, sort.name)
  const direction = sort.isDescending ? -1 : 1
  return records.sort((one, other) => direction * compare(keyOf(one), keyOf(other), isNumber))
}

function readSort(sort: unknown): { name: string; isDescending: boolean } | undefined {
  if (typeof sort === 'string' && sort !== '') {
    const isDescending = sort.startsWith('-')
    return { name: isDescending ? sort.slice(1) : sort, isDescending }
  }
  if (!isObject(sort) || typeof sort['propertyName'] !== 'string') return undefined
  return { name: sort['propertyName'], isDescending: sort['direction'] === 'DESCENDING' }
}

function compare(one: string | undefined, other: string | undefined, isNumber: boolean): number {
  if (one === other) return 0
  if (one === undefined) return 1
  if (other === undefined) return -1
  if (isNumber) return Number(one) - Number(other)
  return one < other ? -1 : 1
}
