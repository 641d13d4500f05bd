import { parse } from 'yaml'
import { Collector, type Section } from '../../../src/manifest/collect.ts'
import type { Manifest } from '../../../src/types.ts'

type Node = { [key: string]: unknown }

const PACKAGE = 'shop'

/** What dbt makes of one YAML file: enough of a manifest for the sync blocks in it. */
export function manifestFromYaml(text: string, file: string, projectMeta: Node = {}): Manifest {
  const document = parse(text) as Record<string, Node[]>
  const collector = new Collector()
  collector.add('metadata', 'metadata', { project_name: PACKAGE, dbt_version: '1.12.0' })
  for (const [section, type] of [
    ['models', 'model'],
    ['seeds', 'seed'],
    ['snapshots', 'snapshot'],
  ] as const) {
    for (const node of document[section] ?? []) {
      const versions = (node['versions'] as Node[] | undefined) ?? [undefined]
      for (const version of versions) addNode(collector, type, node, version, file, projectMeta)
    }
  }
  for (const exposure of document['exposures'] ?? []) {
    const id = `exposure.${PACKAGE}.${exposure['name']}`
    collector.add('exposures', id, {
      ...exposure,
      package_name: PACKAGE,
      original_file_path: file,
      ...references(collector, (exposure['depends_on'] as string[] | undefined) ?? []),
    })
  }
  return collector.finish('target/manifest.json')
}

function addNode(
  collector: Collector,
  type: string,
  node: Node,
  version: Node | undefined,
  file: string,
  projectMeta: Node,
): void {
  const own = node['config'] as Node | undefined
  const ofVersion = version?.['config'] as Node | undefined
  const config: Node = {
    materialized: type === 'model' ? 'table' : type,
    ...own,
    ...ofVersion,
    meta: { ...projectMeta, ...(own?.['meta'] as Node), ...(ofVersion?.['meta'] as Node) },
  }
  const columns = (node['columns'] as Node[] | undefined) ?? []
  const suffix = version === undefined ? '' : `.v${version['v']}`
  const id = `${type}.${PACKAGE}.${node['name']}${suffix}`
  const raw = {
    ...node,
    config,
    resource_type: type,
    package_name: PACKAGE,
    fqn: [PACKAGE, node['name'], ...(version === undefined ? [] : [`v${version['v']}`])],
    schema: 'main',
    relation_name: `"shop"."main"."${node['name']}${suffix.replace('.', '_')}"`,
    original_file_path: `models/${node['name']}.sql`,
    patch_path: `${PACKAGE}://${file}`,
    version: version?.['v'] ?? null,
    primary_key: columns
      .filter((column) => JSON.stringify(column['data_tests']) === '["unique","not_null"]')
      .map((column) => column['name']),
    columns: Object.fromEntries(columns.map((column) => [column['name'], column])),
  }
  const section: Section = config['enabled'] === false ? 'disabled' : 'nodes'
  collector.add(section, id, section === 'disabled' ? [raw] : raw)
}

/** `ref('x')` and `ref('x', v=1)`, resolved among the nodes that were added. */
function references(collector: Collector, dependsOn: readonly string[]): Node {
  const { models } = collector.finish('')
  const refs = dependsOn.map((text) => {
    const [, name = '', version] = /ref\('(\w+)'(?:,\s*v=(\w+))?\)/.exec(text) ?? []
    return { name, version }
  })
  const nodes = refs.flatMap(({ name, version }) =>
    [...models.values()]
      .filter((model) => model.name === name)
      .filter((model) =>
        version === undefined ? model.isLatestVersion : model.version === version,
      )
      .map((model) => model.uniqueId),
  )
  return { refs, depends_on: { nodes } }
}
