import { liquid } from './liquid.ts'
import { parseTemplate } from './parse-template.ts'
import { Unrenderable } from './unrenderable.ts'

/** What a template gives for one row: a text, nothing, or why it gives none. */
export type RenderedText = { readonly text: string | null } | { readonly problem: string }

/** Longest value that HubSpot takes (developers.hubspot.com/docs/api-reference/crm-properties-v3/guide). */
const maxCharacters = 65_536

/**
 * Renders a template for a row. White space around the result is cut; an empty result is none.
 *
 * @param row values by the names that the template uses
 * @throws never for a template that parses
 */
export function renderTemplate(
  template: string,
  row: Readonly<Record<string, unknown>>,
): RenderedText {
  const parsed = parseTemplate(template)
  if (!parsed.ok) return { problem: 'it cannot be read' }
  try {
    const output: unknown = liquid().renderSync([...parsed.parts], { row })
    return checked(String(output))
  } catch (error) {
    return { problem: wordsOf(error) }
  }
}

function checked(output: string): RenderedText {
  // A filter may have cut a character in two; what is left of it is none.
  const text = output.replaceAll(/\p{Surrogate}/gu, '').trim()
  // No engine stores the first, and the second marks what is no value.
  if (text.includes('\u0000') || text.startsWith('\u0001')) {
    return { problem: 'its text holds a control character' }
  }
  if (text.length > maxCharacters) {
    return { problem: `its text has more than ${maxCharacters.toLocaleString('en-US')} characters` }
  }
  return { text: text === '' ? null : text }
}

/** The library's words may quote values: only ours are told. */
function wordsOf(error: unknown): string {
  for (let cause = error; cause instanceof Error; cause = originalOf(cause)) {
    if (cause instanceof Unrenderable) return cause.message
    if (/limit exceeded/.test(cause.message)) return 'it takes too much memory or time'
  }
  return 'it cannot be rendered for this row'
}

const originalOf = (error: Error): unknown =>
  (error as { originalError?: unknown }).originalError ?? error.cause
