import { suggest } from '../suggest.ts'
import { type Component, type Criterion, criteriaOf, type Selection } from './expression.ts'
import type { SelectionFacts } from './methods.ts'
import type { GraphNeeds } from './node.ts'
import { Evaluator, type Found } from './select-nodes.ts'
import type { Selectable } from './selectable.ts'
import { difference, union } from './sets.ts'
import { namedSelector, type SelectorDefinitions } from './yaml-selectors.ts'

export interface Selected<T extends Selectable> {
  /** In the order given. */
  readonly syncs: readonly T[]
  /** Criteria that matched nothing, in dbt's words. */
  readonly warnings: readonly string[]
}

/**
 * Chooses syncs by dbt's selector grammar, over the nodes of its graph and over the syncs' own names. A sync is reached by
 * its model, and by its exposure if it is on one.
 *
 * @param disabled syncs that are never chosen; a criterion that matches none but those says so
 * @throws UserError with exit code 2 for what is not understood
 */
export function selectSyncs<T extends Selectable>(
  syncs: readonly T[],
  { included, excluded }: Selection,
  facts: SelectionFacts,
  disabled: readonly T[] = [],
): Selected<T> {
  const isDisabled = new Set(disabled)
  const evaluator = new Evaluator(facts, [...syncs, ...disabled])
  const warnings: string[] = []
  const found = (components: readonly Component[]): ReadonlySet<T> => {
    const parts = components.map((component) => {
      const part = evaluator.find(component.expression)
      const off = [...part.syncs].filter((sync) => isDisabled.has(sync))
      if (part.syncs.size === off.length) warnings.push(noMatch(component, part, off, syncs))
      return part.syncs
    })
    return parts.reduce((one, other) => union(one, other), new Set<T>())
  }
  const chosen = included === undefined ? new Set(syncs) : found(included)
  const left = difference(chosen, found(excluded))
  return { syncs: syncs.filter((sync) => left.has(sync)), warnings }
}

/** The nodes alone, as `dbt ls` would list them. */
export function selectNodes(
  { included, excluded }: Selection,
  facts: SelectionFacts,
): ReadonlySet<string> {
  const evaluator = new Evaluator(facts, [])
  const found = (components: readonly Component[]) =>
    components.reduce(
      (one, { expression }) => union(one, evaluator.find(expression).nodes),
      new Set<string>(),
    )
  const all = new Set(facts.graph.nodes.keys())
  return difference(included === undefined ? all : found(included), found(excluded))
}

function noMatch<T extends Selectable>(
  { text }: Component,
  { nodes }: Found<T>,
  off: readonly Selectable[],
  syncs: readonly Selectable[],
): string {
  if (off.length > 0) {
    return `The selection criterion '${text}' matches only disabled syncs: ${off.map(({ name }) => name).join(', ')}. \`enabled: true\` in the sync, or in the target's \`syncs\` in backhaul.yml, switches one on`
  }
  const names = syncs.flatMap((sync) => [sync.name, sync.model.name])
  const meant =
    nodes.size > 0 ? undefined : suggest(text.replace(/^[@+\d]*((sync|fqn):)?|\+\d*$/g, ''), names)
  const hint = meant === undefined ? '' : `; did you mean ${meant}?`
  return `The selection criterion '${text}' does not match any enabled nodes that have a sync${hint}`
}

/** What has to be read for a selection: undefined where the syncs say it all. */
export interface SelectionNeeds {
  readonly graph: GraphNeeds | undefined
  /** The manifest of `--state`. */
  readonly previous: boolean
  readonly results: boolean
  readonly freshness: boolean
}

const OWN_METHODS: readonly string[] = ['sync', 'object', 'mode']

export function needsOf(selection: Selection, selectors: SelectorDefinitions): SelectionNeeds {
  const components = [...(selection.included ?? []), ...selection.excluded]
  const criteria = components
    .flatMap(({ expression }) => criteriaOf(expression))
    .flatMap((criterion) => expanded(criterion, selectors))
  const uses = (name: string) => criteria.some(({ method }) => method === name)
  const isOwn = (one: Criterion) => OWN_METHODS.includes(one.method) && !isWalking(one)
  const config = criteria.filter(({ method }) => method === 'config')
  return {
    graph: criteria.every(isOwn)
      ? undefined
      : {
          config: [...new Set(config.map((one) => one.arguments.join('.')))],
          contents: uses('state'),
        },
    previous: uses('state'),
    results: uses('result'),
    freshness: uses('source_status'),
  }
}

/** A criterion that names a YAML selector, with all that this one consists of. */
function expanded(criterion: Criterion, selectors: SelectorDefinitions): readonly Criterion[] {
  if (criterion.method !== 'selector') return [criterion]
  return [criterion, ...criteriaOf(namedSelector(String(criterion.value), selectors))]
}

const isWalking = (one: Criterion): boolean =>
  one.withChildrensParents || one.parentsDepth !== undefined || one.childrenDepth !== undefined
