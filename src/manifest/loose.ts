/** Reading of JSON that nobody promised a shape for: a missing key, a null and a wrong type are all "not there". */

export type Loose = Readonly<Record<string, unknown>>

/** The value when it is an object (and no list), else an empty object. */
export function record(value: unknown): Loose {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Loose)
    : {}
}

export function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** Strings of a list; a single string counts as a list of one. */
export function texts(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value]
  return Array.isArray(value) ? value.filter((entry) => typeof entry === 'string') : []
}

/** Text of a version, which dbt writes as a number or as text. */
export function textOrNumber(value: unknown): string | undefined {
  return typeof value === 'number' ? String(value) : text(value)
}

/** `meta` below `config.meta`, as every dbt version from 1.5 to 2 can be read. */
export function metaOf(node: Loose): Loose {
  return { ...record(node['meta']), ...record(record(node['config'])['meta']) }
}

/** Path with forward slashes, without dbt's `package://`. */
export function filePath(value: unknown): string | undefined {
  return text(value)
    ?.replace(/^[^/\\:]+:\/\//, '')
    .replaceAll('\\', '/')
}
