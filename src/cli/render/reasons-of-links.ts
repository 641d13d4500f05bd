import type { ReasonText } from './reason-text.ts'

/** What becomes of links between records. */
export const linkReasons: Readonly<Record<string, ReasonText>> = {
  unlinked_in_hubspot: {
    meaning: 'somebody took the link off in HubSpot',
    advice: 'The next run sets it again.',
  },
  relabelled_in_hubspot: {
    meaning: 'somebody took a label off the link in HubSpot',
    advice: 'The next run sets it again.',
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
  link_to_itself: {
    meaning: 'the link leads from the record to itself',
    advice: 'HubSpot links no record to itself: correct the row, or leave its association NULL.',
  },
  links_unread: {
    meaning: 'HubSpot did not say how the two records are linked',
    advice: 'Run again: nothing was done, so that no label or link of others is lost.',
  },
  link_limit: {
    meaning: 'one of the two records has as many links as HubSpot allows',
    advice: 'Take links off in HubSpot, or link fewer records: the message names the record.',
  },
}
