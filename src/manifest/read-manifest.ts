import { setTimeout as sleep } from 'node:timers/promises'
import { UserError } from '../errors.ts'
import type { Logger } from '../log.ts'
import type { GraphNeeds, NodeGraph } from '../selection/node.ts'
import type { Manifest } from '../types.ts'
import { Collector, SECTIONS, type Section, WHOLE_SECTIONS } from './collect.ts'
import { GraphReader } from './graph-reader.ts'
import { readJsonSections } from './json-sections.ts'
import { type Loose, record, text } from './loose.ts'

/** dbt 1.5 to 1.7 wrote v9 to v11, dbt 1.8 and later v12, early Fusion previews v20. */
const KNOWN_VERSIONS: readonly number[] = [9, 10, 11, 12, 20]

/** How long a writer is given to finish a file that was met half-written. */
const RETRY_AFTER_MS = 500

export interface ReadOptions {
  readonly log: Logger
  /** Takes what a selection needs of the graph on the way; a new one at the second attempt. */
  readonly graphReader?: () => GraphReader
  /** For tests: size from which the file is streamed, and the wait before the second attempt. */
  readonly streamAboveBytes?: number
  readonly retryAfterMs?: number
}

/**
 * Reads dbt's `manifest.json` of any version from v9 on, leniently: only the fields that are used.
 *
 * @throws UserError with one problem when the file is missing, unreadable, no manifest, or too old
 */
export async function readManifest(path: string, options: ReadOptions): Promise<Manifest> {
  const collector = await twice(path, options, () => collect(path, options))
  const manifest = collector.finish(path)
  warnAboutVersion(manifest, options.log)
  return manifest
}

/**
 * Reads dbt's graph alone, with what a selection needs of it.
 *
 * @throws UserError as `readManifest` does
 */
export async function readGraph(
  path: string,
  needs: GraphNeeds,
  options: ReadOptions,
): Promise<NodeGraph> {
  return twice(path, options, async () => {
    const reader = new GraphReader(needs)
    let metadata: Loose | undefined
    const sections = await readJsonSections(
      path,
      { whole: ['metadata'], entries: reader.sections },
      (section, key, value) => {
        if (section === 'metadata') metadata = record(value)
        else reader.add(section, key, value)
      },
      options.streamAboveBytes,
    )
    refuseOtherFiles(path, metadata, sections)
    return reader.graph
  })
}

/** Reads, and reads once more when the file was met half-written. */
async function twice<T>(path: string, options: ReadOptions, read: () => Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (cause) {
    if (cause instanceof UserError || isFileError(cause)) throw explain(path, cause)
    options.log.debug('The manifest is no valid JSON; trying once more', { path })
    await sleep(options.retryAfterMs ?? RETRY_AFTER_MS)
    return await read().catch((again: unknown) => {
      throw explain(path, again)
    })
  }
}

async function collect(path: string, options: ReadOptions): Promise<Collector> {
  if (/\.msgpack$/.test(path)) {
    throw notAManifest(path, "is dbt's partial parse cache, not a manifest")
  }
  const collector = new Collector()
  const graph = options.graphReader?.()
  const own = new Set<string>(SECTIONS)
  const ofGraph = new Set(graph?.sections)
  const sections = await readJsonSections(
    path,
    {
      whole: WHOLE_SECTIONS,
      entries: [...new Set([...own, ...ofGraph])].filter((one) => !WHOLE_SECTIONS.includes(one)),
    },
    (section, key, value) => {
      if (own.has(section)) collector.add(section as Section, key, value)
      if (ofGraph.has(section)) graph?.add(section, key, value)
    },
    options.streamAboveBytes,
  )
  refuseOtherFiles(path, collector.metadata, sections)
  return collector
}

/** Throws unless `metadata` says manifest, or the file at least looks like one. */
function refuseOtherFiles(
  path: string,
  metadata: Loose | undefined,
  sections: readonly string[],
): void {
  const schema = text(metadata?.['dbt_schema_version'])
  const artifact = /\/dbt\/([a-z-]+)\/v\d+/.exec(schema ?? '')?.[1]
  if (artifact !== undefined && artifact !== 'manifest') {
    throw notAManifest(path, `is a ${artifact} file, not a manifest`)
  }
  const found = /\/manifest\/v(\d+)/.exec(schema ?? '')
  if (found !== null && Number(found[1]) < 9) {
    throw new UserError({
      message: `The manifest was written by dbt ${text(metadata?.['dbt_version']) ?? '(unknown version)'}; dbt 1.5 is the oldest that is read`,
      where: { file: path },
      hint: 'Upgrade dbt, then run `dbt parse`.',
    })
  }
  if (metadata === undefined || (artifact === undefined && !sections.includes('nodes'))) {
    throw notAManifest(path, 'is no dbt manifest: it has no `metadata` that says so')
  }
}

function notAManifest(path: string, what: string): UserError {
  return new UserError({
    message: `The file ${what}`,
    where: { file: path },
    hint: "Give the path of dbt's target/manifest.json. `dbt parse` writes it.",
  })
}

function isFileError(cause: unknown): cause is NodeJS.ErrnoException {
  return cause instanceof Error && typeof (cause as NodeJS.ErrnoException).syscall === 'string'
}

function explain(path: string, cause: unknown): UserError {
  if (cause instanceof UserError) return cause
  if (isFileError(cause)) {
    const isMissing = cause.code === 'ENOENT'
    return new UserError(
      {
        message: isMissing
          ? 'There is no dbt manifest here'
          : `The dbt manifest cannot be read (${cause.code})`,
        where: { file: path },
        hint: isMissing
          ? 'Run `dbt parse` (or `dbt build`) in the project first, or say where dbt writes with --target-path.'
          : 'Give the path of a readable target/manifest.json.',
      },
      { cause },
    )
  }
  const detail = cause instanceof Error ? ` (${cause.message.slice(0, 120)})` : ''
  return new UserError(
    {
      message: `The dbt manifest is damaged or was not written to its end${detail}`,
      where: { file: path },
      hint: 'Run `dbt parse` to write it again, and do not run dbt in the same target folder at the same time.',
    },
    { cause },
  )
}

function warnAboutVersion(manifest: Manifest, log: Logger): void {
  if (manifest.schemaVersion !== undefined && KNOWN_VERSIONS.includes(manifest.schemaVersion)) {
    return
  }
  const version = manifest.schemaVersion === undefined ? 'unknown' : `v${manifest.schemaVersion}`
  log.warn(
    `The manifest's schema version is ${version}, which is not known here; it is read as far as it is understood`,
    { path: manifest.path, dbt_version: manifest.dbtVersion },
  )
}
