import type { Labels } from '../warehouse.ts'

/** Longest key and value: https://cloud.google.com/bigquery/docs/labels-intro#requirements */
const maxLength = 63

/**
 * Labels as BigQuery takes them: lower-case letters, digits, `_` and `-`; keys start with a letter. What cannot be kept
 * becomes `_`.
 */
export function jobLabels(facts: Labels): Labels {
  const entries = Object.entries(facts).flatMap(([name, value]) => {
    const key = sanitised(name).replace(/^[^\p{Ll}\p{Lo}]+/u, '')
    return key === '' ? [] : [[key, sanitised(value)] as const]
  })
  return Object.fromEntries(entries)
}

const sanitised = (text: string): string =>
  [...text.toLowerCase().replace(/[^\p{Ll}\p{Lo}\p{N}_-]/gu, '_')].slice(0, maxLength).join('')
