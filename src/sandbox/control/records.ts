import type { SandboxState } from '../state.ts'
import { mergeRecords } from '../store/merge-records.ts'
import {
  type ObjectType,
  type StoredRecord,
  systemValue,
  type Writer,
} from '../store/object-type.ts'
import type { Owner } from '../store/owner.ts'
import { nextRecordId } from '../store/portal.ts'
import { archiveRecord, changeRecord, findRecord, insertRecord } from '../store/records.ts'
import { seedValues } from '../store/seed-values.ts'
import { foundRecord, foundType } from './found.ts'

/** A record as tests and the admin surface see it. */
export interface SandboxRecord {
  readonly id: string
  /** All values, with `hs_object_id` and the times HubSpot keeps. */
  readonly properties: Readonly<Record<string, string>>
  /** Milliseconds since the epoch, like `updatedAt`. */
  readonly createdAt: number
  readonly updatedAt: number
  readonly archived: boolean
}

/** Records, past the API that writes them. */
export interface RecordControl {
  /** All live records of a type, oldest first. */
  readonly records: (objectType: string) => readonly SandboxRecord[]
  readonly countRecords: (objectType: string) => number
  /** A record by id; archived ones too. */
  readonly record: (objectType: string, id: string) => SandboxRecord | undefined
  /** A live record by the value of a unique property. */
  readonly findRecord: (
    objectType: string,
    property: string,
    value: string,
  ) => SandboxRecord | undefined
  /** Adds records, also with read-only values; answers their ids in order. */
  readonly seedRecords: (
    objectType: string,
    records: readonly Readonly<Record<string, string>>[],
  ) => readonly string[]
  /** Changes a record as a HubSpot user would by hand; `''` clears. */
  readonly changeRecord: (
    objectType: string,
    id: string,
    properties: Readonly<Record<string, string>>,
  ) => void
  readonly archiveRecord: (objectType: string, id: string) => void
  readonly mergeRecords: (objectType: string, survivorId: string, mergedId: string) => void
}

/** Records that a test or a user begins with. */
const SEEDED: Writer = { sourceType: 'IMPORT', sourceId: 'sandbox' }

/** A change in HubSpot's app, by the first of its users. */
const byHand = ([first]: readonly Owner[]): Writer => {
  const updatedByUserId = first?.userId ?? 1
  return { sourceType: 'CRM_UI', sourceId: `userId:${updatedByUserId}`, updatedByUserId }
}

export function recordControl(state: SandboxState): RecordControl {
  const typeOf = (name: string) => foundType(state, name)
  const { clock, quirks } = state.options
  return {
    records: (name) => {
      const type = typeOf(name)
      return [...type.records.values()].map((record) => present(type, record))
    },
    countRecords: (name) => typeOf(name).records.size,
    record: (name, id) => {
      const type = typeOf(name)
      const record = type.records.get(id) ?? type.archived.get(id)
      return record === undefined ? undefined : present(type, record)
    },
    findRecord: (name, property, value) => {
      const type = typeOf(name)
      const record = findRecord(type, value, property)
      return record === undefined ? undefined : present(type, record)
    },
    seedRecords: (name, records) => {
      const type = typeOf(name)
      const checked = records.map((values) => seedValues(type, values))
      const now = clock()
      return checked.map((values) => insertRecord(type, nextRecordId(type), values, now, SEEDED).id)
    },
    changeRecord: (name, id, properties) => {
      const type = typeOf(name)
      const record = foundRecord(type, id)
      const changes = seedValues(type, properties, record)
      changeRecord(type, record, changes, clock(), quirks.searchLagMs, byHand(state.portal.owners))
    },
    archiveRecord: (name, id) => archiveRecord(typeOf(name), id, clock()),
    mergeRecords: (name, survivorId, mergedId) => {
      const type = typeOf(name)
      const now = clock()
      mergeRecords(
        state.portal,
        type,
        foundRecord(type, survivorId),
        foundRecord(type, mergedId),
        now,
      )
    },
  }
}

function present(type: ObjectType, record: StoredRecord): SandboxRecord {
  const system = ['hs_object_id', type.createdProperty, type.modifiedProperty].map((name) => [
    name,
    systemValue(type, record, name) ?? '',
  ])
  return {
    id: record.id,
    properties: { ...Object.fromEntries(system), ...record.values },
    createdAt: record.createdAt,
    updatedAt: record.updatedAt,
    archived: record.archivedAt !== undefined,
  }
}
