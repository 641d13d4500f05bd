import { likelyObject, standardObject } from '../object-types.ts'
import { type Criterion, type MethodName, usage } from './expression.ts'
import { fnmatch, hasWildcard } from './fnmatch.ts'
import { matchesState } from './modified.ts'
import type { GraphNode, NodeGraph } from './node.ts'
import { matchesPath } from './path-glob.ts'
import type { Selectable } from './selectable.ts'
import type { SelectorDefinitions } from './yaml-selectors.ts'

/** What the methods look at, besides the node itself. What is undefined was not asked for by the selection. */
export interface SelectionFacts {
  readonly graph: NodeGraph
  readonly projectName: string | undefined
  /** YAML selectors, by name. */
  readonly selectors: SelectorDefinitions
  /** The manifest of `--state`. */
  readonly previous?: NodeGraph | undefined
  /** Statuses in run results, by node. */
  readonly results?: ReadonlyMap<string, string> | undefined
  /** Sources with newer rows than in the earlier sources.json. */
  readonly fresherSources?: ReadonlySet<string> | undefined
}

type Matches<T> = (one: T) => boolean

/** What a criterion means, for nodes and for syncs. A method that says nothing of one matches none of it. */
export interface Matcher {
  readonly nodes?: Matches<GraphNode>
  readonly syncs?: Matches<Selectable>
}

type Method = (criterion: Criterion & { readonly value: string }, facts: SelectionFacts) => Matcher

const RESOURCE_TYPES: readonly string[] = [
  'model',
  'analysis',
  'test',
  'snapshot',
  'operation',
  'seed',
  'rpc',
  'sql operation',
  'doc',
  'source',
  'macro',
  'exposure',
  'metric',
  'group',
  'saved_query',
  'semantic_model',
  'unit_test',
  'fixture',
  'function',
]

const METHODS: Readonly<Record<Exclude<MethodName, 'selector'>, Method>> = {
  fqn: ({ value }) => ({
    nodes: (node) => node.resourceType !== 'source' && matchesFqn(node, value),
    syncs: ({ name }) => fnmatch(name, value),
  }),
  tag: ({ value }) => ({ nodes: ({ tags }) => tags.some((tag) => fnmatch(tag, value)) }),
  group: ({ value }) => ({
    nodes: ({ group }) => group !== undefined && fnmatch(group, value),
  }),
  access: ({ value }) => ({ nodes: ({ access }) => access === value }),
  source: sourceMethod,
  path: ({ value }, { graph, projectName }) => ({
    nodes: matchesPath(value, graph.nodes.values(), projectName),
  }),
  file: ({ value }) => ({
    nodes: ({ path }) => {
      const file = path.slice(path.lastIndexOf('/') + 1)
      return fnmatch(file, value) || fnmatch(file.replace(/(?<=.)\.[^.]*$/, ''), value)
    },
  }),
  package: ({ value }, { projectName }) => {
    const wanted = value === 'this' ? (projectName ?? value) : value
    return { nodes: ({ packageName }) => fnmatch(packageName, wanted) }
  },
  config: configMethod,
  test_name: ({ value }) => ({
    nodes: ({ resourceType, name, genericTest }) =>
      resourceType === 'unit_test'
        ? fnmatch(name, value)
        : genericTest !== undefined && fnmatch(genericTest, value),
  }),
  test_type: ({ value }) => ({ nodes: testType(value) }),
  resource_type: ({ value }) => {
    if (!RESOURCE_TYPES.includes(value)) throw usage(`Invalid resource_type selector "${value}"`)
    return { nodes: ({ resourceType }) => resourceType === value }
  },
  state: ({ value }, { graph, previous }) => {
    if (previous === undefined) throw noState()
    return { nodes: matchesState(value, graph, previous) }
  },
  exposure: ofPackage('exposure'),
  metric: ofPackage('metric'),
  semantic_model: ofPackage('semantic_model'),
  saved_query: ofPackage('saved_query'),
  unit_test: ofPackage('unit_test'),
  result: ({ value }, { results }) => ({
    nodes: ({ uniqueId }) => results?.get(uniqueId) === value,
  }),
  source_status: ({ value }, { fresherSources }) => ({
    nodes: ({ uniqueId }) => value === 'fresher' && fresherSources?.has(uniqueId) === true,
  }),
  version: ({ value }) => ({ nodes: versionTest(value) }),
  sync: ({ value }) => ({ syncs: ({ name }) => fnmatch(name, value) }),
  object: ({ value }) => ({
    syncs: ({ object }) => object !== undefined && matchesObject(object, value),
  }),
  mode: ({ value }) => ({
    syncs: ({ mode }) => mode !== undefined && fnmatch(mode, value),
  }),
}

/** @throws UserError with exit code 2 for a value that the method does not take */
export function matcherOf(criterion: Criterion, facts: SelectionFacts): Matcher {
  if (criterion.method === 'selector') return {}
  // Only `config` looks at the type that a YAML selector gave its value.
  const value = criterion.method === 'config' ? criterion.value : String(criterion.value)
  return METHODS[criterion.method]({ ...criterion, value: value as string }, facts)
}

export const noState = () =>
  usage(
    'Got a state selector method, but no comparison manifest',
    'Name the folder with an earlier manifest.json: --state DIR, or DBT_STATE.',
  )

