const views = [
  'overview',
  'runs',
  'run',
  'syncs',
  'sync',
  'changes',
  'problems',
  'requests',
  'request',
  'row',
] as const

export type View = (typeof views)[number]

/** A place in the report, as the part of the address behind `#` says it: it can be bookmarked and sent to others. */
export interface Route {
  /** Null: there is no such page. */
  readonly view: View | null
  /** `#/row/contacts/42` has `contacts` and `42`. */
  readonly parts: readonly string[]
  readonly query: URLSearchParams
}

export function parseRoute(hash: string): Route {
  const text = hash.replace(/^#?\/?/, '')
  const mark = text.indexOf('?')
  const path = mark < 0 ? text : text.slice(0, mark)
  const [name, ...parts] = path.split('/').map(decode)
  const view = name === '' ? 'overview' : (views.find((known) => known === name) ?? null)
  return { view, parts, query: new URLSearchParams(mark < 0 ? '' : text.slice(mark + 1)) }
}

/** The address of a place: `hrefTo(['row', 'contacts', '42'])`. What is empty or undefined is left out of the query. */
export function hrefTo(
  path: readonly string[],
  query: Readonly<Record<string, string | null | undefined>> = {},
): string {
  const kept = Object.entries(query).flatMap(([key, value]) => (value ? [[key, value]] : []))
  const text = new URLSearchParams(kept).toString()
  return `#/${path.map(encodeURIComponent).join('/')}${text === '' ? '' : `?${text}`}`
}

/** A `%` that stands for itself is taken as it is: the address may have been typed. */
function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
