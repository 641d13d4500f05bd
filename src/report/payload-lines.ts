import type { CollectedReport, ReportChanges, ReportPayload } from './payload.ts'

/**
 * How a payload is written, in the page and by its server: JSON, a value per line. The first is all of it but what changes hold of
 * words, so that a page of 100,000 changes is there at once; each further line has those of the next thousand, and is read when one
 * of them is looked at. Columns that repeat few words are lists of places in a list of them.
 */
const changesPerLine = 1_000
/** Lines of which the changes are kept once read: more than what a table shows, and a fraction of all. */
const keptLines = 16

const repeated = ['operation', 'outcome', 'requestId'] as const
const whole = ['run', 'problem'] as const
const details = ['rowId', 'recordId', 'link', 'message', 'values'] as const

type Details = Pick<ReportChanges, (typeof details)[number]>

/** What a change holds of words. */
export type ChangeDetails = { readonly [Key in keyof Details]: Details[Key][number] }

/** Changes as the page has them: what is filtered by as columns, the rest one by one. */
export type PageChanges = Omit<ReportChanges, keyof Details> & {
  readonly length: number
  /** @param index below `length` */
  detailsOf(index: number): ChangeDetails
  /** The changes of a row, without a look at most others. */
  ofRow(rowId: string): readonly number[]
  /**
   * Tells which changes are worth a closer look: false for those that hold not all of the words.
   *
   * @param words in small letters
   */
  withWords(words: readonly string[]): (index: number) => boolean
}

export type PagePayload = Omit<ReportPayload, 'changes'> & { readonly changes: PageChanges }

interface Coded {
  readonly words: readonly string[]
  /** Null where there is none. */
  readonly at: readonly (number | null)[]
}

type FirstLine = Omit<ReportPayload, 'changes'> & {
  readonly changes: Pick<ReportChanges, (typeof whole)[number]> &
    Readonly<Record<(typeof repeated)[number], Coded>>
}

/**
 * Text for inside of a `script` element: nothing in it can end the element, begin a comment, or break a line of a script. JSON
 * knows these characters in strings only, where escapes mean the same.
 */
export const escapeForScript = (json: string): string =>
  json.replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )

/** The payload in lines. */
export function* payloadText(report: CollectedReport): Generator<string> {
  const { changes, ...rest } = report
  const { run, problem, operation, outcome, requestId } = changes
  const columns = {
    run,
    problem,
    operation: coded(operation),
    outcome: coded(outcome),
    requestId: coded(requestId),
  }
  const first: FirstLine = { ...rest, changes: columns }
  yield escapeForScript(JSON.stringify(first))
  for (let from = 0; from < run.length; from += changesPerLine) {
    const members = details.map((name) => {
      const part = changes[name].slice(from, from + changesPerLine)
      return `"${name}":${name === 'values' ? `[${part.join(',')}]` : JSON.stringify(part)}`
    })
    yield `\n${escapeForScript(`{${members.join(',')}}`)}`
  }
}

function coded(column: readonly (string | null)[]): Coded {
  const places = new Map<string, number>()
  const at = column.map((word) => {
    if (word === null) return null
    const place = places.get(word) ?? places.size
    places.set(word, place)
    return place
  })
  return { words: [...places.keys()], at }
}

/** @returns undefined for the payload of another release @throws SyntaxError for what is none, or only a part of one */
export function readPayload(text: string): PagePayload | undefined {
  const lines = text.split('\n')
  const [first = '', ...rest] = lines
  const payload = JSON.parse(first) as FirstLine
  if (payload.version !== 1) return undefined
  const { changes } = payload
  const { length } = changes.run
  const last = rest.at(-1)
  const isWhole =
    rest.length === Math.ceil(length / changesPerLine) && last?.endsWith('}') !== false
  if (!isWhole) throw new SyntaxError('The payload is cut')
  return {
    ...payload,
    changes: {
      run: changes.run,
      problem: changes.problem,
      operation: decoded(changes.operation).map((word) => word ?? ''),
      outcome: decoded(changes.outcome).map((word) => word ?? ''),
      requestId: decoded(changes.requestId),
      length,
      ...readDetails(rest),
    },
  }
}

const decoded = ({ words, at }: Coded): readonly (string | null)[] =>
  at.map((place) => (place === null ? null : (words[place] ?? null)))

const asWritten = (text: string): string => escapeForScript(JSON.stringify(text))

function readDetails(
  lines: readonly string[],
): Pick<PageChanges, 'detailsOf' | 'ofRow' | 'withWords'> {
  const read = new Map<number, Details>()
  const small: string[] = []
  const smallLine = (place: number): string => {
    small[place] ??= (lines[place] ?? '').toLowerCase()
    return small[place]
  }
  const lineOf = (place: number): Details => {
    const known = read.get(place)
    if (known !== undefined) return known
    const line = JSON.parse(lines[place] ?? '') as Details
    const [oldest] = read.keys()
    if (oldest !== undefined && read.size >= keptLines) read.delete(oldest)
    read.set(place, line)
    return line
  }
  return {
    detailsOf(index) {
      const line = lineOf(Math.floor(index / changesPerLine))
      const place = index % changesPerLine
      return {
        rowId: line.rowId[place] ?? '',
        recordId: line.recordId[place] ?? null,
        link: line.link[place] ?? null,
        message: line.message[place] ?? null,
        values: line.values[place] ?? {},
      }
    },
    ofRow(rowId) {
      const written = asWritten(rowId)
      return lines.flatMap((line, place) =>
        line.includes(written)
          ? lineOf(place).rowId.flatMap((found, index) =>
              found === rowId ? [place * changesPerLine + index] : [],
            )
          : [],
      )
    },
    withWords(words) {
      const asked = words.map((word) => asWritten(word).slice(1, -1))
      const found = lines.map((_, place) => asked.every((word) => smallLine(place).includes(word)))
      return (index) => found[Math.floor(index / changesPerLine)] === true
    },
  }
}
