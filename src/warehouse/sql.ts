/** What a bound parameter or a cell may be. Timestamps travel as ISO 8601 UTC text. */
export type Value = string | number | boolean | null

/** A piece of SQL with `?` for each of its bindings. Compiled to the engine's parameter style by the dialect. */
export interface Sql {
  readonly text: string
  readonly bindings: readonly Value[]
}

/** SQL as a driver takes it: native parameter style. */
export interface Statement {
  readonly sql: string
  readonly bindings: readonly Value[]
}

/** Text that is SQL already: quoted names, keywords, the user's `where`. A literal `?` is kept literal. */
export function raw(text: string): Sql {
  return { text: text.replaceAll('?', '\\?'), bindings: [] }
}

const isSql = (part: Sql | Value): part is Sql => typeof part === 'object' && part !== null

/**
 * Composes SQL: nested fragments are inlined, everything else is bound.
 *
 * sql`select * from ${raw(table)} where id = ${id}`
 */
export function sql(strings: TemplateStringsArray, ...parts: readonly (Sql | Value)[]): Sql {
  let text = strings[0] ?? ''
  const bindings: Value[] = []
  parts.forEach((part, index) => {
    if (isSql(part)) {
      text += part.text
      bindings.push(...part.bindings)
    } else {
      text += '?'
      bindings.push(part)
    }
    text += strings[index + 1] ?? ''
  })
  return { text, bindings }
}

/** Joins fragments, e.g. a select list. Empty for no fragments. */
export function join(parts: readonly Sql[], separator = ', '): Sql {
  return {
    text: parts.map((part) => part.text).join(separator),
    bindings: parts.flatMap((part) => part.bindings),
  }
}
