import { moveLinks } from './links.ts'
import type { ObjectType, StoredRecord } from './object-type.ts'
import type { Portal } from './portal.ts'
import { archiveRecord, changeRecord } from './records.ts'

/** HubSpot keeps the ids of records that were merged into one. */
const MERGED_IDS = 'hs_merged_object_ids'

/**
 * Merges a record into another: the survivor keeps its values and gains those it lacks; a contact gains the
 * other's e-mails as secondary ones, and every survivor the other's links. The merged id leads to the survivor when read.
 */
export function mergeRecords(
  portal: Portal,
  type: ObjectType,
  survivor: StoredRecord,
  other: StoredRecord,
  now: number,
): void {
  moveLinks(portal, { type, id: other.id }, { type, id: survivor.id })
  archiveRecord(type, other.id, now)
  type.archived.delete(other.id)
  type.merged.set(other.id, survivor.id)
  for (const [merged, target] of type.merged)
    if (target === other.id) type.merged.set(merged, survivor.id)
  const gained = Object.entries(other.values).filter(
    ([name]) => survivor.values[name] === undefined,
  )
  const changes = Object.fromEntries(gained)
  const mergedIds = [survivor, other].map((record) => record.values[MERGED_IDS])
  changes[MERGED_IDS] = [...mergedIds, other.id].filter(Boolean).join(';')
  if (type.objectTypeId === '0-1') {
    const emails = [survivor, other].flatMap((record) => [
      ...(record.values['hs_additional_emails']?.split(';') ?? []),
      ...(record.values['email'] ? [record.values['email']] : []),
    ])
    const primary = survivor.values['email'] ?? other.values['email']
    const secondary = [...new Set(emails)].filter((email) => email !== primary)
    if (secondary.length > 0) changes['hs_additional_emails'] = secondary.join(';')
  }
  changeRecord(type, survivor, changes, now, 0, { sourceType: 'MERGE_OBJECTS' })
}
