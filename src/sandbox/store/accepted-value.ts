/** Why a value was refused, in the vocabulary of HubSpot's error bodies. */
export interface ValueProblem {
  readonly message: string
  /** For example `INVALID_OPTION`; observed codes, no list is published. */
  readonly error: string
  readonly name: string
}

/**
 * Checks one value and brings it into the form HubSpot stores.
 *
 * @param value never empty: an empty value clears the property and is not checked
 * @param current the stored value, for rules that depend on it
 */
export type AcceptValue = (value: string, current: string | undefined) => string | ValueProblem
