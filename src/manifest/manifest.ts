import type { Model } from '../types.ts'

/** dbt's manifest, with only what is used of it. */
export interface Manifest {
  readonly path: string
  readonly dbtVersion: string
  /** Number in `dbt_schema_version`, e.g. 12; undefined when the file does not say. */
  readonly schemaVersion: number | undefined
  readonly adapterType: string | undefined
  /** From dbt 1.6 on; for older manifests the package of most models. */
  readonly projectName: string | undefined
  readonly generatedAt: string | undefined
  readonly invocationId: string | undefined
  /** Variables given to dbt as `DBT_ENV_CUSTOM_ENV_…`, without that prefix. */
  readonly env: Readonly<Record<string, string>>
  /** Models, seeds and snapshots by `unique_id`. */
  readonly models: ReadonlyMap<string, Model>
  readonly exposures: readonly Exposure[]
  readonly tests: readonly Test[]
  /** Disabled nodes and exposures. */
  readonly disabled: readonly Disabled[]
}

/** An exposure, the second home of a sync. */
export interface Exposure {
  readonly uniqueId: string
  readonly name: string
  readonly packageName: string
  readonly originalFilePath: string
  readonly fqn: readonly string[]
  readonly tags: readonly string[]
  readonly meta: Readonly<Record<string, unknown>>
  readonly misplaced?: readonly string[]
  readonly dependsOn: readonly string[]
  /** Names in `ref()`, for telling what a missing parent was called. */
  readonly refs: readonly string[]
}

/** A data test or unit test. */
export interface Test {
  readonly uniqueId: string
  readonly name: string
  readonly kind: 'data' | 'unit'
  /** The tested node, where dbt says so. */
  readonly attachedNode?: string
  readonly dependsOn: readonly string[]
}

export interface Disabled {
  readonly uniqueId: string
  readonly name: string
  /** True when the disabled node carries a sync of its own. */
  readonly hasSync: boolean
}

/**
 * The models that a test speaks of: the tested node, else everything it reads
 * (a `relationships` test reads two models but tests one; a singular test names none).
 */
export function testedModels(test: Test): readonly string[] {
  if (test.attachedNode !== undefined) return [test.attachedNode]
  return test.kind === 'unit' ? test.dependsOn.slice(0, 1) : test.dependsOn
}
