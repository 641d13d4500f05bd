/** dbt's graph, with only what selectors ask of it. */

/** A node of the manifest: a model, seed, snapshot, test, source, exposure, metric and so on. */
export interface GraphNode {
  readonly uniqueId: string
  /** dbt's own word, e.g. `model`, `unit_test`. */
  readonly resourceType: string
  readonly name: string
  readonly packageName: string
  readonly fqn: readonly string[]
  readonly tags: readonly string[]
  /** Of the SQL, CSV or YAML file, relative to the package's folder. */
  readonly path: string
  /** Of the YAML that describes the node. */
  readonly patchPath?: string
  readonly group?: string
  readonly access?: string
  readonly version?: string | number
  readonly latestVersion?: string | number
  /** Of a source: the name above its table's. */
  readonly sourceName?: string
  /** Of a data test that is generic: the name of what it is an instance of, e.g. `unique`. */
  readonly genericTest?: string
  readonly dependsOn: readonly string[]
  /** Values of the config that were asked for, by dotted path; what the node does not have is left out. */
  readonly config?: ReadonlyMap<string, unknown>
  /** Present where `contents` were asked for. */
  readonly contents?: NodeContents
  readonly macros?: readonly string[]
}

/**
 * Digests of what `state:modified` compares. A part that is absent is not compared for such nodes, and no
 * `state:modified.<part>` matches them.
 */
export interface NodeContents {
  readonly body?: string
  readonly configs?: string
  /** As configured: not the names that follow from the target. */
  readonly relation?: string
  readonly contract?: string
  /** The name in the graph, and what only nodes of its type have. */
  readonly rest: string
  readonly descriptions?: Descriptions
}

/** Descriptions count where dbt writes them into the warehouse. */
export interface Descriptions {
  readonly node: string
  readonly columns: string
  readonly isNodePersisted: boolean
  readonly areColumnsPersisted: boolean
}

export interface GraphMacro {
  /** Digest of its text. */
  readonly body: string
  readonly dependsOn: readonly string[]
}

export interface NodeGraph {
  readonly nodes: ReadonlyMap<string, GraphNode>
  /** Empty unless `contents` were asked for. */
  readonly macros: ReadonlyMap<string, GraphMacro>
}

/** What beside the plain facts a selection needs of the nodes. */
export interface GraphNeeds {
  /** Dotted paths below `config`. */
  readonly config: readonly string[]
  /** Digests and macros, for `state:`. */
  readonly contents: boolean
  /** Sources are compared as they are configured, not by the names that follow from the target. */
  readonly unrenderedSources?: boolean
}
