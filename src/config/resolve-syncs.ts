import type { Problem } from '../errors.ts'
import { didYouMean } from '../suggest.ts'
import type { Manifest, Sync } from '../types.ts'
import { check, type Finding, findJinja, type Path, valueAt } from './check.ts'
import { columnDeclarations } from './columns.ts'
import {
  type Context,
  type Declaration,
  locate,
  locateDefault,
  metaPath,
  pathText,
} from './declaration.ts'
import { findDeclarations } from './find-declarations.ts'
import { deepMerge } from './merge.ts'
import { type ColumnDeclaration, normalise } from './normalise.ts'
import { type Candidate, checkTogether } from './rules.ts'
import { objectSync, type SyncType, syncSchemas } from './sync-schema.ts'
import { findUnsupported } from './unsupported.ts'
import { type ReadFile, YamlFiles } from './yaml-files.ts'

export interface ResolveOptions {
  readonly projectDir: string
  /** Reads a file for its line numbers; undefined when there is none. */
  readonly readFile: ReadFile
}

export interface Resolved {
  /** Valid syncs, disabled ones included, sorted by name. */
  readonly syncs: readonly Sync[]
  /** Everything that is wrong, in the order of the files. */
  readonly problems: readonly Problem[]
}

/** Finds, checks and normalises all syncs of a project. Touches neither the warehouse nor HubSpot. */
export function resolveSyncs(manifest: Manifest, options: ResolveOptions): Resolved {
  const files = new YamlFiles(options.projectDir, options.readFile)
  const context: Context = { manifest, files, problems: [] }
  const { declarations, problems } = findDeclarations(manifest, files)
  context.problems.push(...problems)
  const byModel = new Map<string, Declaration[]>()
  for (const declaration of declarations) {
    const { uniqueId } = declaration.model
    byModel.set(uniqueId, [...(byModel.get(uniqueId) ?? []), declaration])
  }
  const candidates: Candidate[] = []
  for (const model of manifest.models.values()) {
    const own = byModel.get(model.uniqueId) ?? []
    const columns = columnDeclarations(model, own.map(nameOf), context)
    for (const declaration of own) {
      const candidate = resolveOne(declaration, columns.get(nameOf(declaration)) ?? [], context)
      if (candidate !== undefined) candidates.push(candidate)
    }
  }
  context.problems.push(...checkTogether(candidates))
  return {
    syncs: candidates.map(({ sync }) => sync).sort((a, b) => (a.name < b.name ? -1 : 1)),
    problems: distinct(context.problems).sort(byPlace),
  }
}

export function nameOf({ block, defaults, holder }: Declaration): string {
  const name = block['sync'] ?? defaults['sync']
  return typeof name === 'string' ? name : holder.name
}

function resolveOne(
  declaration: Declaration,
  columns: readonly ColumnDeclaration[],
  context: Context,
): Candidate | undefined {
  const merged = deepMerge(declaration.defaults, declaration.block)
  const name = nameOf(declaration)
  const originOf = (path: Path) => originIn(declaration, path, context)
  const report = (finding: Finding & { origin?: Problem['where'] }): void => {
    const key = pathText(finding.path)
    context.problems.push({
      message: finding.message,
      where: finding.origin ?? originOf(finding.path),
      sync: name,
      ...(key === '' ? {} : { key }),
      ...(finding.hint === undefined ? {} : { hint: finding.hint }),
    })
  }

  const type = merged['type'] ?? 'object'
  if (!isSyncType(type)) {
    const known = Object.keys(syncSchemas)
    report({
      path: ['type'],
      message: `must be one of ${known.join(', ')}`,
      hint: didYouMean(String(type), known),
    })
    return undefined
  }
  const findings = [...findJinja(merged)]
  const checked = check(syncSchemas[type], merged)
  if (!checked.ok) findings.push(...checked.findings.map(withHint))
  if (merged['enabled'] !== false) {
    for (const use of findUnsupported(merged)) findings.push(notSupported(use.path, use.value))
    for (const { column, mapping, origin } of columns) {
      for (const use of findUnsupported({ properties: { [mapping.property]: mapping } })) {
        report({ ...notSupported(use.path, use.value), hint: `Column ${column}.`, origin })
      }
    }
  }
  findings.forEach(report)
  if (!checked.ok || findings.length > 0 || type !== 'object') return undefined

  const input = objectSync.parse(merged)
  const { model } = declaration
  const origin = originOf([])
  const normalised = normalise({ name, model, input, columns, origin, originOf })
  if (normalised.sync === undefined) {
    normalised.findings.forEach(report)
    return undefined
  }
  return { sync: normalised.sync, shared: sharedOf(input, columns) }
}

function isSyncType(type: unknown): type is SyncType {
  return typeof type === 'string' && Object.hasOwn(syncSchemas, type)
}

function notSupported(path: readonly string[], value: unknown): Finding {
  const shown = typeof value === 'object' ? '' : `: ${String(value)}`
  const last = path.at(-1) ?? ''
  const what = /^\d+$/.test(last)
    ? (path.at(-2) ?? last)
    : `${last}${last === 'template' ? '' : shown}`
  return {
    path: path.map((step) => (/^\d+$/.test(step) ? Number(step) : step)),
    message: `\`${what}\` is not supported yet`,
  }
}

/** What to write where a shape is often got wrong. */
const HINTS: Readonly<Record<string, string>> = {
  match: 'Write `match: {email: email}` (HubSpot property: column).',
  properties: 'Write one line per property: `firstname: first_name` (HubSpot property: column).',
  object: 'For example `object: contacts`.',
}

function withHint(finding: Finding): Finding {
  const hint = finding.hint ?? HINTS[finding.path.join('.')]
  return hint === undefined ? finding : { ...finding, hint }
}

function sharedOf(
  input: ReturnType<typeof objectSync.parse>,
  columns: readonly ColumnDeclaration[],
): ReadonlySet<string> | 'all' {
  if (input.shared) return 'all'
  const named = Object.entries(input.properties).flatMap(([property, value]) =>
    typeof value !== 'string' && value.shared ? [property] : [],
  )
  const fromColumns = columns.filter(({ mapping }) => mapping.shared)
  return new Set([...named, ...fromColumns.map(({ mapping }) => mapping.property)])
}

function originIn(declaration: Declaration, path: Path, { files, manifest }: Context) {
  const { holder, block, defaults } = declaration
  const isDefault =
    path.length > 0 && valueAt(block, path) === undefined && valueAt(defaults, path) !== undefined
  return isDefault
    ? locateDefault(files, holder, path, manifest.projectName)
    : locate(files, holder, metaPath(declaration, path), manifest.projectName)
}

/** One mistake in the defaults shows up in every sync above them. */
function distinct(problems: readonly Problem[]): Problem[] {
  const seen = new Set<string>()
  return problems.filter((problem) => {
    const { where } = problem
    const isDefault = where?.path?.includes('hubspot_defaults') === true
    const id = JSON.stringify([where, isDefault ? '' : problem.sync, problem.key, problem.message])
    return seen.size < seen.add(id).size
  })
}

function byPlace(a: Problem, b: Problem): number {
  const files = (a.where?.file ?? '').localeCompare(b.where?.file ?? '')
  if (files !== 0) return files
  return (a.where?.line ?? 0) - (b.where?.line ?? 0)
}
