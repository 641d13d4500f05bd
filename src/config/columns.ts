import type { Problem } from '../errors.ts'
import { didYouMean } from '../suggest.ts'
import type { Model, ModelColumn } from '../types.ts'
import { check } from './check.ts'
import { type Context, holderOfModel, locate, pathText, SYNC_KEY } from './declaration.ts'
import type { ColumnDeclaration } from './normalise.ts'
import { columnMapping } from './property-schema.ts'

/**
 * Mappings that are declared on the columns of a model, by the sync they belong to.
 *
 * @param syncs names of the model's syncs, wherever they are declared
 */
export function columnDeclarations(
  model: Model,
  syncs: readonly string[],
  context: Context,
): ReadonlyMap<string, readonly ColumnDeclaration[]> {
  const declarations = new Map<string, ColumnDeclaration[]>()
  if (!model.isLatestVersion && syncs.length === 0) return declarations
  for (const column of model.columns) {
    for (const { sync, ...declaration } of readColumn(model, column, syncs, context)) {
      declarations.set(sync, [...(declarations.get(sync) ?? []), declaration])
    }
  }
  return declarations
}

function readColumn(
  model: Model,
  column: ModelColumn,
  syncs: readonly string[],
  { manifest, files, problems }: Context,
): readonly (ColumnDeclaration & { readonly sync: string })[] {
  const holder = holderOfModel(model)
  const originOf = (path: readonly (string | number)[]) =>
    locate(files, holder, [SYNC_KEY, ...path], manifest.projectName, column.name)
  const named = syncs.length === 0 ? [model.name] : syncs
  const about = named.map((name) => ({ name, model }))
  const report = (problem: Problem) => void problems.push({ problem, about })
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
        report({
          message: `${subject}: ${[pathText(path), message].filter((part) => part !== '').join(': ')}`,
          where: originOf([...position, ...path]),
          ...(hint === undefined ? {} : { hint }),
        })
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
