import type { Definition, Node } from './sync-definitions.ts'

/** Where dbt would find the definitions. */
export const yamlFile = 'models/people.yml'

export type Document = ReturnType<typeof documentOf>

/** The file that a definition stands in. */
export function documentOf({ meta, columns = {}, exposure }: Definition) {
  return {
    models: [
      {
        name: 'people',
        config: { materialized: 'table', meta },
        columns: Object.entries(columns).map(([name, hubspot]) => ({
          name,
          config: { meta: { hubspot } },
        })),
      },
    ],
    exposures: exposure === undefined ? [] : [{ name: 'usage', config: { meta: exposure } }],
  }
}

/** Nodes and exposures as dbt writes them in its manifest, by id. */
export function nodesOf({ models, exposures }: Document, relation: string) {
  const nodes = models.map((model): readonly [string, Node] => [
    `model.shop.${model.name}`,
    {
      ...model,
      resource_type: 'model',
      package_name: 'shop',
      fqn: ['shop', model.name],
      schema: 'main',
      relation_name: relation,
      original_file_path: 'models/people.sql',
      patch_path: `shop://${yamlFile}`,
      columns: Object.fromEntries(model.columns.map((column) => [column.name, column])),
    },
  ])
  const used = exposures.map((exposure): readonly [string, Node] => [
    `exposure.shop.${exposure.name}`,
    {
      ...exposure,
      package_name: 'shop',
      original_file_path: yamlFile,
      depends_on: { nodes: ['model.shop.people'] },
    },
  ])
  return { nodes: Object.fromEntries(nodes), exposures: Object.fromEntries(used) }
}
