/**
 * Documented keys that are accepted but not carried out yet. An entry disappears when its feature arrives.
 * `*` in a path stands for any one key or position; `values` limits the entry to those values.
 */
export interface Unsupported {
  readonly path: readonly string[]
  readonly values?: readonly unknown[]
}

export const unsupported: readonly Unsupported[] = [{ path: ['tests'], values: ['warn', 'ignore'] }]

/** One use of something that is not carried out yet. */
export interface UnsupportedUse {
  readonly path: readonly string[]
  readonly value: unknown
  /** True when only this value of the key is unsupported, not the key. */
  readonly isOneOfValues: boolean
}

/** Every use in a sync as the user wrote it. */
export function findUnsupported(
  block: unknown,
  table: readonly Unsupported[] = unsupported,
): readonly UnsupportedUse[] {
  return table.flatMap(({ path, values }) =>
    matching(block, path, [])
      .filter(({ value }) => values === undefined || values.includes(value))
      .map((use) => ({ ...use, isOneOfValues: values !== undefined })),
  )
}

function matching(
  value: unknown,
  pattern: readonly string[],
  walked: readonly string[],
): readonly { readonly path: readonly string[]; readonly value: unknown }[] {
  const [head, ...rest] = pattern
  if (head === undefined)
    return value === undefined || value === null ? [] : [{ path: walked, value }]
  if (typeof value !== 'object' || value === null) return []
  const keys = head === '*' ? Object.keys(value) : head in value ? [head] : []
  return keys.flatMap((step) =>
    matching((value as Record<string, unknown>)[step], rest, [...walked, step]),
  )
}
