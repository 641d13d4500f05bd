import { bool, type Definition, datetime, external, number, readOnly, text } from './definitions.ts'

/** Properties that every object type has. */
export function sharedProperties(created: string, modified: string): readonly Definition[] {
  const times = new Set([created, 'hs_createdate', modified])
  return [
    readOnly(number('hs_object_id', 'Record ID')),
    ...[...times].map((name) => readOnly(datetime(name, TIME_LABELS[name] ?? name))),
    external('hubspot_owner_id', 'Owner'),
    readOnly(datetime('hubspot_owner_assigneddate', 'Owner assigned date')),
    readOnly(external('hubspot_team_id', 'HubSpot team')),
    readOnly(text('hs_object_source', 'Record creation source')),
    readOnly(text('hs_object_source_label', 'Record source')),
    readOnly(number('hs_created_by_user_id', 'Created by user ID')),
    readOnly(number('hs_updated_by_user_id', 'Updated by user ID')),
    readOnly({
      ...text('hs_merged_object_ids', 'Merged record IDs'),
      type: 'enumeration',
      fieldType: 'checkbox',
    }),
    readOnly(bool('hs_read_only', 'Read only object')),
  ]
}

const TIME_LABELS: Readonly<Record<string, string>> = {
  createdate: 'Create date',
  hs_createdate: 'Object create date/time',
  lastmodifieddate: 'Last modified date',
  hs_lastmodifieddate: 'Object last modified date/time',
}
