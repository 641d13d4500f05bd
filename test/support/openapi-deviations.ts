import type { AnswerProblem } from './openapi.ts'

/** A known difference between HubSpot's real answers and its specs. */
export interface Deviation {
  readonly what: string
  /** Pattern for the JSON pointer into the body. */
  readonly at: RegExp
  readonly keyword: string
  /** The absent field, where the keyword is `required`. */
  readonly missing?: string
  /** Who saw it. */
  readonly source: string
}

/**
 * Answers of HubSpot that a strict validator rejects. The sandbox gives them all the same: software that only
 * bears answers true to the specs would fail in production.
 */
export const DEVIATIONS: readonly Deviation[] = [
  {
    what: 'a property that was asked for and has no value is null',
    at: /^\/(results\/\d+\/)?properties\/\w+$/,
    keyword: 'type',
    source: 'https://github.com/amp-labs/connectors (captured answers)',
  },
  {
    what: 'errors of a 207 have no links',
    at: /^\/errors\/\d+$/,
    keyword: 'required',
    missing: 'links',
    source: 'https://developers.hubspot.com/docs/api-reference/error-handling (example)',
  },
  {
    what: 'errors of a 207 have no errors of their own',
    at: /^\/errors\/\d+$/,
    keyword: 'required',
    missing: 'errors',
    source: 'https://developers.hubspot.com/docs/api-reference/error-handling (example)',
  },
  {
    what: 'errors of links have no context',
    at: /^\/errors\/\d+$/,
    keyword: 'required',
    missing: 'context',
    source: 'https://github.com/amp-labs/connectors (captured answers)',
  },
  {
    what: 'the subcategory of an error is text',
    at: /^\/errors\/\d+\/subCategory$/,
    keyword: 'type',
    source: 'https://github.com/amp-labs/connectors (captured answers)',
  },
  {
    what: 'ids of links are numbers',
    at: /^\/(results\/\d+\/(to\/\d+\/)?)?(from|to)ObjectId$/,
    keyword: 'type',
    source:
      'https://developers.hubspot.com/docs/api-reference/latest/crm/associations/guide (example)',
  },
  {
    what: 'the unlabelled link has the label null',
    at: /\/label$/,
    keyword: 'type',
    source: 'https://github.com/amp-labs/connectors (captured answers)',
  },
  {
    what: 'a 429 has no category',
    at: /^$/,
    keyword: 'required',
    missing: 'category',
    source: 'https://developers.hubspot.com/docs/api-reference/error-handling',
  },
]

/** The deviation that explains a problem, if any does. */
export function explain(problem: AnswerProblem): Deviation | undefined {
  return DEVIATIONS.find(
    (deviation) =>
      deviation.at.test(problem.at) &&
      deviation.keyword === problem.keyword &&
      deviation.missing === problem.missing,
  )
}
