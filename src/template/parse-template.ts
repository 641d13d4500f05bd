import type { Template } from 'liquidjs'
import { didYouMean } from '../suggest.ts'
import { allowedFilters } from './filters.ts'
import { allowedTags, liquid } from './liquid.ts'

/** A column that a template reads, as it writes it, and where first. */
export interface ColumnUse {
  readonly name: string
  readonly place: Place
}

/** Position in the template, from 1. */
export interface Place {
  readonly line: number
  readonly column: number
}

export interface TemplateProblem {
  readonly message: string
  readonly hint?: string
}

export type ParsedTemplate =
  | {
      readonly ok: true
      readonly parts: readonly Template[]
      /** Each column once, in the order in which they are met. */
      readonly reads: readonly ColumnUse[]
    }
  | { readonly ok: false; readonly problems: readonly TemplateProblem[] }

/** `line 1, column 12 of the template`. */
export const placeText = ({ line, column }: Place): string =>
  `line ${line}, column ${column} of the template`

const parsed = new Map<string, ParsedTemplate>()

/** Parses a template and finds the columns that it reads; says all that is wrong with it. */
export function parseTemplate(text: string): ParsedTemplate {
  const known = parsed.get(text)
  if (known !== undefined) return known
  const result = parse(text)
  parsed.set(text, result)
  return result
}

function parse(text: string): ParsedTemplate {
  let parts: readonly Template[]
  try {
    parts = liquid().parse(text)
  } catch (error) {
    return { ok: false, problems: [syntaxProblem(error)] }
  }
  const { globals } = liquid().analyzeSync([...parts], { partials: false })
  const problems: TemplateProblem[] = []
  const reads = new Map<string, ColumnUse>()
  for (const variable of Object.values(globals).flat()) {
    const [root, name] = variable.segments
    const place = { line: variable.location.row, column: variable.location.col }
    if (root !== 'row') problems.push(unknownName(String(root), place))
    else if (typeof name !== 'string') problems.push(unnamedColumn(name === undefined, place))
    else if (!reads.has(name)) reads.set(name, { name, place })
  }
  return problems.length > 0
    ? { ok: false, problems }
    : { ok: true, parts, reads: [...reads.values()] }
}

const unknownName = (name: string, place: Place): TemplateProblem => ({
  message: `The template knows no \`${name}\` (${placeText(place)})`,
  hint: `A column of the model is \`row.${name}\`, a text stands in quotes.`,
})

const unnamedColumn = (isWhole: boolean, place: Place): TemplateProblem => ({
  message: `The template ${isWhole ? 'uses the whole row' : 'takes the name of a column from a value'} (${placeText(place)})`,
  hint: "Name the column: `row.first_name`, or `row['first name']`.",
})

/** The library's words, with the name that was meant. */
function syntaxProblem(error: unknown): TemplateProblem {
  const { message, token } = error as {
    readonly message: string
    readonly token?: { getPosition(): readonly number[] }
  }
  const [line = 1, column = 1] = token?.getPosition() ?? []
  const what = message.split('\n')[0]?.replace(/, line:\d+, col:\d+$/, '') ?? ''
  const at = `(${placeText({ line, column })})`
  const filter = /^undefined filter: (.*)$/.exec(what)?.[1]
  if (filter !== undefined) {
    return {
      message: `The template has no filter \`${filter}\` ${at}`,
      hint: didYouMean(filter, allowedFilters),
    }
  }
  const tag = /^tag "(.*)" not found$/.exec(what)?.[1]
  if (tag !== undefined) {
    return {
      message: `The template has no tag \`${tag}\` ${at}`,
      hint: didYouMean(tag, allowedTags),
    }
  }
  return { message: `The template cannot be read: ${what} ${at}` }
}
