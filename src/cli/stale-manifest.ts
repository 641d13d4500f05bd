import { SYNC_KEY } from '../config/declaration.ts'
import type { Manifest } from '../types.ts'

/** Files that are written together with the manifest are no newer than it. */
const toleranceMs = 2_000

/**
 * Files of nodes with a sync that were changed after dbt wrote the manifest, which then does not say what they say. Of the
 * project's own package: installed ones change by `dbt deps`.
 *
 * @param changedAtMs when a file was changed last, by its path in the project; undefined when there is none
 */
export function changedAfter(
  manifest: Manifest,
  writtenAtMs: number,
  changedAtMs: (path: string) => number | undefined,
): readonly string[] {
  const own = [...manifest.models.values(), ...manifest.exposures].filter(
    ({ meta, packageName }) => SYNC_KEY in meta && packageName === manifest.projectName,
  )
  const paths = new Set<string>()
  for (const node of own) {
    // A seed's own file holds rows.
    if (!node.originalFilePath.endsWith('.csv')) paths.add(node.originalFilePath)
    if ('patchPath' in node && node.patchPath !== undefined) paths.add(node.patchPath)
  }
  return [...paths].filter((path) => (changedAtMs(path) ?? 0) > writtenAtMs + toleranceMs)
}

/** The warning about such files; undefined for none. */
export function describeStale(paths: readonly string[]): string | undefined {
  const [first, ...rest] = paths
  if (first === undefined) return undefined
  const more = rest.length === 0 ? '' : ` and ${rest.length} more`
  const were = rest.length === 0 ? 'was' : 'were'
  return `${first}${more} ${were} changed after dbt's manifest was written, which still says what stood there before: run dbt parse (or dbt build)`
}
