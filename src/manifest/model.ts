import type { CurrentRows, Model, ModelColumn } from '../types.ts'
import { filePath, type Loose, metaOf, record, text, textOrNumber, texts } from './loose.ts'

/** Key of a sync in `meta`, and what is looked for beside it. */
const OWN_KEY = 'hubspot'

/** Config keys that place a node elsewhere than the target says. */
const OWN_SCHEMA_KEYS = ['schema', 'database', 'target_schema', 'target_database'] as const

/** Keeps of a node of the manifest what is used of a model, seed or snapshot. */
export function toModel(uniqueId: string, node: Loose): Model | undefined {
  const resourceType = node['resource_type']
  if (resourceType !== 'model' && resourceType !== 'seed' && resourceType !== 'snapshot') return
  const config = record(node['config'])
  const name = text(node['name']) ?? uniqueId.split('.')[2] ?? uniqueId
  const version = textOrNumber(node['version'])
  const misplaced = misplacedKeys(node)
  const materialized = text(config['materialized']) ?? resourceType
  return {
    uniqueId,
    name,
    resourceType,
    packageName: text(node['package_name']) ?? uniqueId.split('.')[1] ?? '',
    fqn: texts(node['fqn']),
    tags: texts(node['tags'] ?? config['tags']),
    materialized,
    ...optional('relationName', materialized === 'ephemeral' ? undefined : node['relation_name']),
    schema: text(node['schema']) ?? '',
    ...optional('database', node['database']),
    ...(OWN_SCHEMA_KEYS.some((key) => text(config[key]) !== undefined)
      ? { hasOwnSchema: true }
      : {}),
    originalFilePath: filePath(node['original_file_path']) ?? '',
    ...optional('patchPath', filePath(node['patch_path'])),
    primaryKey: texts(node['primary_key']),
    ...(resourceType === 'snapshot' ? { currentRows: currentRows(config) } : {}),
    meta: metaOf(node),
    columns: columnsOf(node),
    ...(misplaced.length === 0 ? {} : { misplaced }),
    dependsOn: texts(record(node['depends_on'])['nodes']),
    ...optional('group', node['group'] ?? config['group']),
    ...optional('access', node['access'] ?? config['access']),
    ...optional('version', version),
    isLatestVersion: isLatestVersion(node, version),
  }
}

/** Names of places beside `meta` where the node holds a sync; dbt keeps them, nobody reads them. */
export function misplacedKeys(node: Loose): readonly string[] {
  const places: string[] = []
  if (OWN_KEY in node) places.push(OWN_KEY)
  if (OWN_KEY in record(node['config'])) places.push(`config.${OWN_KEY}`)
  return places
}

function optional<Key extends string>(key: Key, value: unknown): { [K in Key]?: string } {
  const found = text(value)
  return (found === undefined ? {} : { [key]: found }) as { [K in Key]?: string }
}

function columnsOf(node: Loose): readonly ModelColumn[] {
  return Object.entries(record(node['columns'])).map(([key, value]) => {
    const column = record(value)
    const misplaced = misplacedKeys(column)
    return {
      name: text(column['name']) ?? key,
      meta: metaOf(column),
      ...(misplaced.length === 0 ? {} : { misplaced }),
    }
  })
}

/** v9 manifests said `is_latest_version`; later ones name the latest. */
function isLatestVersion(node: Loose, version: string | undefined): boolean {
  if (version === undefined) return true
  if (typeof node['is_latest_version'] === 'boolean') return node['is_latest_version']
  const latest = textOrNumber(node['latest_version'])
  return latest === undefined || latest === version
}

function currentRows(config: Loose): CurrentRows {
  const names = record(config['snapshot_meta_column_names'])
  const validToCurrent = text(config['dbt_valid_to_current'])
  return {
    validToColumn: text(names['dbt_valid_to']) ?? 'dbt_valid_to',
    ...(validToCurrent === undefined ? {} : { validToCurrent }),
    ...(config['hard_deletes'] === 'new_record'
      ? { deletedColumn: text(names['dbt_is_deleted']) ?? 'dbt_is_deleted' }
      : {}),
  }
}