/** dbt's rule, with and without the package in front. */
function matchesFqn(node: GraphNode, value: string): boolean {
  const isVersioned = node.resourceType === 'model' && node.version !== undefined
  return [node.fqn, node.fqn.slice(1)].some((fqn) => matchesName(fqn, value, isVersioned))
}

/** The last element, or a dotted prefix; from the first part with a wildcard on, all that is left is one text. */
function matchesName(fqn: readonly string[], value: string, isVersioned: boolean): boolean {
  const name = fqn.at(isVersioned ? -2 : -1)
  if (name === value) return true
  const wanted = value.split('.')
  if (isVersioned && fqn.slice(-2).join('_') === wanted.slice(-2).join('_')) return true
  const parts = fqn.flatMap((part) => part.split('.'))
  if (parts.length < wanted.length) return false
  const from = wanted.findIndex(hasWildcard)
  const exact = from < 0 ? wanted : wanted.slice(0, from)
  if (exact.some((part, index) => part !== parts[index])) return false
  if (from < 0 || fnmatch(parts.slice(from).join('.'), wanted.slice(from).join('.'))) return true
  return wanted.length === 1 && name !== undefined && fnmatch(name, value)
}

function sourceMethod({ value }: { readonly value: string }): Matcher {
  const parts = value.split('.')
  if (parts.length > 3) {
    throw usage(
      `Invalid source selector value "${value}"`,
      'Write source:NAME, source:NAME.TABLE or source:PACKAGE.NAME.TABLE.',
    )
  }
  const [inPackage = '*', source = '*', table = '*'] = parts.length === 3 ? parts : ['*', ...parts]
  return {
    nodes: (node) =>
      node.sourceName !== undefined &&
      fnmatch(node.packageName, inPackage) &&
      fnmatch(node.sourceName, source) &&
      fnmatch(node.name, table),
  }
}

/** `name` or `package.name` of resources of one type. */
function ofPackage(type: string): Method {
  return ({ value }) => {
    const parts = value.split('.')
    if (parts.length > 2) {
      throw usage(
        `Invalid ${type.replaceAll('_', ' ')} selector value "${value}"`,
        `Write ${type}:NAME or ${type}:PACKAGE.NAME.`,
      )
    }
    const [inPackage = '*', wanted = '*'] = parts.length === 2 ? parts : ['*', ...parts]
    return {
      nodes: ({ resourceType, packageName, name }) =>
        resourceType === type && fnmatch(packageName, inPackage) && fnmatch(name, wanted),
    }
  }
}

/** Texts are equal or in a list; `true` and `false` in any case mean the booleans. A number is no text. */
function configMethod({ arguments: path, value: asked }: Criterion): Matcher {
  const key = path.join('.')
  const upper = String(asked).toUpperCase()
  const isSeverity = key === 'severity'
  const isMeant = (value: unknown): boolean =>
    value === asked ||
    (isSeverity && typeof value === 'string' && value.toUpperCase() === upper) ||
    (value === true && upper === 'TRUE') ||
    (value === false && upper === 'FALSE')
  return {
    nodes: ({ config }) => {
      const value = config?.get(key)
      return Array.isArray(value) ? value.some(isMeant) : value !== undefined && isMeant(value)
    },
  }
}

/** @throws UserError with exit code 2 */
function testType(value: string): Matches<GraphNode> {
  const isGeneric: Matches<GraphNode> = ({ genericTest }) => genericTest !== undefined
  const isTest: Matches<GraphNode> = ({ resourceType }) => resourceType === 'test'
  switch (value) {
    case 'generic':
    case 'schema':
      return isGeneric
    case 'data':
      return isTest
    case 'singular':
      return (node) => isTest(node) && !isGeneric(node)
    case 'unit':
      return ({ resourceType }) => resourceType === 'unit_test'
    default:
      throw usage(
        `Invalid test type selector ${value}: expected "generic", "singular", "unit", or "data"`,
      )
  }
}

/** @throws UserError with exit code 2 */
function versionTest(value: string): Matches<GraphNode> {
  const isModel: Matches<GraphNode> = ({ resourceType }) => resourceType === 'model'
  switch (value) {
    case 'latest':
      return (node) => node.version !== undefined && node.version === node.latestVersion
    case 'prerelease':
      return ({ version, latestVersion }) => isBefore(latestVersion, version)
    case 'old':
      return ({ version, latestVersion }) => isBefore(version, latestVersion)
    case 'none':
      return (node) => isModel(node) && node.version === undefined
    default:
      throw usage(
        `Invalid version type selector ${value}: expected one of: "latest", "prerelease", "old", or "none"`,
      )
  }
}

type Version = GraphNode['version']

/** By number where both are, else by text. */
function isBefore(one: Version, other: Version): boolean {
  if (one === undefined || other === undefined) return false
  const [first, second] = [Number(one), Number(other)]
  return Number.isNaN(first + second) ? String(one) < String(other) : first < second
}

/** An object by any of its names: plural, singular, id, or a custom object's with or without the portal in front. */
function matchesObject(object: string, value: string): boolean {
  const known = standardObject(object)
  const names = [
    object,
    object.replace(/^p\d+_/, ''),
    ...(known === undefined ? [] : [known.name, known.objectTypeId]),
  ]
  return (
    names.some((name) => fnmatch(name, value)) ||
    (known !== undefined && likelyObject(value)?.name === known.name)
  )
}
