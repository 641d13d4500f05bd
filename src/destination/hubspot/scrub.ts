/** Stands where a value stood. */
const GONE = '…'
/** Shorter values are part of too many words to be taken out of a sentence; quoted ones go anyway. */
const MIN_VALUE_LENGTH = 3

/**
 * What HubSpot quotes and how it embeds it, from captured messages:
 * `Property values were not valid: [{"name":…}]`, `Property "x" does not exist`, `X was not one of the allowed options`,
 * `x is not a valid ID`, addresses and telephone numbers.
 */
const QUOTED: readonly RegExp[] = [
  /[[{].*[\]}]/gs,
  /"(?:[^"\\]|\\.)*"/gs,
  /(?<!\w)'[^']*'(?!\w)/gs,
  /`[^`]*`|“[^”]*”/gs,
  /[^\s@<>()]+@[^\s@<>()]+/g,
  /\+\d[\d ().-]{4,}\d/g,
  /(?<=^|[:;.]\s)[^:;.].*?(?= (?:was|is) not (?:one of|valid|a valid|an? )| already (?:exists|has))/gs,
]

/** What may stand before "already exists" and the like without being a value. */
const OBJECT_WORDS = /^(?:Contact|Company|Deal|Ticket|Object|Record|A \w+)$/i

/**
 * Takes property values out of a message of HubSpot's, for logs and for audits that keep no values. Record ids and
 * property names outside quotes stay.
 *
 * @param values known values of the row, taken out wherever they stand
 */
export function scrubMessage(message: string, values: Iterable<string> = []): string {
  const known = [...values]
    .filter((value) => value.length >= MIN_VALUE_LENGTH)
    .sort((a, b) => b.length - a.length)
  const without = known.reduce((text, value) => text.replaceAll(value, GONE), message)
  return QUOTED.reduce(
    (text, pattern) => text.replace(pattern, (found) => (OBJECT_WORDS.test(found) ? found : GONE)),
    without,
  )
}
