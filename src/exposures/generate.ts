import type { DbtOwner, Exposure, Group, Model, Sync } from '../types.ts'
import { NO_OWNER, ownerOf } from './exposure-owner.ts'
import { descriptionOf, labelOf, type Portal, urlOf } from './sync-words.ts'

/** An exposure as it stands in dbt's YAML, keys in their order. */
export interface ExposureEntry {
  readonly name: string
  readonly label: string
  readonly type: 'application'
  readonly maturity?: string
  readonly url?: string
  readonly description: string
  readonly depends_on: readonly string[]
  readonly owner: DbtOwner
  readonly config: {
    readonly tags: readonly string[]
    readonly meta: { readonly backhaul_sync: string }
  }
}

export interface ExposureFacts {
  /** dbt's name of the project that the file is of. */
  readonly projectName: string | undefined
  readonly groups: readonly Group[]
  /** Exposures of the project that stand in other files. */
  readonly others: readonly Pick<Exposure, 'name'>[]
  /** Absent: exposures have no URL. */
  readonly portal?: Portal | undefined
  /** Owner of syncs whose models name none. */
  readonly owner?: DbtOwner | undefined
  /** True for installed packages whose protected models nobody else may refer to. */
  readonly restrictsAccess?: (packageName: string) => boolean
}

export interface Generated {
  /** By name. */
  readonly exposures: readonly ExposureEntry[]
  /** Syncs that nobody is known to own. */
  readonly withoutOwner: readonly string[]
  /** Syncs whose models dbt lets no exposure refer to. */
  readonly outOfReach: readonly Sync[]
  /** Syncs that an exposure of the user's declares. */
  readonly onExposures: readonly string[]
}

/**
 * One exposure per sync: it depends on one model, has that model's owner, and `dbt build -s +exposure:<name>` builds what
 * `backhaul run --select <sync>` sends. Pure: equal syncs give equal exposures, in equal order.
 */
export function generateExposures(syncs: readonly Sync[], facts: ExposureFacts): Generated {
  const declared = syncs.filter(({ exposure }) => exposure === undefined)
  const outOfReach = declared.filter(({ model }) => isOutOfReach(model, facts))
  const written = declared.filter((sync) => !outOfReach.includes(sync))
  const names = namesOf(
    written.map(({ name }) => name),
    facts.others.map(({ name }) => name),
  )
  return {
    exposures: written
      .map((sync) => entryOf(sync, names.get(sync.name) ?? sync.name, facts))
      .sort((one, other) => (one.name < other.name ? -1 : 1)),
    withoutOwner: written
      .filter(({ model }) => (ownerOf(model, facts.groups) ?? facts.owner) === undefined)
      .map(({ name }) => name),
    outOfReach,
    onExposures: syncs.flatMap(({ name, exposure }) => (exposure === undefined ? [] : [name])),
  }
}

/** dbt refuses an exposure over a private model, and over a protected one of a package that restricts access. */
function isOutOfReach({ access, packageName }: Model, facts: ExposureFacts): boolean {
  if (access === 'private') return true
  const isElsewhere = packageName !== facts.projectName
  return access === 'protected' && isElsewhere && facts.restrictsAccess?.(packageName) === true
}

function entryOf(sync: Sync, name: string, facts: ExposureFacts): ExposureEntry {
  const { model } = sync
  const maturity = maturityOf(model)
  const entry: ExposureEntry = {
    name,
    label: labelOf(sync),
    type: 'application',
    ...(maturity === undefined ? {} : { maturity }),
    ...(facts.portal === undefined ? {} : { url: urlOf(sync, facts.portal) }),
    description: descriptionOf(sync),
    depends_on: [refTo(model, facts.projectName)],
    owner: ownerOf(model, facts.groups) ?? facts.owner ?? NO_OWNER,
    config: { tags: ['hubspot'], meta: { backhaul_sync: sync.name } },
  }
  return withoutJinja(entry)
}

/** dbt has it for exposures only; for models its own documentation uses this key of `meta`. */
function maturityOf({ meta }: Model): string | undefined {
  return [meta['maturity'], meta['model_maturity']].find(
    (value): value is string =>
      typeof value === 'string' && ['high', 'medium', 'low'].includes(value),
  )
}

/** `ref('orders')`, `ref('shop', 'orders', v=2)`. The version is that of the sync's own rows, and never moves by itself. */
function refTo(model: Model, projectName: string | undefined): string {
  const { name, packageName, version } = model
  const words = [
    ...(packageName === projectName ? [] : [`'${packageName}'`]),
    `'${name}'`,
    ...(version === undefined ? [] : [`v=${/^\d+$/.test(version) ? version : `'${version}'`}`]),
  ]
  return `ref(${words.join(', ')})`
}

/**
 * Names of exposures by name of sync: `hubspot_sync_` and the sync's. dbt takes letters, digits and `_`; syncs never differ in
 * other characters only. A name that is taken gets a number.
 */
function namesOf(syncs: readonly string[], others: readonly string[]): ReadonlyMap<string, string> {
  const taken = new Set(others)
  const names = new Map<string, string>()
  for (const sync of [...syncs].sort()) {
    const base = `hubspot_sync_${sync.replaceAll(/[^A-Za-z0-9_]/g, '_')}`
    let name = base
    for (let number = 2; taken.has(name); number += 1) name = `${base}_${number}`
    taken.add(name)
    names.set(sync, name)
  }
  return names
}

/** dbt renders every text of the file: what looks like Jinja in a name of the user's is taken apart. */
function withoutJinja<T>(value: T): T {
  if (typeof value === 'string') {
    return value.replaceAll(/\{(?=[{%#])|[}%#](?=\})/g, '$& ') as T
  }
  if (Array.isArray(value)) return value.map(withoutJinja) as T
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, entry]) => [key, withoutJinja(entry)]),
  ) as T
}
