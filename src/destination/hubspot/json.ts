/**
 * Reading answers whose every field may be absent or of another type than documented
 * ("treat every field of an error as optional", developers.hubspot.com/docs/api-reference/error-handling).
 */

/** The value as an object; an empty one when it is none. */
export function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {}
}

/** The value as an array; an empty one when it is none. */
export function asArray(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

/** Text, or a number as text (ids come as both); undefined otherwise. */
export function asText(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  return typeof value === 'number' ? String(value) : undefined
}

/** A list of texts; a single text counts as a list of one. */
export function asTexts(value: unknown): readonly string[] {
  const single = asText(value)
  return single === undefined ? asArray(value).flatMap((each) => asText(each) ?? []) : [single]
}
