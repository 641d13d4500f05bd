import type { Problem } from '../errors.ts'
import type { Selectable } from '../selection/selectable.ts'
import type { Exposure, Model } from '../types.ts'
import {
  type Context,
  DEFAULTS_KEY,
  type Declaration,
  defaultsOf,
  type Holder,
  holderOfExposure,
  holderOfModel,
  locate,
  SYNC_KEY,
} from './declaration.ts'
import { type Block, deepMerge, isBlock } from './merge.ts'

/** Collects the sync blocks of models, seeds, snapshots and exposures; what is wrong goes to the context's problems. */
export function findDeclarations(context: Context): readonly Declaration[] {
  const found: Finder = { ...context, declarations: [] }
  for (const model of context.manifest.models.values()) fromModel(model, found)
  for (const exposure of context.manifest.exposures) fromExposure(exposure, found)
  return found.declarations
}

interface Finder extends Context {
  readonly declarations: Declaration[]
}

/** Who writes syncs, and what selects it. */
interface Home {
  readonly holder: Holder
  readonly node: Selectable['model']
}

function fromModel(model: Model, found: Finder): void {
  const home = { holder: holderOfModel(model), node: model }
  misplaced(home, found)
  if (!(SYNC_KEY in model.meta)) return
  if (!model.isLatestVersion) {
    oldVersion(model, home, found)
    return
  }
  blocks(home, model, defaultsOf(model.meta), found)
}

/** A block on a model holds for all its versions; only one that was written for an old version is a mistake. */
function oldVersion(model: Model, home: Home, found: Finder): void {
  const latest = [...found.manifest.models.values()].find(
    (other) =>
      other.isLatestVersion &&
      other.name === model.name &&
      other.packageName === model.packageName &&
      other.resourceType === model.resourceType,
  )
  if (JSON.stringify(latest?.meta[SYNC_KEY]) === JSON.stringify(model.meta[SYNC_KEY])) return
  report(found, home, {
    message: `version ${model.version} of the model ${model.name} has a sync of its own, but only the latest version (${latest?.version ?? 'another'}) is synced`,
    hint: `Move the sync to the latest version, or to an exposure that depends on ref('${model.name}', v=${model.version}).`,
  })
}

function fromExposure(exposure: Exposure, found: Finder): void {
  const home = { holder: holderOfExposure(exposure), node: exposure }
  misplaced(home, found)
  if (!(SYNC_KEY in exposure.meta)) return
  const parents = exposure.dependsOn.flatMap((id) => found.manifest.models.get(id) ?? [])
  const [model] = parents
  if (model !== undefined && parents.length === 1 && exposure.dependsOn.length === 1) {
    const defaults = deepMerge(defaultsOf(model.meta), defaultsOf(exposure.meta))
    blocks(home, model, defaults, found)
    return
  }
  const disabled = found.manifest.disabled.filter(({ name }) => exposure.refs.includes(name))
  if (parents.length === 0 && disabled.length > 0) {
    report(found, home, {
      message: `the exposure ${exposure.name} holds a sync, but its model ${disabled[0]?.name} is disabled in dbt`,
      hint: 'Enable the model, or disable the exposure with `config: {enabled: false}`.',
    })
    return
  }
  report(found, home, {
    message: `the exposure ${exposure.name} holds a sync and depends on ${exposure.dependsOn.length === 0 ? 'nothing' : exposure.dependsOn.join(', ')}; it must depend on exactly one model, seed or snapshot`,
    hint: "Write `depends_on: [ref('the_model')]`, and one exposure for each model.",
  })
}

/** The value is one sync, or a list of them. */
function blocks(home: Home, model: Model, defaults: Block, found: Finder): void {
  const { holder } = home
  if (DEFAULTS_KEY in holder.meta && !isBlock(holder.meta[DEFAULTS_KEY])) {
    report(found, home, { message: `\`${DEFAULTS_KEY}\` of ${holder.name} must be a mapping` })
  }
  const value = holder.meta[SYNC_KEY]
  if (isBlock(value)) {
    found.declarations.push({ holder, model, defaults, block: value })
    return
  }
  if (!Array.isArray(value)) {
    report(found, home, {
      message: `\`${SYNC_KEY}\` of ${holder.name} must be a sync or a list of syncs, not ${value === null ? 'empty' : 'a plain value'}`,
    })
    return
  }
  value.forEach((block, index) => {
    if (isBlock(block)) found.declarations.push({ holder, model, defaults, block, index })
    else {
      report(found, home, {
        message: `entry ${index + 1} of \`${SYNC_KEY}\` of ${holder.name} must be a sync (a mapping)`,
      })
    }
  })
}

function misplaced(home: Home, found: Finder): void {
  const { holder } = home
  for (const place of holder.misplaced) {
    report(found, home, {
      message: `\`${place}\` of ${holder.name} is not read`,
      hint: `Move it to \`config.meta.${SYNC_KEY}\`.`,
    })
  }
}

function report(
  found: Finder,
  { holder, node }: Home,
  problem: Pick<Problem, 'message' | 'hint'>,
): void {
  const where = locate(found.files, holder, [SYNC_KEY], found.manifest.projectName)
  const about = [{ name: holder.name, model: node }]
  found.problems.push({ problem: { ...problem, where }, about })
}
