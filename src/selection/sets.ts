/** Methods of `Set` that Node 22 has, but not yet the language version that we compile for. */

export function union<T>(one: ReadonlySet<T>, other: Iterable<T>): Set<T> {
  const both = new Set(one)
  for (const value of other) both.add(value)
  return both
}

export function intersection<T>(one: ReadonlySet<T>, other: ReadonlySet<T>): Set<T> {
  return new Set([...one].filter((value) => other.has(value)))
}

export function difference<T>(one: ReadonlySet<T>, other: ReadonlySet<T>): Set<T> {
  return new Set([...one].filter((value) => !other.has(value)))
}
