import { UserError } from '../errors.ts'
import { suggest } from '../suggest.ts'
import type { Model } from '../types.ts'

export interface Selection {
  /** Values of `--select`; several values and spaces are a union, commas an intersection. None selects all. */
  readonly select: readonly string[]
  readonly exclude: readonly string[]
}

/** What the grammar looks at: a sync, or what could not become one. */
export interface Selectable {
  readonly name: string
  readonly model: Pick<
    Model,
    'name' | 'fqn' | 'tags' | 'originalFilePath' | 'patchPath' | 'version'
  >
}

export interface Selected<T extends Selectable> {
  /** In the order given. */
  readonly syncs: readonly T[]
  /** Criteria that matched nothing, in dbt's words. */
  readonly warnings: readonly string[]
}

/** One method of dbt's selector grammar that is understood here. */
type Matches = (sync: Selectable, value: string) => boolean

const METHODS: Readonly<Record<string, Matches>> = {
  fqn: (sync, value) => glob(value, sync.name) || matchesFqn(sync.model, value),
  sync: (sync, value) => glob(value, sync.name),
  tag: (sync, value) => sync.model.tags.some((tag) => glob(value, tag)),
  path: (sync, value) => matchesPath(sync.model, value),
}

/**
 * Chooses syncs by dbt's selector grammar, on models and on the syncs' own names.
 *
 * @param disabled syncs that are never chosen; a criterion that matches none but those says so
 * @throws UserError with exit code 2 for a method or operator that is not understood
 */
export function selectSyncs<T extends Selectable>(
  syncs: readonly T[],
  selection: Selection,
  disabled: readonly Selectable[] = [],
): Selected<T> {
  const warnings: string[] = []
  const union = (criteria: readonly string[]): Set<T> => {
    const chosen = new Set<T>()
    for (const criterion of criteria.flatMap((value) => value.trim().split(/\s+/))) {
      if (criterion === '') continue
      const matched = intersection(syncs, criterion)
      if (matched.length === 0) warnings.push(noMatch(criterion, syncs, disabled))
      for (const sync of matched) chosen.add(sync)
    }
    return chosen
  }
  const included = selection.select.length === 0 ? new Set(syncs) : union(selection.select)
  const excluded = union(selection.exclude)
  return {
    syncs: syncs.filter((sync) => included.has(sync) && !excluded.has(sync)),
    warnings,
  }
}

function noMatch(
  criterion: string,
  syncs: readonly Selectable[],
  disabled: readonly Selectable[],
): string {
  const off = intersection(disabled, criterion).map(({ name }) => name)
  if (off.length > 0)
    return `The selection criterion '${criterion}' matches only disabled syncs: ${off.join(', ')}. \`enabled: true\` in the sync, or in the target's \`syncs\` in backhaul.yml, switches one on`
  const names = syncs.flatMap((sync) => [sync.name, sync.model.name])
  const meant = suggest(criterion.replace(/^(sync|fqn):/, ''), names)
  const hint = meant === undefined ? '' : `; did you mean ${meant}?`
  return `The selection criterion '${criterion}' does not match any enabled nodes that have a sync${hint}`
}

function intersection<T extends Selectable>(syncs: readonly T[], criterion: string): readonly T[] {
  return criterion.split(',').reduce((left, part) => left.filter(predicate(part)), syncs)
}

function predicate(part: string): (sync: Selectable) => boolean {
  if (/^(\d*\+|@)|\+\d*$/.test(part)) {
    throw usage(
      `'${part}': the graph operators + and @ are not supported yet`,
      'Name the models or syncs themselves.',
    )
  }
  const [, method, value] = /^([a-z_]+(?:\.[^:]*)?):(.*)$/i.exec(part) ?? []
  const name = method ?? (part.includes('/') ? 'path' : 'fqn')
  const matches = METHODS[name]
  if (matches === undefined) {
    throw usage(
      `'${name}' is not a valid method name`,
      `Methods are: ${Object.keys(METHODS).join(', ')}.`,
    )
  }
  return (sync) => matches(sync, value ?? part)
}

function usage(message: string, hint: string): UserError {
  return new UserError({ message, hint }, { exitCode: 2 })
}

/** dbt's rule: the last element, or a dotted prefix of the name with or without its package. */
function matchesFqn(model: Selectable['model'], value: string): boolean {
  const { fqn, version } = model
  const isVersioned = version !== undefined && fqn.at(-1) === `v${version}`
  const last = isVersioned ? fqn.at(-2) : fqn.at(-1)
  if (glob(value, last ?? model.name)) return true
  if (isVersioned && [`${last}.v${version}`, `${last}_v${version}`].includes(value)) return true
  return [fqn, fqn.slice(1)].some((name) => isPrefix(value.split('.'), name))
}

/** From the first part with a wildcard on, all that is left is matched as one text. */
function isPrefix(parts: readonly string[], name: readonly string[]): boolean {
  for (const [index, part] of parts.entries()) {
    if (/[*?[]/.test(part)) return glob(parts.slice(index).join('.'), name.slice(index).join('.'))
    if (name[index] !== part) return false
  }
  return true
}

/** A file or folder, or a pattern for them, relative to the project; also of the describing YAML. */
function matchesPath(model: Selectable['model'], value: string): boolean {
  const wanted = value.replaceAll('\\', '/').replace(/^\.\//, '').replace(/\/+$/, '')
  return [model.originalFilePath, model.patchPath].some((file) => {
    if (file === undefined) return false
    const folders = file.split('/').map((_, index, parts) => parts.slice(0, index + 1).join('/'))
    return folders.some((folder) => glob(wanted, folder, true))
  })
}

/** Python's `fnmatch`: `*`, `?`, `[abc]`, `[!abc]`; in paths a star ends at a slash unless doubled. */
function glob(pattern: string, text: string, isPath = false): boolean {
  if (!/[*?[]/.test(pattern)) return pattern === text
  const source = pattern.replace(/\*\*\/?|\*|\?|\[!?[^\]]+\]|[.+^${}()|\\[\]]/g, (token) => {
    if (token.startsWith('**')) return '.*'
    if (token === '*') return isPath ? '[^/]*' : '.*'
    if (token === '?') return isPath ? '[^/]' : '.'
    if (token.length > 1 && token.startsWith('[')) return token.replace(/^\[!/, '[^')
    return `\\${token}`
  })
  return new RegExp(`^${source}$`).test(text)
}
