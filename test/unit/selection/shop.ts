import { resolveSyncs } from '../../../src/config/resolve-syncs.ts'
import { Collector, SECTIONS, type Section, WHOLE_SECTIONS } from '../../../src/manifest/collect.ts'
import { GraphReader } from '../../../src/manifest/graph-reader.ts'
import { parseSelection, type SelectionRequest } from '../../../src/selection/expression.ts'
import type { SelectionFacts } from '../../../src/selection/methods.ts'
import type { GraphNeeds } from '../../../src/selection/node.ts'
import { needsOf, type Selected, selectSyncs } from '../../../src/selection/select-syncs.ts'
import type { Manifest, Sync } from '../../../src/types.ts'

type Entry = Readonly<Record<string, unknown>>

const contact = (sync: string) => ({
  sync,
  object: 'contacts',
  primary_key: 'id',
  match: { email: 'e' },
})

const node = (name: string, dependsOn: readonly string[], more: Entry = {}): Entry => ({
  name,
  resource_type: 'model',
  package_name: 'shop',
  fqn: ['shop', 'marts', name],
  original_file_path: `models/marts/${name}.sql`,
  patch_path: 'shop://models/marts/crm.yml',
  relation_name: name,
  depends_on: { nodes: dependsOn },
  ...more,
})

const deals = (version: number): Entry =>
  node('deals', ['model.shop.stg'], {
    fqn: ['shop', 'marts', 'deals', `v${version}`],
    version,
    latest_version: 2,
    config: {
      meta: {
        hubspot: { object: 'deals', mode: 'update', primary_key: 'id', match: { deal_key: 'k' } },
      },
    },
  })

/**
 * raw (source) → stg → people (syncs contacts and owners) → summary (sync companies)
 * stg → deals v1, v2 (sync deals); people → board (an exposure with the sync board); seed (nothing)
 */
const document: Readonly<Record<string, Entry>> = {
  metadata: { project_name: 'shop', dbt_version: '1.12.0' },
  sources: {
    'source.shop.app.raw': {
      name: 'raw',
      source_name: 'app',
      package_name: 'shop',
      fqn: ['shop', 'app', 'raw'],
      tags: ['raw'],
    },
  },
  nodes: {
    'model.shop.stg': node('stg', ['source.shop.app.raw'], {
      fqn: ['shop', 'staging', 'stg'],
      original_file_path: 'models/staging/stg.sql',
    }),
    'model.shop.people': node('people', ['model.shop.stg'], {
      tags: ['crm', 'daily'],
      config: {
        group: 'sales',
        meta: { hubspot: [contact('contacts'), { ...contact('owners'), mode: 'insert' }] },
      },
    }),
    'model.shop.summary': node('summary', ['model.shop.people', 'seed.shop.codes'], {
      tags: ['crm'],
      config: {
        materialized: 'table',
        meta: {
          hubspot: {
            sync: 'companies',
            object: 'p123_company',
            primary_key: 'id',
            match: { domain: 'd' },
          },
        },
      },
    }),
    'model.shop.deals.v1': deals(1),
    'model.shop.deals.v2': deals(2),
    'seed.shop.codes': node('codes', [], {
      resource_type: 'seed',
      original_file_path: 'seeds/codes.csv',
    }),
    'test.shop.unique_people.1': node('unique_people', ['model.shop.people'], {
      resource_type: 'test',
      test_metadata: { name: 'unique' },
    }),
  },
  exposures: {
    'exposure.shop.board': node('board', ['model.shop.people'], {
      resource_type: 'exposure',
      fqn: ['shop', 'board'],
      tags: ['shown'],
      original_file_path: 'models/board.yml',
      config: { meta: { hubspot: { ...contact('board'), shared: true } } },
    }),
  },
  selectors: {
    daily: { name: 'daily', default: true, definition: { method: 'tag', value: 'daily' } },
    around: {
      name: 'around',
      definition: {
        union: [
          { method: 'selector', value: 'daily' },
          { method: 'fqn', value: 'deals', parents: true, parents_depth: '1' },
        ],
      },
    },
    shown: { name: 'shown', definition: { method: 'tag', value: 'shown' } },
    loop: { name: 'loop', definition: { method: 'selector', value: 'loop' } },
    odd: { name: 'odd', definition: { union: 'tag:daily' } },
  },
}

function readShop(needs: GraphNeeds = { config: [], contents: false }): {
  readonly manifest: Manifest
  readonly facts: SelectionFacts
  readonly syncs: readonly Sync[]
} {
  const collector = new Collector()
  const reader = new GraphReader(needs)
  for (const [section, entries] of Object.entries(document)) {
    if (WHOLE_SECTIONS.includes(section)) collector.add(section as Section, section, entries)
    for (const [key, value] of Object.entries(entries)) {
      if (reader.sections.includes(section)) reader.add(section, key, value)
      if (!WHOLE_SECTIONS.includes(section) && (SECTIONS as readonly string[]).includes(section)) {
        collector.add(section as Section, key, value)
      }
    }
  }
  const manifest = collector.finish('target/manifest.json')
  const { syncs } = resolveSyncs(manifest, { projectDir: '/', readFile: () => undefined })
  const { projectName, selectors = {} } = manifest
  return { manifest, syncs, facts: { graph: reader.graph, projectName, selectors } }
}

/** What `--select` and `--exclude` choose of the shop's syncs. */
export function choose(
  request: Partial<SelectionRequest>,
  disabled: readonly string[] = [],
): Selected<Sync> {
  const selection = parseSelection({ select: [], exclude: [], ...request })
  const { facts, syncs } = readShop(needsOf(selection, document['selectors'] ?? {}).graph)
  const isOff = ({ name }: Sync) => disabled.includes(name)
  return selectSyncs(
    syncs.filter((sync) => !isOff(sync)),
    selection,
    facts,
    syncs.filter(isOff),
  )
}
