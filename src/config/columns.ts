import type { Problem } from '../errors.ts'
import { didYouMean } from '../suggest.ts'
import type { Model, ModelColumn } from '../types.ts'
import { check } from './check.ts'
import { type Context, holderOfModel, locate, pathText, SYNC_KEY } from './declaration.ts'
import { isBlock } from './merge.ts'
import type { ColumnDeclaration } from './parsed-sync.ts'
import { columnMapping } from './property-schema.ts'

/** What the columns of a model say of its syncs. */
interface ColumnDeclarations {
  readonly bySync: ReadonlyMap<string, readonly ColumnDeclaration[]>
  /** Syncs that lack a mapping because of a mistake. */
  readonly invalid: ReadonlySet<string>
}

/**
 * Mappings that are declared on the columns of a model, by the sync they belong to.
 *
 * @param syncs names of the model's syncs, wherever they are declared
 */
export function columnDeclarations(
  model: Model,
  syncs: readonly string[],
  context: Context,
): ColumnDeclarations {
  const bySync = new Map<string, ColumnDeclaration[]>()
  const invalid = new Set<string>()
  if (!model.isLatestVersion && syncs.length === 0) return { bySync, invalid }
  for (const column of model.columns) {
    for (const { sync, ...declaration } of readColumn(model, column, syncs, context, invalid)) {
      bySync.set(sync, [...(bySync.get(sync) ?? []), declaration])
    }
  }
  return { bySync, invalid }
}

function readColumn(
  model: Model,
  column: ModelColumn,
  syncs: readonly string[],
  { manifest, files, problems }: Context,
  invalid: Set<string>,
): readonly (ColumnDeclaration & { readonly sync: string })[] {
  const holder = holderOfModel(model)
  const originOf = (path: readonly (string | number)[]) =>
    locate(files, holder, [SYNC_KEY, ...path], manifest.projectName, column.name)
  /** Told of the sync that is meant, or of all that could be. */
  const report = (problem: Problem, meant?: unknown) => {
    const [named] = syncs.filter((name) => name === meant)
    const blamed = named === undefined ? syncs : [named]
    if (blamed.length === 0) problems.push({ problem, about: [{ name: model.name, model }] })
    for (const sync of blamed) {
      problems.push({ problem: { ...problem, sync }, about: [{ name: sync, model }] })
      invalid.add(sync)
    }
  }
  const subject = `column ${column.name} of ${model.name}`
  for (const place of column.misplaced ?? []) {
    report({
      message: `${subject}: \`${place}\` is not read`,
      where: originOf([]),
      hint: `Move it to \`config.meta.${SYNC_KEY}\` of the column.`,
    })
  }
  const value = column.meta[SYNC_KEY]
  if (value === undefined) return []
  const entries: readonly unknown[] = Array.isArray(value) ? value : [value]
  return entries.flatMap((entry, index) => {
    const position = Array.isArray(value) ? [index] : []
    const checked = check(columnMapping, entry)
    if (!checked.ok) {
      for (const { path, message, hint } of checked.findings) {
        const problem = {
          message: `${subject}: ${[pathText(path), message].filter((part) => part !== '').join(': ')}`,
          where: originOf([...position, ...path]),
          ...(hint === undefined ? {} : { hint }),
        }
        report(problem, isBlock(entry) ? entry['sync'] : undefined)
      }
      return []
    }
    const origin = originOf(position)
    const sync = syncOf(checked.value.sync, syncs)
    if (typeof sync !== 'string') {
      report({ message: `${subject} ${sync.message}`, where: origin, hint: sync.hint })
      return []
    }
    return [{ sync, column: column.name, mapping: checked.value, origin }]
  })
}

function syncOf(
  named: string | undefined,
  syncs: readonly string[],
): string | { readonly message: string; readonly hint: string } {
  const [only] = syncs
  if (only === undefined) {
    return {
      message: 'is mapped to a property, but the model has no sync',
      hint: `Add \`config.meta.${SYNC_KEY}\` to the model, or remove it from the column.`,
    }
  }
  if (named !== undefined) {
    if (syncs.includes(named)) return named
    return {
      message: `is mapped for the sync ${named}, which the model does not have`,
      hint: didYouMean(named, syncs),
    }
  }
  if (syncs.length === 1) return only
  return {
    message: 'is mapped to a property, but the model has several syncs',
    hint: `Add \`sync:\` with one of ${syncs.join(', ')}.`,
  }
}
