import {
  isoTime,
  type ObjectType,
  type StoredRecord,
  systemValue,
  type Values,
} from '../store/object-type.ts'
import type { Portal } from '../store/portal.ts'

/** A record in HubSpot's answer form. */
export interface RecordAnswer {
  readonly id: string
  readonly properties: Record<string, string | null>
  readonly createdAt: string
  readonly updatedAt: string
  readonly archived: boolean
  readonly archivedAt?: string
  readonly url: string
}

/** A record with all its values, as the answer to its creation. */
export function renderWhole(portal: Portal, type: ObjectType, record: StoredRecord): RecordAnswer {
  const answer = renderSystem(portal, type, record)
  Object.assign(answer.properties, record.values)
  return answer
}

/** A record with the values just written, as the answer to a change. Cleared ones are left out. */
export function renderWritten(
  portal: Portal,
  type: ObjectType,
  record: StoredRecord,
  written: Values,
): RecordAnswer {
  const answer = renderSystem(portal, type, record)
  for (const name in written) {
    const value = record.values[name]
    if (value !== undefined) answer.properties[name] = value
  }
  return answer
}

/**
 * A record with the properties a read asked for. Known properties without a value are `null`,
 * unknown ones are left out.
 *
 * @param names nothing for the type's default properties
 */
export function renderRequested(
  portal: Portal,
  type: ObjectType,
  record: StoredRecord,
  names: readonly string[],
): RecordAnswer {
  const answer = renderSystem(portal, type, record)
  for (const name of names.length > 0 ? names : type.defaultProperties) {
    const property = type.properties.get(name)
    if (property === undefined || property.definition.archived) continue
    answer.properties[name] = record.values[name] ?? systemValue(type, record, name) ?? null
  }
  return answer
}

/**
 * Adds the history of properties, the newest value first.
 *
 * @see https://github.com/HubSpot/hubspot-api-nodejs/issues/154 for a captured answer
 */
export function withHistory(
  answer: RecordAnswer,
  type: ObjectType,
  record: StoredRecord,
  names: readonly string[],
): RecordAnswer {
  if (names.length === 0) return answer
  const propertiesWithHistory = Object.fromEntries(
    names
      .filter((name) => type.properties.has(name))
      .map((name) => {
        const versions = record.writes
          .filter(({ values }) => values[name] !== undefined)
          .map(({ at, by, values }) => ({ value: values[name], timestamp: isoTime(at), ...by }))
        return [name, versions.length > 0 ? versions.reverse() : systemVersions(type, record, name)]
      }),
  )
  return { ...answer, propertiesWithHistory } as RecordAnswer
}

/** Values that HubSpot sets itself have their latest version only. */
function systemVersions(type: ObjectType, record: StoredRecord, name: string) {
  const value = systemValue(type, record, name)
  return value === undefined
    ? []
    : [{ value, timestamp: isoTime(record.updatedAt), sourceType: 'CALCULATED' }]
}

function renderSystem(portal: Portal, type: ObjectType, record: StoredRecord): RecordAnswer {
  const createdAt = isoTime(record.createdAt)
  const updatedAt = isoTime(record.updatedAt)
  const base = {
    id: record.id,
    properties: {
      [type.createdProperty]: createdAt,
      hs_object_id: record.id,
      [type.modifiedProperty]: updatedAt,
    },
    createdAt,
    updatedAt,
    archived: record.archivedAt !== undefined,
    url: `https://app.hubspot.com/contacts/${portal.portalId}/record/${type.objectTypeId}/${record.id}`,
  }
  return record.archivedAt === undefined
    ? base
    : { ...base, archivedAt: isoTime(record.archivedAt) }
}
