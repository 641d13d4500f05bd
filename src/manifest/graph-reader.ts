import type { GraphMacro, GraphNeeds, GraphNode, NodeGraph } from '../selection/node.ts'
import { contentsOf, digest } from './contents.ts'
import { filePath, type Loose, record, text, texts } from './loose.ts'

/** Sections with nodes of the graph, and what their entries are if they do not say. */
const NODE_SECTIONS: Readonly<Record<string, string>> = {
  nodes: 'model',
  sources: 'source',
  exposures: 'exposure',
  metrics: 'metric',
  semantic_models: 'semantic_model',
  saved_queries: 'saved_query',
  unit_tests: 'unit_test',
  functions: 'function',
}

/** Takes the manifest entry by entry, in any order, and keeps of dbt's graph what a selection asks. */
export class GraphReader {
  readonly sections: readonly string[]
  readonly #needs: GraphNeeds
  readonly #configPaths: readonly (readonly [key: string, path: readonly string[]])[]
  readonly #nodes = new Map<string, GraphNode>()
  readonly #macros = new Map<string, GraphMacro>()
  /** Each id once: a parser makes a new text of every mention. */
  readonly #texts = new Map<string, string>()

  constructor(needs: GraphNeeds) {
    this.#needs = needs
    this.#configPaths = needs.config.map((key) => [key, key.split('.')])
    this.sections = [...Object.keys(NODE_SECTIONS), ...(needs.contents ? ['macros'] : [])]
  }

  /** @param key the entry's `unique_id` */
  add(section: string, key: string, value: unknown): void {
    const entry = record(value)
    if (section === 'macros') {
      const dependsOn = this.#once(record(entry['depends_on'])['macros'])
      this.#macros.set(key, { body: digest(entry['macro_sql'] ?? null), dependsOn })
    } else {
      this.#nodes.set(key, this.#toNode(section, key, entry))
    }
  }

  get graph(): NodeGraph {
    return { nodes: this.#nodes, macros: this.#macros }
  }

  #toNode(section: string, key: string, entry: Loose): GraphNode {
    const config = record(entry['config'])
    const dependsOn = record(entry['depends_on'])
    const resourceType = text(entry['resource_type']) ?? NODE_SECTIONS[section] ?? section
    const isParsed = section === 'nodes' || section === 'functions'
    const isGroupable = section === 'nodes' || section === 'metrics'
    const test = record(entry['test_metadata'])
    const version = versionOf(entry['version'])
    const patchPath = filePath(entry['patch_path'])
    const contents = this.#needs.contents
      ? contentsOf(resourceType, entry, isParsed, this.#needs.unrenderedSources === true)
      : undefined
    return definedOnly({
      uniqueId: key,
      resourceType,
      name: text(entry['name']) ?? key.split('.').at(-1) ?? key,
      packageName: this.#one(text(entry['package_name']) ?? key.split('.')[1] ?? ''),
      fqn: texts(entry['fqn']),
      tags: texts(entry['tags'] ?? config['tags']),
      path: filePath(entry['original_file_path']) ?? '',
      patchPath,
      group: isGroupable ? text(config['group']) : undefined,
      access: resourceType === 'model' ? text(entry['access'] ?? config['access']) : undefined,
      version,
      latestVersion:
        entry['is_latest_version'] === true ? version : versionOf(entry['latest_version']),
      sourceName: section === 'sources' ? text(entry['source_name']) : undefined,
      genericTest: resourceType === 'test' ? text(test['name']) : undefined,
      dependsOn: resourceType === 'seed' ? [] : this.#once(dependsOn['nodes']),
      config: section === 'nodes' || section === 'sources' ? this.#configOf(config) : undefined,
      contents,
      macros: this.#needs.contents ? this.#once(dependsOn['macros']) : undefined,
    })
  }

  #configOf(config: Loose): ReadonlyMap<string, unknown> | undefined {
    if (this.#configPaths.length === 0) return undefined
    const values = new Map<string, unknown>()
    for (const [key, path] of this.#configPaths) {
      const value = path.reduce<unknown>((at, step) => record(at)[step], config)
      if (value !== undefined && value !== null) values.set(key, value)
    }
    return values
  }

  #once(value: unknown): readonly string[] {
    return texts(value).map((id) => this.#one(id))
  }

  #one(id: string): string {
    const known = this.#texts.get(id)
    if (known !== undefined) return known
    this.#texts.set(id, id)
    return id
  }
}

function versionOf(value: unknown): string | number | undefined {
  return typeof value === 'number' ? value : text(value)
}

type Undefinable<T> = { [K in keyof T]: T[K] | undefined }

/** The object without its undefined values: of thousands of nodes few have them all. */
function definedOnly(node: Undefinable<GraphNode>): GraphNode {
  return Object.fromEntries(
    Object.entries(node).filter(([, value]) => value !== undefined),
  ) as unknown as GraphNode
}
