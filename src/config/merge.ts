/** Plain JSON or YAML object. */
export type Block = Readonly<Record<string, unknown>>

export function isBlock(value: unknown): value is Block {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Lays `over` on `under`: objects key by key at any depth; lists and scalars replace. */
export function deepMerge(under: Block, over: Block): Block {
  const merged = new Map(Object.entries(under))
  for (const [key, value] of Object.entries(over)) {
    const below = merged.get(key)
    merged.set(key, isBlock(below) && isBlock(value) ? deepMerge(below, value) : value)
  }
  return Object.fromEntries(merged)
}
