import type { Problem } from '../errors.ts'
import { didYouMean } from '../suggest.ts'
import type { Manifest, Sync } from '../types.ts'
import { columnDeclarations } from './columns.ts'
import type { Attributed, Context, Declaration, Overrides } from './declaration.ts'
import { findDeclarations } from './find-declarations.ts'
import { nameOf, resolveOne } from './resolve-one.ts'
import { type Candidate, checkTogether, withListRivals } from './rules.ts'
import { type ReadFile, YamlFiles } from './yaml-files.ts'

export interface ResolveOptions {
  readonly projectDir: string
  /** Reads a file for its line numbers; undefined when there is none. */
  readonly readFile: ReadFile
  /** `syncs` of the chosen target's settings: it switches syncs on or off. */
  readonly overrides?: Overrides
}

export interface Resolved {
  /** Valid syncs, disabled ones included, sorted by name. */
  readonly syncs: readonly Sync[]
  /** Everything that is wrong, in the order of the files. */
  readonly problems: readonly Problem[]
  /** The same, each with whose it is, for commands that look at some syncs only. */
  readonly attributed: readonly Attributed[]
}

/** Finds, checks and normalises all syncs of a project. Touches neither the warehouse nor HubSpot. */
export function resolveSyncs(manifest: Manifest, options: ResolveOptions): Resolved {
  const files = new YamlFiles(options.projectDir, options.readFile)
  const overrides = options.overrides ?? {}
  const context: Context = { manifest, files, overrides, problems: [] }
  const declarations = findDeclarations(context)
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
      const name = nameOf(declaration)
      const candidate = resolveOne(declaration, columns.bySync.get(name) ?? [], context)
      if (candidate === undefined) continue
      const isValid = candidate.isValid && !columns.invalid.has(name)
      candidates.push({ ...candidate, isValid })
    }
  }
  const clashes = checkTogether(candidates)
  context.problems.push(
    ...clashes.problems,
    ...unknownOverrides(overrides, declarations.map(nameOf)).map((problem) => ({
      problem,
      about: [],
    })),
  )
  const all = candidates.map(({ sync }) => sync)
  return {
    syncs: candidates
      .filter(({ sync, isValid }) => isValid && !clashes.refused.has(sync.name))
      .map(({ sync }) => withListRivals(sync, all))
      .sort((a, b) => (a.name < b.name ? -1 : 1)),
    problems: inOrder(context.problems),
    attributed: context.problems,
  }
}

function unknownOverrides(overrides: Overrides, names: readonly string[]): readonly Problem[] {
  return Object.keys(overrides)
    .filter((name) => !names.includes(name))
    .map((name) => ({
      message: `the target's \`syncs\` name ${name}, which is no sync of the project`,
      where: { file: 'backhaul.yml' },
      hint: didYouMean(name, names),
    }))
}

/** Each problem once, in the order of the files. */
export const inOrder = (attributed: readonly Attributed[]): readonly Problem[] =>
  distinct(attributed.map(({ problem }) => problem)).sort(byPlace)

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
  const lines = (a.where?.line ?? 0) - (b.where?.line ?? 0)
  return lines === 0 ? (a.where?.column ?? 0) - (b.where?.column ?? 0) : lines
}
