import { ERROR_TABLE, UNLISTED } from '../destination/hubspot/error-table.ts'

/** What a rejection or skip means and what to do about it, by category. One place for plan, run, status and docs. */
export interface ReasonText {
  readonly meaning: string
  readonly advice: string
}

const notSent: ReasonText = {
  meaning: 'the run ended before the row was sent',
  advice: 'Run again: the next run sends it.',
}

const faultOfHubspot = (meaning: string): ReasonText => ({
  meaning,
  advice:
    'Run again; if it stays, ask HubSpot with the correlation id that `backhaul show` prints.',
})

const reasons: Readonly<Record<string, ReasonText>> = {
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
  missing_member: {
    meaning: 'nothing says which record the row is: the value is NULL or empty',
    advice: 'Filter these rows out with `where:`, or say another way in `contact:` or `record:`.',
  },
  unknown_member: {
    meaning: 'HubSpot has no record with the e-mail address of the row',
    advice: 'Sync the contact first: the row is looked up again by every run.',
  },
  wanted_by_row: {
    meaning: 'another row of the model is the same record',
    advice: 'Nothing: it goes with the last of its rows.',
  },
  not_added_here: {
    meaning: 'this sync did not add it',
    advice: 'Say `exact: true` to have members removed that others added.',
  },
  moved: {
    meaning: 'its row is another record now',
    advice: 'Nothing: the other record is added.',
  },
  not_in_model: {
    meaning: 'the list is exact, and no row of the model is this record',
    advice: 'Nothing: `exact: true` asks for it.',
  },
  old_member_left: {
    meaning: 'the record that the row was before is still on the list',
    advice: 'Run again: it is taken off first.',
  },
  list_gone: {
    meaning: 'the list was deleted in HubSpot while it was written',
    advice: 'Restore it in HubSpot (within 90 days) and run again.',
  },
  list_not_writable: {
    meaning: 'the list became one whose members nobody can change by hand',
    advice: 'Convert it to a static list in HubSpot, or name another one.',
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
    advice: 'Fix the value in the model, cast it with `as:`, or set `on_invalid: drop_property`.',
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
    meaning: 'HubSpot has no such record, and mode update never creates one',
    advice: 'Looked up again after a day; use mode upsert to create records.',
  },
  record_taken: {
    meaning: 'the record that was found for the row already belongs to another row',
    advice:
      'One record, one row: the message names both. Leave one of the rows out of the model, or correct its match value.',
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
    advice: 'Mode upsert makes it again; mode update leaves it alone until the row changes.',
  },
  no_target_yet: {
    meaning: 'the row that the link leads to has no record in HubSpot yet',
    advice:
      'Linked by the first run that finds one: run the sync that `sync:` of the association names. The record of the row itself is sent.',
  },
  no_record_yet: {
    meaning: 'the row has no record in HubSpot that could be linked',
    advice: 'Linked by the run that writes the record.',
  },
  target_not_found: {
    meaning: 'HubSpot has no record with the value that the link goes by',
    advice:
      'Looked for again after a day, or when the row changes: correct the value, or make the record.',
  },
  ambiguous_target: {
    meaning: 'HubSpot has several records with the value that the link goes by',
    advice:
      'The error_message names their ids: merge them in HubSpot if they are one, correct the value, or link to the rows of another sync (`sync:`) or by record ids (`id:`).',
  },
  target_missing: {
    meaning: 'HubSpot does not have the record at the other end of the link',
    advice:
      'Tried again after a day, or when the row changes: correct the id in the model, or sync the other record first. The record of the row itself is sent.',
  },
  link_limit: {
    meaning: 'one of the two records has as many links as HubSpot allows',
    advice: 'Take links off in HubSpot, or link fewer records: the message names the record.',
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
  not_sent: notSent,
  not_written: notSent,
  interrupted: notSent,
  retry_asked: {
    meaning: 'was parked, and `backhaul retry` asked for another try',
    advice: 'Run again: the next run sends it.',
  },
  resend_asked: {
    meaning: 'was unknown, and `backhaul resolve --resend` said that HubSpot does not have it',
    advice: 'Run again: the next run sends it.',
  },
  call_budget: {
    meaning: 'the run has used the calls that max_calls_per_run allows',
    advice: 'The next run goes on; raise max_calls_per_run in backhaul.yml if it is too low.',
  },
  answer_lost: {
    meaning: "HubSpot's answer was lost, and the record may have been written",
    advice: 'The next run sends its values again.',
  },
  maybe_created: {
    meaning: 'the record may have been made, and nobody knows whether it is the one that is there',
    advice: "Look in HubSpot which record is the row's, then tell: backhaul resolve.",
  },
  not_accounted_for: faultOfHubspot("HubSpot's answer does not mention the record"),
  incomplete_answer: faultOfHubspot("HubSpot's answer is incomplete"),
  internal_error: faultOfHubspot('HubSpot failed while it worked on the record'),
  service_unavailable: faultOfHubspot('HubSpot was not available for the record'),
  rate_limit: faultOfHubspot('more than HubSpot allows at a time'),
  rate_limits: faultOfHubspot('more than HubSpot allows at a time'),
  oauth_refused: {
    meaning: 'HubSpot refuses the OAuth app or its refresh token',
    advice:
      'Check `hubspot.oauth` in backhaul.yml; `backhaul auth login` gets a new refresh token.',
  },
  object_already_exists: {
    meaning: 'HubSpot already has a record with one of these unique values',
    advice: 'Use mode upsert, or correct the value in the model.',
  },
  object_not_found: {
    meaning: 'HubSpot has no such record any more',
    advice: 'Mode upsert makes it again; mode update leaves it alone.',
  },
  object_type_unknown: {
    meaning: 'HubSpot has no such object type',
    advice: 'Check `object:` of the sync, and the scopes of the token.',
  },
  defect: {
    meaning: 'a mistake in Backhaul ended the request',
    advice: 'Please report it; the next run finds out what was written.',
  },
}

/** What a rejection or skip means, in our words, or in those for a whole request that HubSpot refused so. */
export function describeReason(category: string): ReasonText {
  const known = reasons[category.toLowerCase()]
  if (known !== undefined) return known
  const entries = [...ERROR_TABLE, UNLISTED]
  const entry = entries.find((each) => each.category === category.toUpperCase())
  if (entry !== undefined) return { meaning: entry.detail, advice: entry.hint }
  return {
    meaning: category.toLowerCase().replaceAll('_', ' '),
    advice: "HubSpot's message says why.",
  }
}
