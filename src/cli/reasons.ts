/** What a rejection or skip means and what to do about it, by category. One place for plan, run, status and docs. */
export interface ReasonText {
  readonly meaning: string
  readonly advice: string
}

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
  invalid_value: {
    meaning: 'a value has no form that HubSpot accepts for its property',
    advice: 'Fix the value in the model, cast it with `as:`, or set `on_invalid: drop_property`.',
  },
  validation_error: {
    meaning: 'refused by HubSpot',
    advice: 'The error_message in the changes table says why; correct the value in the model.',
  },
  conflict: {
    meaning: 'a value that must be unique belongs to another record',
    advice: 'Merge the two records in HubSpot, or correct the value in the model.',
  },
  record_exists: {
    meaning: 'HubSpot already has such a record, and mode insert leaves it alone',
    advice: 'Use mode upsert to update existing records.',
  },
  no_record: {
    meaning: 'HubSpot has no such record, and mode update never creates one',
    advice: 'Looked up again after a day; use mode upsert to create records.',
  },
}

export function describeReason(category: string): ReasonText {
  return (
    reasons[category.toLowerCase()] ?? {
      meaning: category.toLowerCase().replaceAll('_', ' '),
      advice: 'See the error_message in the changes table.',
    }
  )
}
