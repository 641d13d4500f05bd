import type { ReasonText } from './reason-text.ts'

/** What keeps a row, or its record, from being written, or from being removed. */
export const rowReasons: Readonly<Record<string, ReasonText>> = {
  missing_key: {
    meaning: 'the primary key is NULL or empty',
    advice: 'Filter these rows out in the model, or choose another primary_key.',
  },
  duplicate_key: {
    meaning: 'the primary key occurs more than once in the model',
    advice: 'Make the model unique per primary key and add a `unique` test.',
  },
  missing_match_value: {
    meaning: 'the value that finds the record is NULL or empty',
    advice: 'Filter these rows out with `where:`, or match by another property.',
  },
  duplicate_match_value: {
    meaning: 'another row of the model has the same match value',
    advice: 'One record per row: deduplicate the model by the match column.',
  },
  no_record_id: {
    meaning: 'the record id is no whole number',
    advice: 'Fix the column that holds record ids, or filter these rows out with `where:`.',
  },
  missing_contact: {
    meaning: 'nothing says whom the event is about: the value is NULL or empty',
    advice: 'Filter these rows out with `where:`, or say another way in `contact:`.',
  },
  missing_event: {
    meaning: 'the name of the event is NULL or empty',
    advice: 'Fill the column that `event:` names, or filter these rows out with `where:`.',
  },
  no_email: {
    meaning: 'what should be the e-mail address of the contact is none',
    advice: 'Correct the address in the model, or filter these rows out with `where:`.',
  },
  unknown_contact: {
    meaning: 'HubSpot has no record that the event could be about',
    advice:
      'Sync the contact first; or say `on_missing_contact: create`, and HubSpot makes contacts of addresses that it does not know.',
  },
  no_contact_yet: {
    meaning: 'the row of another sync that it is about has no record in HubSpot yet',
    advice: 'Sent by the first run that finds one: run the sync that it names.',
  },
  archived_in_hubspot: {
    meaning: 'its record was archived in HubSpot, and the row has none any more',
    advice:
      'Nothing, where that was accepted (`backhaul drift --accept`): the record is made again when the row changes.',
  },
  gone_in_hubspot: {
    meaning: 'its record is gone from HubSpot, and the row has none any more',
    advice:
      'Nothing, where that was accepted (`backhaul drift --accept`): the record is made again when the row changes.',
  },
  merged_in_hubspot: {
    meaning: 'its record was merged into another one in HubSpot, which the row is bound to now',
    advice: 'Nothing.',
  },
  accepted_in_hubspot: {
    meaning: 'it stands otherwise in HubSpot, and was accepted so (`backhaul drift --accept`)',
    advice: 'Nothing, until its row asks for something else.',
  },
  no_domain: {
    meaning: 'the domain holds more than a domain, such as https:// or a path',
    advice:
      'HubSpot keeps the bare domain, and nothing else finds it again: cut it out in the model.',
  },
  before_start: {
    meaning: 'the row was there before the sync started, and `start` says to leave it alone',
    advice: 'Nothing: rows that come later are sent.',
  },
  ambiguous_match: {
    meaning: 'HubSpot has several records with this match value',
    advice:
      'The error_message names their ids: merge them in HubSpot if they are one, correct the value, or match by a property with unique values. Looked up again when the row changes, or after a day.',
  },
  unsearchable: {
    meaning: "HubSpot's search does not take this match value",
    advice:
      'Shorten or correct the value (2,800 characters at most), or match by another property.',
  },
  not_searchable_yet: {
    meaning: "HubSpot's answer was lost, and its search need not show the record yet",
    advice:
      'A later start looks again. With `tracking_property` nothing has to be searched for: see docs/matching.md.',
  },
  invalid_value: {
    meaning: 'a value has no form that HubSpot accepts for its property',
    advice:
      'Fix the value in the model; for a property `as:` casts it, and `on_invalid: drop_property` leaves it out.',
  },
  missing_required: {
    meaning: 'HubSpot makes no such record without a value that the row does not have',
    advice:
      'Fill the value in the model, leave these rows out with `where:`, or use mode update for records that exist already.',
  },
  validation_error: {
    meaning: 'refused by HubSpot',
    advice: "Correct the value in the model: HubSpot's message says what is wrong with it.",
  },
  conflict: {
    meaning: 'a value that must be unique belongs to another record',
    advice:
      'Look at both before you change anything: the message names the record, and the row of ours that it belongs to. Mostly the value is wrong in the model; merging records in HubSpot cannot be undone.',
  },
  record_exists: {
    meaning: 'HubSpot already has such a record, and mode insert leaves it alone',
    advice: 'Use mode upsert to update existing records.',
  },
  no_record: {
    meaning: 'HubSpot has no such record, and none is made for the row',
    advice:
      'Of records: looked up again after a day; mode upsert creates them. Of a list: correct the record id in the model, or filter these rows out with `where:`.',
  },
  record_taken: {
    meaning: 'the record that was found for the row already belongs to another row',
    advice:
      'One record, one row: the message names both; their records may have been merged in HubSpot. Leave one of the rows out of the model, or correct its match value.',
  },
  match_value_held: {
    meaning: 'HubSpot still has the match value on the record of another row',
    advice:
      'Sent when that row has given the value up: by a change of its own, or by leaving the model.',
  },
  record_merged: {
    meaning: 'the record of the row was merged into another one in HubSpot',
    advice: 'Nothing: the next run writes to that record; it is neither cleared nor archived.',
  },
  record_gone: {
    meaning: 'the record was deleted in HubSpot',
    advice:
      'Mode upsert makes it again; mode update leaves it alone until the row changes. A member of a list waits until its contact is sent again: `backhaul run --select SYNC --row KEY --full-refresh`, with the sync and the row that it names.',
  },
  not_created_here: {
    meaning: 'this sync did not create it, or nobody can know',
    advice: 'Say `delete_adopted: true` to have such records archived, too.',
  },
  held_by_sync: {
    meaning: 'another sync holds it, too',
    advice: 'Nothing: it is the record of a row of that sync, which the changes table names.',
  },
  match_value_moved: {
    meaning: 'another row of the model goes by its match value now',
    advice: 'Nothing: that row takes the record over.',
  },
  lost_key: {
    meaning: 'the primary key changed, and no single row of the model had its match value',
    advice:
      'A row that takes its match value back takes the record, too. Archive in HubSpot what has to go.',
  },
  taken_over: {
    meaning: 'another row is bound to it now',
    advice: 'Nothing: it is the record of that row.',
  },
}
