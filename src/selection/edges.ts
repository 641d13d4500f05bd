import type { GraphNode } from './node.ts'

/** The graph's edges, both ways. Edges to nodes that are not there (disabled ones) are left out. */
export interface Edges {
  readonly parents: ReadonlyMap<string, readonly string[]>
  readonly children: ReadonlyMap<string, readonly string[]>
}

export function edgesOf(nodes: ReadonlyMap<string, GraphNode>): Edges {
  const parents = new Map<string, readonly string[]>()
  const children = new Map<string, string[]>()
  for (const { uniqueId, dependsOn } of nodes.values()) {
    const known = dependsOn.filter((id) => nodes.has(id))
    parents.set(uniqueId, known)
    for (const parent of known) {
      const siblings = children.get(parent)
      if (siblings === undefined) children.set(parent, [uniqueId])
      else siblings.push(uniqueId)
    }
  }
  return { parents, children }
}

/** Everything that is reached, at most `depth` steps away. Where it starts counts only if it is reached from there. */
export function reach(
  start: Iterable<string>,
  next: ReadonlyMap<string, readonly string[]>,
  depth = Number.POSITIVE_INFINITY,
): Set<string> {
  const reached = new Set<string>()
  let layer: ReadonlySet<string> = new Set(start)
  for (let step = 0; step < depth && layer.size > 0; step += 1) {
    const found = new Set<string>()
    for (const id of layer) {
      for (const neighbour of next.get(id) ?? []) if (!reached.has(neighbour)) found.add(neighbour)
    }
    for (const id of found) reached.add(id)
    layer = found
  }
  return reached
}
