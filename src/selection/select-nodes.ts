import { type Edges, edgesOf, reach } from './edges.ts'
import type { Criterion, Expression } from './expression.ts'
import { matcherOf, type SelectionFacts } from './methods.ts'
import type { Selectable } from './selectable.ts'
import { difference, intersection, union } from './sets.ts'
import { namedSelector } from './yaml-selectors.ts'

/** What an expression means: nodes of dbt's graph, and the syncs that it names or whose model or exposure is among them. */
export interface Found<T> {
  readonly nodes: ReadonlySet<string>
  readonly syncs: ReadonlySet<T>
}

/** Evaluates expressions over one graph. */
export class Evaluator<T extends Selectable> {
  readonly #facts: SelectionFacts
  readonly #syncs: readonly T[]
  #edges: Edges | undefined

  constructor(facts: SelectionFacts, syncs: readonly T[]) {
    this.#facts = facts
    this.#syncs = syncs
  }

  /** @throws UserError with exit code 2 for a value that a method does not take */
  find(expression: Expression): Found<T> {
    switch (expression.kind) {
      case 'criterion':
        return this.#fromCriterion(expression)
      case 'union':
        return combine(this.#all(expression.of), union)
      case 'intersection':
        return combine(this.#all(expression.of), intersection)
      case 'difference':
        return combine(this.#all([expression.from, expression.without]), difference)
    }
  }

  #all(expressions: readonly Expression[]): readonly Found<T>[] {
    return expressions.map((expression) => this.find(expression))
  }

  #fromCriterion(criterion: Criterion): Found<T> {
    const isSelector = criterion.method === 'selector'
    const { nodes: matched, syncs: named } = isSelector
      ? this.find(namedSelector(String(criterion.value), this.#facts.selectors))
      : this.#match(criterion)
    // From a sync that is named the graph is walked as from its model; the model's other syncs are not meant.
    const models = isSelector ? [] : [...named].map(({ model }) => model.uniqueId)
    const start = union(matched, models)
    const nodes = union(matched, this.#neighbours(criterion, start))
    const reached = this.#syncs.filter(
      ({ model, exposure }) =>
        nodes.has(model.uniqueId) || (exposure !== undefined && nodes.has(exposure)),
    )
    return { nodes, syncs: new Set([...named, ...reached]) }
  }

  #match(criterion: Criterion): Found<T> {
    const matcher = matcherOf(criterion, this.#facts)
    const nodes = new Set<string>()
    if (matcher.nodes !== undefined) {
      for (const [id, node] of this.#facts.graph.nodes) if (matcher.nodes(node)) nodes.add(id)
    }
    return { nodes, syncs: new Set(this.#syncs.filter((sync) => matcher.syncs?.(sync) === true)) }
  }

  #neighbours(criterion: Criterion, start: ReadonlySet<string>): ReadonlySet<string> {
    const { withChildrensParents, parentsDepth, childrenDepth } = criterion
    let found: ReadonlySet<string> = new Set()
    if (withChildrensParents) {
      const { parents, children } = this.#allEdges()
      const below = reach(start, children)
      found = union(below, reach(union(below, start), parents))
    }
    if (parentsDepth !== undefined) {
      found = union(found, reach(start, this.#allEdges().parents, parentsDepth))
    }
    if (childrenDepth !== undefined) {
      found = union(found, reach(start, this.#allEdges().children, childrenDepth))
    }
    return found
  }

  /** Only expressions with graph operators need them. */
  #allEdges(): Edges {
    this.#edges ??= edgesOf(this.#facts.graph.nodes)
    return this.#edges
  }
}

type Combine = <V>(one: ReadonlySet<V>, other: ReadonlySet<V>) => ReadonlySet<V>

function combine<T>(found: readonly Found<T>[], operation: Combine): Found<T> {
  const [first, ...rest] = found
  return rest.reduce(
    (one, other) => ({
      nodes: operation(one.nodes, other.nodes),
      syncs: operation(one.syncs, other.syncs),
    }),
    first ?? { nodes: new Set<string>(), syncs: new Set<T>() },
  )
}
