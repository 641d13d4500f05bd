import type { Labels } from '../warehouse.ts'

/** Longest query tag: https://docs.snowflake.com/en/sql-reference/parameters#query-tag */
const longestTag = 2000

/**
 * The tag of a statement: its labels as JSON. A tag of the profile stays: where it is a JSON object, our keys are added to its own; other
 * text stands before ours. What would be too long is the profile's tag alone.
 */
export function queryTag(ofProfile: string | undefined, labels: Labels): string {
  const tag = combined(ofProfile, labels)
  return tag.length <= longestTag ? tag : (ofProfile ?? '').slice(0, longestTag)
}

function combined(ofProfile: string | undefined, labels: Labels): string {
  const own = JSON.stringify(labels)
  if (ofProfile === undefined) return own
  const object = parsedObject(ofProfile)
  return object === undefined ? `${ofProfile} ${own}` : JSON.stringify({ ...labels, ...object })
}

function parsedObject(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined
  } catch {
    return undefined
  }
}
