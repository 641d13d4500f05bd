import { checkValues } from './check-values.ts'
import type { ObjectType, StoredRecord, Values } from './object-type.ts'
import { nextRecordId, type Portal } from './portal.ts'
import { changeRecord, findConflict, insertRecord, keysOf } from './records.ts'
import type { Rejection } from './rejection.ts'

/** A write that is known to succeed, not yet carried out. */
export interface PreparedWrite {
  readonly record: StoredRecord | undefined
  readonly id: string
  readonly values: Values
}

/** Unique values taken by earlier inputs of the same batch, with the id that will have them. */
export type Claims = Map<string, string>

/** Checks the creation of one record. */
export function prepareCreate(
  portal: Portal,
  type: ObjectType,
  properties: Readonly<Record<string, unknown>>,
  claims: Claims,
): PreparedWrite | Rejection {
  const checked = checkValues(type, properties)
  if (checked.problems) return { kind: 'values', problems: checked.problems }
  const values = withoutEmpty(withPipeline(portal, type, checked.values))
  const unset = type.requiredToCreate.filter((group) => !group.some((name) => values[name]))
  if (unset.length > 0) {
    return { kind: 'required', singular: type.singular, properties: unset.flat() }
  }
  const existingId =
    findConflict(type, values, undefined)?.existing.id ?? claimedBy(type, values, claims)
  if (existingId !== undefined) return { kind: 'exists', singular: type.singular, existingId }
  const id = nextRecordId(type)
  claim(type, values, claims, id)
  return { record: undefined, id, values }
}

/** Checks the change of one record. */
export function prepareChange(
  portal: Portal,
  type: ObjectType,
  record: StoredRecord,
  properties: Readonly<Record<string, unknown>>,
  claims: Claims,
): PreparedWrite | Rejection {
  const checked = checkValues(type, properties, record.values)
  if (checked.problems) return { kind: 'values', problems: checked.problems }
  const { values } = checked
  const cleared = clearedRequired(type, values)
  if (cleared !== undefined) return missingRequired(cleared)
  const conflict = findConflict(type, values, record)
  const claimant = conflict?.existing.id ?? claimedBy(type, values, claims, record.id)
  if (claimant !== undefined) return takenValue(portal, type, record.id, values, conflict, claimant)
  claim(type, values, claims, record.id)
  return { record, id: record.id, values }
}

/** Carries out a prepared write. */
export function commit(
  portal: Portal,
  type: ObjectType,
  write: PreparedWrite,
  now: number,
): StoredRecord {
  if (write.record === undefined)
    return insertRecord(type, write.id, write.values, now, portal.writer)
  changeRecord(type, write.record, write.values, now, portal.quirks.searchLagMs, portal.writer)
  return write.record
}

/** Deals and tickets without a pipeline go into the first one. */
function withPipeline(portal: Portal, type: ObjectType, values: Values): Values {
  const first = portal.pipelines.get(type.objectTypeId)?.[0]
  const name = type.properties.has('pipeline') ? 'pipeline' : 'hs_pipeline'
  return first === undefined || values[name] ? values : { ...values, [name]: first.id }
}

function withoutEmpty(values: Values): Values {
  for (const name in values) {
    if (values[name] !== '') continue
    return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ''))
  }
  return values
}

function clearedRequired(type: ObjectType, values: Values): string | undefined {
  if (!type.isCustom) return undefined
  return type.requiredToCreate.find(([name]) => name !== undefined && values[name] === '')?.[0]
}

/** The code is documented for 2026-09 paths; what v3 answers is not published. */
function missingRequired(name: string): Rejection {
  const message = `Property "${name}" is required and cannot be cleared.`
  return { kind: 'values', problems: [{ message, error: 'MISSING_REQUIRED_PROPERTY', name }] }
}

/** For e-mails a conflict names the other contact; for other unique properties the body is not published. */
function takenValue(
  portal: Portal,
  type: ObjectType,
  id: string,
  values: Values,
  conflict: ReturnType<typeof findConflict>,
  existingId: string,
): Rejection {
  const property = conflict?.property ?? [...type.unique.keys()].find((name) => values[name]) ?? ''
  if (property === 'email') return { kind: 'exists', singular: type.singular, existingId }
  const coordinates = `portalId=${portal.portalId}, objectTypeId=${type.objectTypeId}, propertyName=${property}, value=${values[property]}`
  const message = `Cannot set PropertyValueCoordinates{${coordinates}} on ${id}. ${existingId} already has that value.`
  return {
    kind: 'values',
    problems: [{ message, error: 'CONFLICTING_UNIQUE_VALUE', name: property }],
  }
}

function claimedBy(
  type: ObjectType,
  values: Values,
  claims: Claims,
  ownId?: string,
): string | undefined {
  for (const property of type.unique.keys()) {
    for (const value of keysOf(property, values)) {
      const id = claims.get(`${property}\n${value}`)
      if (id !== undefined && id !== ownId) return id
    }
  }
  return undefined
}

function claim(type: ObjectType, values: Values, claims: Claims, id: string): void {
  for (const property of type.unique.keys()) {
    for (const value of keysOf(property, values)) claims.set(`${property}\n${value}`, id)
  }
}
