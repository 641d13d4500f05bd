import { usage } from './expression.ts'
import type { GraphNode, NodeContents, NodeGraph } from './node.ts'

/** Types of which a new one is modified, too; a new source or exposure is only new. */
const isModifiedWhenNew = ({ resourceType, contents }: GraphNode): boolean =>
  contents?.body !== undefined || resourceType === 'unit_test'

/** What `state.modified.…` can ask for, besides macros. */
const PARTS: Readonly<Record<string, (one: GraphNode, other: GraphNode) => boolean>> = {
  body: samePart('body'),
  configs: samePart('configs'),
  persisted_descriptions: sameDescriptions,
  relation: samePart('relation'),
  contract: samePart('contract'),
}

const VALUES = [
  'new',
  'old',
  'modified',
  'unmodified',
  ...Object.keys(PARTS).map((part) => `modified.${part}`),
  'modified.macros',
]

/**
 * What `state:<value>` means: a comparison with the node of that id in an earlier manifest.
 *
 * @throws UserError with exit code 2 for a value that dbt does not know
 */
export function matchesState(
  value: string,
  current: NodeGraph,
  previous: NodeGraph,
): (node: GraphNode) => boolean {
  if (!VALUES.includes(value)) {
    throw usage(
      `Got an invalid selector "${value}", expected one of ${VALUES.map((one) => `"${one}"`).join(', ')}`,
    )
  }
  const before = ({ uniqueId }: GraphNode) => previous.nodes.get(uniqueId)
  if (value === 'new') return (node) => before(node) === undefined
  if (value === 'old') return (node) => before(node) !== undefined
  const hasModifiedMacro = macroCheck(current, previous)
  if (value === 'modified.macros') return hasModifiedMacro
  const part = value.split('.')[1]
  if (part !== undefined) {
    const isSame = PARTS[part]
    return (node) => {
      const old = before(node)
      return isCompared(node, part) && (old === undefined || isSame?.(node, old) === false)
    }
  }
  const isModified = (node: GraphNode) => {
    const old = before(node)
    const isChanged = old === undefined ? isModifiedWhenNew(node) : !sameContents(node, old)
    return isChanged || hasModifiedMacro(node)
  }
  return value === 'modified' ? isModified : (node) => !isModified(node)
}

function isCompared({ contents }: GraphNode, part: string): boolean {
  if (part === 'persisted_descriptions') return contents?.descriptions !== undefined
  return contents?.[part as keyof NodeContents] !== undefined
}

/** A generic test is what its name and configuration say. */
function sameContents(one: GraphNode, other: GraphNode): boolean {
  const parts =
    one.genericTest === undefined
      ? (['body', 'configs', 'relation', 'contract', 'rest'] as const)
      : (['configs', 'rest'] as const)
  return (
    parts.every((part) => samePart(part)(one, other)) &&
    (one.genericTest !== undefined || sameDescriptions(one, other))
  )
}

function samePart(part: Exclude<keyof NodeContents, 'descriptions'>) {
  return (one: GraphNode, other: GraphNode): boolean =>
    one.contents?.[part] === other.contents?.[part]
}

function sameDescriptions(one: GraphNode, other: GraphNode): boolean {
  const [now, then] = [one.contents?.descriptions, other.contents?.descriptions]
  if (now === undefined) return true
  return (
    (!now.isNodePersisted || now.node === then?.node) &&
    (!now.areColumnsPersisted || now.columns === then?.columns)
  )
}

/** Whether a node calls, directly or through others, a macro that is new, gone or has another text. */
function macroCheck(current: NodeGraph, previous: NodeGraph): (node: GraphNode) => boolean {
  const modified = new Set<string>()
  for (const [id, { body }] of current.macros) {
    if (previous.macros.get(id)?.body !== body) modified.add(id)
  }
  for (const id of previous.macros.keys()) if (!current.macros.has(id)) modified.add(id)
  if (modified.size === 0) return () => false
  return ({ macros }) => {
    const met = new Set(macros)
    for (const id of met) {
      if (modified.has(id)) return true
      for (const next of current.macros.get(id)?.dependsOn ?? []) met.add(next)
    }
    return false
  }
}
