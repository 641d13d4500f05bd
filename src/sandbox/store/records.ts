import type { ObjectType, StoredRecord, Values, Writer } from './object-type.ts'

/** E-mails are unique across primary and secondary addresses of all contacts. */
const SECONDARY_EMAILS = 'hs_additional_emails'

/** Writes of a record that are kept for the history of its properties. HubSpot's own number differs by object. */
const MAX_WRITES = 20

/** Opens the lookup of a unique property; records may have values from before it was archived. */
export function addUniqueIndex(type: ObjectType, property: string): void {
  const index = new Map<string, StoredRecord>()
  for (const record of type.records.values()) {
    for (const value of keysOf(property, record.values)) index.set(value, record)
  }
  type.unique.set(property, index)
}

/** Finds a live record by record id, or by a unique property's value. */
export function findRecord(
  type: ObjectType,
  id: string,
  idProperty?: string,
): StoredRecord | undefined {
  if (idProperty === undefined) return type.records.get(id)
  const index = type.unique.get(idProperty)
  if (index === undefined) return undefined
  const accepted = type.properties.get(idProperty)?.accept(id, undefined)
  return typeof accepted === 'string' ? index.get(accepted) : undefined
}

/** Adds a record; the caller has checked its values. */
export function insertRecord(
  type: ObjectType,
  id: string,
  values: Values,
  now: number,
  by: Writer,
): StoredRecord {
  const record: StoredRecord = {
    id,
    createdAt: now,
    updatedAt: now,
    archivedAt: undefined,
    values,
    indexed: undefined,
    writes: [{ at: now, by, values }],
  }
  type.records.set(id, record)
  indexRecord(type, record)
  return record
}

/**
 * Writes checked values into a record; empty ones are cleared.
 *
 * @param lagMs how long search does not see the change
 */
export function changeRecord(
  type: ObjectType,
  record: StoredRecord,
  changes: Values,
  now: number,
  lagMs: number,
  by: Writer,
): void {
  if (lagMs > 0 && now - record.updatedAt >= lagMs) record.indexed = record.values
  const touchesIndex = [...type.unique.keys(), SECONDARY_EMAILS].some((name) => name in changes)
  if (touchesIndex) unindexRecord(type, record)
  const next: Record<string, string> = { ...record.values }
  for (const name in changes) {
    const value = changes[name]
    if (value === undefined || value === '') delete next[name]
    else next[name] = value
  }
  record.values = next
  record.updatedAt = now
  record.writes = [...record.writes, { at: now, by, values: changes }].slice(-MAX_WRITES)
  if (touchesIndex) indexRecord(type, record)
}

/** Moves a record to the recycling bin; its unique values become free (HubSpot's rule is not published). */
export function archiveRecord(type: ObjectType, id: string, now: number): void {
  const record = type.records.get(id)
  if (record === undefined) return
  unindexRecord(type, record)
  record.archivedAt = now
  type.records.delete(id)
  type.archived.set(id, record)
}

/** The unique property and value that some other record already has, if any. */
export function findConflict(
  type: ObjectType,
  values: Values,
  own: StoredRecord | undefined,
):
  | { readonly property: string; readonly value: string; readonly existing: StoredRecord }
  | undefined {
  for (const [property, index] of type.unique) {
    for (const value of keysOf(property, values)) {
      const existing = index.get(value)
      if (existing !== undefined && existing !== own) return { property, value, existing }
    }
  }
  return undefined
}

/** The values under which a record is found by a unique property. */
export function keysOf(property: string, values: Values): readonly string[] {
  const value = values[property]
  const keys = value === undefined || value === '' ? NO_KEYS : [value]
  const secondary = property === 'email' ? values[SECONDARY_EMAILS] : undefined
  if (!secondary) return keys
  return [...keys, ...secondary.split(';').map((email) => email.trim().toLowerCase())]
}

const NO_KEYS: readonly string[] = []

function indexRecord(type: ObjectType, record: StoredRecord): void {
  for (const [property, index] of type.unique) {
    for (const value of keysOf(property, record.values)) index.set(value, record)
  }
}

function unindexRecord(type: ObjectType, record: StoredRecord): void {
  for (const [property, index] of type.unique) {
    for (const value of keysOf(property, record.values)) index.delete(value)
  }
}
