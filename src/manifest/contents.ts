import { createHash } from 'node:crypto'
import type { NodeContents } from '../selection/node.ts'
import { type Loose, record, text, texts } from './loose.ts'

/** Config keys that make no node modified. */
const UNCOMPARED: Readonly<Record<string, readonly string[]>> = {
  nodes: ['alias', 'schema', 'database', 'tags', 'group'],
  metric: ['group'],
}

/** What else is compared of resources that are no `nodes`. */
const REST: Readonly<Record<string, readonly string[]>> = {
  source: ['fqn', 'quoting', 'freshness', 'loaded_at_field', 'external'],
  exposure: ['fqn', 'type', 'owner', 'maturity', 'url', 'description', 'label'],
  metric: ['type', 'description', 'label'],
  semantic_model: [
    'model',
    'description',
    'defaults',
    'entities',
    'dimensions',
    'measures',
    'primary_entity',
    'group',
  ],
  saved_query: ['description', 'label', 'group', 'tags'],
  unit_test: ['checksum'],
}

/**
 * Digests of what dbt compares for `state:modified`, part by part.
 *
 * @param isParsed whether it is of the manifest's `nodes` or `functions`
 * @param unrenderedSources what dbt's flag `state_modified_compare_more_unrendered_values` says
 */
export function contentsOf(
  resourceType: string,
  node: Loose,
  isParsed: boolean,
  unrenderedSources: boolean,
): NodeContents {
  return isParsed ? ofParsed(resourceType, node) : ofOther(resourceType, node, unrenderedSources)
}

/** Models, seeds, snapshots, tests, analyses, hooks and functions. */
function ofParsed(resourceType: string, node: Loose): NodeContents {
  const unrendered = record(node['unrendered_config'])
  const persisted = record(record(node['config'])['persist_docs'])
  const columns = Object.entries(record(node['columns'])).map(([name, column]) => [
    name,
    record(column)['description'] ?? '',
  ])
  return {
    body: digest(
      resourceType === 'seed' ? record(node['checksum']) : (text(node['raw_code']) ?? ''),
    ),
    configs: digest(without(unrendered, UNCOMPARED['nodes'])),
    relation: digest(pick(unrendered, ['database', 'schema', 'alias'])),
    contract: resourceType === 'model' ? contractOf(node) : '',
    rest: digest(
      pick(node, ['fqn', 'latest_version', 'deprecation_date', 'arguments', 'returns', 'access']),
    ),
    descriptions: {
      node: digest(text(node['description']) ?? ''),
      columns: digest(Object.fromEntries(columns)),
      isNodePersisted: Boolean(persisted['relation']),
      areColumnsPersisted: Boolean(persisted['columns']),
    },
  }
}

/** A contract that is not enforced does not count. */
function contractOf(node: Loose): string {
  const contract = record(node['contract'])
  return contract['enforced'] === true ? digest(contract['checksum'] ?? null) : ''
}

function ofOther(resourceType: string, node: Loose, isUnrendered: boolean): NodeContents {
  const ownConfig = resourceType === 'semantic_model' || resourceType === 'saved_query'
  const config = record(node[ownConfig ? 'config' : 'unrendered_config'])
  const rest = pick(node, REST[resourceType] ?? [])
  const prefix = isUnrendered ? 'unrendered_' : ''
  return {
    ...(resourceType === 'unit_test'
      ? {}
      : { configs: digest(without(config, UNCOMPARED[resourceType])) }),
    ...(resourceType === 'source'
      ? {
          relation: digest(pick(node, [`${prefix}database`, `${prefix}schema`, 'identifier'])),
        }
      : {}),
    rest: digest([rest, ...more(resourceType, node)]),
  }
}

function more(resourceType: string, node: Loose): readonly unknown[] {
  if (resourceType === 'exposure') {
    return [[...new Set(texts(record(node['depends_on'])['nodes']))].sort()]
  }
  if (resourceType !== 'saved_query') return []
  const exported = Array.isArray(node['exports']) ? node['exports'].map(record) : []
  return [
    pick(record(node['query_params']), ['metrics', 'group_by', 'where']),
    exported.map((one) => [
      one['name'],
      pick(record(one['unrendered_config']), ['export_as', 'schema', 'alias']),
    ]),
  ]
}

/** The values of some keys; what is missing is null. */
const pick = (from: Loose, keys: readonly string[]): readonly unknown[] =>
  keys.map((key) => from[key] ?? null)

const without = (from: Loose, keys: readonly string[] = []): Loose =>
  Object.fromEntries(Object.entries(from).filter(([key]) => !keys.includes(key)))

/** Short, and equal for equal values whatever the order of their keys. */
export function digest(value: unknown): string {
  const plain = typeof value === 'string' ? value : JSON.stringify(value, sortedKeys)
  return createHash('sha256').update(plain).digest('base64url').slice(0, 22)
}

function sortedKeys(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)))
}
