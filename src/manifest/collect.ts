import type { Disabled, Exposure, Group, Manifest, Model, Test } from '../types.ts'
import { type Loose, metaOf, record, text, texts } from './loose.ts'
import { misplacedKeys, toModel } from './model.ts'

/** Sections of the manifest that are read; of all but `WHOLE_SECTIONS` each entry is taken by itself. */
export const SECTIONS = [
  'metadata',
  'selectors',
  'nodes',
  'exposures',
  'groups',
  'unit_tests',
  'disabled',
] as const

/** Taken as one value. */
export const WHOLE_SECTIONS: readonly string[] = ['metadata', 'selectors']

export type Section = (typeof SECTIONS)[number]

/** Takes the manifest entry by entry, in any order, and keeps only what is used. */
export class Collector {
  readonly #models = new Map<string, Model>()
  readonly #exposures: Exposure[] = []
  readonly #groups: Group[] = []
  readonly #tests: Test[] = []
  readonly #disabled: Disabled[] = []
  #metadata: Loose | undefined
  #selectors: Loose = {}

  /** @param key the entry's `unique_id`; unused for what is taken as one value */
  add(section: Section, key: string, value: unknown): void {
    switch (section) {
      case 'metadata':
        this.#metadata = record(value)
        break
      case 'selectors':
        this.#selectors = record(value)
        break
      case 'nodes':
        this.#addNode(key, record(value))
        break
      case 'exposures':
        this.#exposures.push(toExposure(key, record(value)))
        break
      case 'groups':
        this.#groups.push(toGroup(key, record(value)))
        break
      case 'unit_tests':
        this.#tests.push(toTest(key, record(value), 'unit'))
        break
      case 'disabled':
        this.#addDisabled(key, value)
    }
  }

  /** What identifies the file; undefined until `metadata` was met. */
  get metadata(): Loose | undefined {
    return this.#metadata
  }

  finish(path: string): Manifest {
    const metadata = this.#metadata ?? {}
    return {
      path,
      dbtVersion: text(metadata['dbt_version']) ?? 'unknown',
      schemaVersion: schemaVersion(metadata),
      adapterType: text(metadata['adapter_type']),
      projectName: text(metadata['project_name']) ?? mostCommonPackage(this.#models),
      generatedAt: text(metadata['generated_at']),
      invocationId: text(metadata['invocation_id']),
      env: record(metadata['env']) as Readonly<Record<string, string>>,
      models: this.#models,
      exposures: this.#exposures,
      groups: this.#groups,
      tests: this.#tests,
      disabled: this.#disabled,
      selectors: this.#selectors,
    }
  }

  #addNode(key: string, node: Loose): void {
    const model = toModel(key, node)
    if (model !== undefined) this.#models.set(key, model)
    else if (node['resource_type'] === 'test') this.#tests.push(toTest(key, node, 'data'))
  }

  /** A disabled id holds a list: the same name may be disabled in several files. */
  #addDisabled(key: string, value: unknown): void {
    const nodes = (Array.isArray(value) ? value : [value]).map(record)
    this.#disabled.push({
      uniqueId: key,
      name: text(nodes[0]?.['name']) ?? key,
      hasSync: nodes.some((node) => 'hubspot' in metaOf(node)),
    })
  }
}

/** The number in `https://schemas.getdbt.com/dbt/manifest/v12.json`. */
function schemaVersion(metadata: Loose): number | undefined {
  const found = /\/manifest\/v(\d+)/.exec(text(metadata['dbt_schema_version']) ?? '')
  return found === null ? undefined : Number(found[1])
}

function toExposure(key: string, node: Loose): Exposure {
  const misplaced = misplacedKeys(node)
  return {
    uniqueId: key,
    name: text(node['name']) ?? key.split('.')[2] ?? key,
    packageName: text(node['package_name']) ?? key.split('.')[1] ?? '',
    originalFilePath: (text(node['original_file_path']) ?? '').replaceAll('\\', '/'),
    fqn: texts(node['fqn']),
    tags: texts(node['tags'] ?? record(node['config'])['tags']),
    meta: metaOf(node),
    ...(misplaced.length === 0 ? {} : { misplaced }),
    dependsOn: texts(record(node['depends_on'])['nodes']),
    refs: refsOf(node['refs']),
  }
}

function toGroup(key: string, node: Loose): Group {
  const owner = record(node['owner'])
  const name = text(owner['name'])
  const [email] = texts(owner['email'])
  return {
    name: text(node['name']) ?? key.split('.')[2] ?? key,
    packageName: text(node['package_name']) ?? key.split('.')[1] ?? '',
    owner: {
      ...(name === undefined ? {} : { name }),
      ...(email === undefined ? {} : { email }),
    },
  }
}

/** v9 wrote a ref as a list of package and name, later versions as an object. */
function refsOf(value: unknown): readonly string[] {
  if (!Array.isArray(value)) return []
  return value.flatMap((ref) => {
    const name = Array.isArray(ref) ? text(ref.at(-1)) : text(record(ref)['name'])
    return name === undefined ? [] : [name]
  })
}

function toTest(key: string, node: Loose, kind: Test['kind']): Test {
  const attachedNode = text(node['attached_node'])
  return {
    uniqueId: key,
    name: text(node['name']) ?? key,
    kind,
    ...(attachedNode === undefined ? {} : { attachedNode }),
    dependsOn: texts(record(node['depends_on'])['nodes']),
  }
}

function mostCommonPackage(models: ReadonlyMap<string, Model>): string | undefined {
  const counts = new Map<string, number>()
  for (const { packageName } of models.values()) {
    counts.set(packageName, (counts.get(packageName) ?? 0) + 1)
  }
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0]
}
