import type { Manifest } from './types.ts'

/** `unique_id`s of everything that a node is made of, sources included, the nearest first. */
export function upstreamOf(id: string, { models }: Pick<Manifest, 'models'>): readonly string[] {
  const found = new Set<string>()
  const waiting = [id]
  for (const node of waiting) {
    for (const parent of models.get(node)?.dependsOn ?? []) {
      if (parent === id || found.has(parent)) continue
      found.add(parent)
      waiting.push(parent)
    }
  }
  return [...found]
}
