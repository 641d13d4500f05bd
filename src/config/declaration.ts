import type { Problem } from '../errors.ts'
import type { Selectable } from '../selection/selectable.ts'
import type { Exposure, Manifest, Model, Origin } from '../types.ts'
import type { Path } from './check.ts'
import { type Block, isBlock } from './merge.ts'
import { toOrigin, type YamlFiles } from './yaml-files.ts'

export const SYNC_KEY = 'hubspot'
export const DEFAULTS_KEY = 'hubspot_defaults'

/** Where syncs are declared: a model, seed or snapshot, or an exposure over one of them. */
export interface Holder {
  readonly uniqueId: string
  readonly section: 'models' | 'seeds' | 'snapshots' | 'exposures'
  readonly name: string
  readonly packageName: string
  /** YAML that describes it, and the SQL (or CSV) file when the two differ. */
  readonly yamlFile: string | undefined
  readonly sqlFile: string | undefined
  readonly version: string | undefined
  readonly meta: Block
  readonly misplaced: readonly string[]
}

/** One sync as the user wrote it, with the defaults that lie below it. */
export interface Declaration {
  readonly holder: Holder
  readonly model: Model
  readonly block: Block
  readonly defaults: Block
  /** Position in the list of syncs; absent when there is just one, written without a list. */
  readonly index?: number
}

/** Syncs that a target switches on or off. */
export type Overrides = Readonly<Record<string, { readonly enabled?: boolean | undefined }>>

/** A problem, and whose it is: a command that leaves those out does not speak of it. */
export interface Attributed {
  readonly problem: Problem
  /** The syncs at fault, or the nodes that hold what could not become one. Empty: everybody's. */
  readonly about: readonly Selectable[]
}

/** What the steps of resolving share. */
export interface Context {
  readonly manifest: Manifest
  readonly files: YamlFiles
  /** What the chosen target says about syncs, by name. */
  readonly overrides: Overrides
  /** Everything wrong that was found so far. */
  readonly problems: Attributed[]
}

export function holderOfModel(model: Model): Holder {
  return {
    uniqueId: model.uniqueId,
    section: `${model.resourceType}s`,
    name: model.name,
    packageName: model.packageName,
    yamlFile: model.patchPath,
    sqlFile: model.originalFilePath,
    version: model.version,
    meta: model.meta,
    misplaced: model.misplaced ?? [],
  }
}

export function holderOfExposure(exposure: Exposure): Holder {
  return {
    uniqueId: exposure.uniqueId,
    section: 'exposures',
    name: exposure.name,
    packageName: exposure.packageName,
    yamlFile: exposure.originalFilePath,
    sqlFile: undefined,
    version: undefined,
    meta: exposure.meta,
    misplaced: exposure.misplaced ?? [],
  }
}

/** Path of a declaration inside `meta`. */
export function metaPath(declaration: Declaration, path: Path = []): Path {
  const position = declaration.index === undefined ? [] : [declaration.index]
  return [SYNC_KEY, ...position, ...path]
}

/**
 * Where something in a holder's `meta` was written: the deepest key of `path` that is found in its YAML, else the
 * SQL file's `config()`, else the holder itself.
 */
export function locate(
  files: YamlFiles,
  holder: Holder,
  path: Path,
  projectName: string | undefined,
  column?: string,
): Origin {
  const folder = folderOf(holder, projectName)
  const inYaml = locateInYaml(files, holder, path, folder, column)
  if (inYaml?.isExact === true) return inYaml.origin
  if (holder.sqlFile !== undefined) {
    const file = `${folder}${holder.sqlFile}`
    const line = lineOf(files.text(file), String(path[0] ?? SYNC_KEY), path.slice(1))
    if (line !== undefined) return { file, line, path: pathText(path) }
  }
  return inYaml?.origin ?? { file: `${folder}${holder.yamlFile ?? holder.sqlFile ?? ''}` }
}

function folderOf(holder: Holder, projectName: string | undefined): string {
  return holder.packageName === projectName ? '' : `dbt_packages/${holder.packageName}/`
}

function locateInYaml(
  files: YamlFiles,
  holder: Holder,
  path: Path,
  folder: string,
  column: string | undefined,
): { readonly origin: Origin; readonly isExact: boolean; readonly depth: number } | undefined {
  if (holder.yamlFile === undefined) return undefined
  const file = `${folder}${holder.yamlFile}`
  const entry = files.entry(file, holder.section, holder.name)
  if (entry === undefined) return undefined
  const version =
    holder.version === undefined
      ? undefined
      : files.within(file, entry, 'versions', 'v', holder.version)
  const nodes =
    column === undefined
      ? [version, entry]
      : [version, entry].map((node) => files.within(file, node, 'columns', 'name', column))
  const attempts = nodes.flatMap((node) =>
    [['config', 'meta'], ['meta']].flatMap((home) => {
      const found = files.follow(file, node, [...home, ...path])
      return found === undefined || found.steps <= home.length ? [] : [{ found, home }]
    }),
  )
  const best = attempts.sort(
    (a, b) => b.found.steps - b.home.length - (a.found.steps - a.home.length),
  )[0]
  if (best !== undefined) {
    const text = pathText([...best.home, ...path])
    const depth = best.found.steps - best.home.length
    return { origin: toOrigin(file, best.found, text), isExact: true, depth }
  }
  const whole = files.follow(file, nodes.find((node) => node !== undefined) ?? entry, [])
  return { origin: toOrigin(file, whole), isExact: false, depth: 0 }
}

/** Where a default was written: the YAML of one of the holders, or dbt_project.yml, whichever holds more of the path. */
export function locateDefault(
  files: YamlFiles,
  holders: readonly Holder[],
  path: Path,
  projectName: string | undefined,
): Origin {
  const full = [DEFAULTS_KEY, ...path]
  const own = holders.flatMap((holder) => {
    const found = locateInYaml(files, holder, full, folderOf(holder, projectName), undefined)
    return found?.isExact === true ? [found] : []
  })
  const file = 'dbt_project.yml'
  const inProject = files.everywhere(file, DEFAULTS_KEY).flatMap((node) => {
    const found = files.follow(file, node, path)
    return found === undefined
      ? []
      : [{ origin: toOrigin(file, found, pathText(full)), depth: found.steps + 1 }]
  })
  const [best] = [...own, ...inProject].sort((a, b) => b.depth - a.depth)
  return best?.origin ?? { file, path: pathText(full) }
}

/** Line of the last step of a path in text that is no YAML: each step is looked for behind the one before. */
function lineOf(text: string | undefined, key: string, rest: Path): number | undefined {
  let at = text?.search(new RegExp(`\\b${key}\\b`)) ?? -1
  if (text === undefined || at < 0) return undefined
  for (const step of rest) {
    const next = typeof step === 'string' ? text.indexOf(step, at) : -1
    if (next >= 0) at = next
  }
  return text.slice(0, at).split('\n').length
}

/** `config.meta.hubspot[0].properties.email`. */
export function pathText(path: Path): string {
  return path
    .map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`))
    .join('')
    .replace(/^\./, '')
}

/** Defaults for syncs of a model, `meta.hubspot_defaults`. */
export function defaultsOf(meta: Block): Block {
  const defaults = meta[DEFAULTS_KEY]
  return isBlock(defaults) ? defaults : {}
}
