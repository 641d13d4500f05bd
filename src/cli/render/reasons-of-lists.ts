import type { ReasonText } from './reason-text.ts'

/** What becomes of members of a list. */
export const listReasons: Readonly<Record<string, ReasonText>> = {
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
  merged: {
    meaning: 'the record that its row was added as was merged into it in HubSpot',
    advice: 'Nothing: the member went with its row.',
  },
  not_in_model: {
    meaning: 'the list is exact, and no row of the model is this record',
    advice: 'Nothing: `exact: true` asks for it.',
  },
  old_member_left: {
    meaning: 'the record that the row was before is still on the list',
    advice: 'Run again: it is taken off first.',
  },
  old_member_stays: {
    meaning:
      'the record that the row was before is on the list, and a run of some rows takes none off',
    advice: 'Run without --limit and --row: the one goes, the other comes.',
  },
  list_gone: {
    meaning: 'the list was deleted in HubSpot while it was written',
    advice: 'Restore it in HubSpot (within 90 days) and run again.',
  },
  list_not_writable: {
    meaning: 'the list became one whose members nobody can change by hand',
    advice: 'Convert it to a static list in HubSpot, or name another one.',
  },
  removed_in_hubspot: {
    meaning: 'somebody took its record off the list in HubSpot',
    advice:
      'Nothing, where that was accepted (`backhaul drift --accept`): it is added again when the row changes.',
  },
  added_in_hubspot: {
    meaning: 'somebody put its record back on the list in HubSpot',
    advice:
      'Nothing, where that was accepted (`backhaul drift --accept`): it is taken off again when the row changes.',
  },
}
