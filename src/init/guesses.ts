import { likelyObject } from '../object-types.ts'
import type { Model } from '../types.ts'
import { singular } from './propose-mapping.ts'

/** Words for what HubSpot has another name for. */
const likeness: Readonly<Record<string, string>> = {
  account: 'companies',
  organization: 'companies',
  organisation: 'companies',
  customer: 'contacts',
  user: 'contacts',
  person: 'contacts',
  people: 'contacts',
  member: 'contacts',
  subscriber: 'contacts',
  lead: 'contacts',
  opportunity: 'deals',
}

/** The object that a model's name or columns speak of. */
export function guessObject(model: string, columns: readonly string[]): string | undefined {
  const words = model.toLowerCase().split(/[^a-z0-9]+/)
  const endings = words.map((_, index) => words.slice(index).join('_'))
  for (const word of [...endings, ...words.toReversed()]) {
    const found = likeness[singular(word)] ?? likelyObject(word)?.name
    if (found !== undefined) return found
  }
  const has = (name: string) => columns.some((column) => column.toLowerCase() === name)
  if (has('email')) return 'contacts'
  return has('domain') ? 'companies' : undefined
}

/** The primary key: dbt's, else a column that is named like one. */
export function guessKey(
  model: Pick<Model, 'name' | 'primaryKey'>,
  object: string,
  columns: readonly string[],
): readonly string[] | undefined {
  if (model.primaryKey.length > 0) return model.primaryKey
  const words = [
    ...model.name
      .toLowerCase()
      .split(/[^a-z0-9]+/)
      .reverse(),
    object.toLowerCase(),
  ]
  const named = [
    'id',
    ...words.flatMap((word) => [`${singular(word)}_id`, `${singular(word)}_key`]),
    'customer_id',
    'user_id',
  ]
  for (const name of named) {
    const column = columns.find((one) => one.toLowerCase() === name)
    if (column !== undefined) return [column]
  }
  const [only, other] = columns.filter((name) => /(_id|_key|_pk)$/i.test(name))
  if (only !== undefined && other === undefined) return [only]
  return undefined
}

/** Models that look as if they were made for HubSpot come first, then those that others read least. */
export function inOrderOfLikelihood(models: readonly Model[]): readonly Model[] {
  const readers = new Map<string, number>()
  for (const { dependsOn } of models)
    for (const id of dependsOn) readers.set(id, (readers.get(id) ?? 0) + 1)
  const rank = ({ name, uniqueId, resourceType }: Model): number => {
    if (/(^|_)(hubspot|crm|hs)(_|$)/i.test(name)) return 0
    if (resourceType !== 'model' || /^(stg|base|int|src)_/i.test(name)) return 3
    return readers.has(uniqueId) ? 2 : 1
  }
  return [...models].sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name, 'en'))
}

/** Longest name of a sync. */
const longestName = 50

/** A name that no sync has: the object's, else the model's, else both. */
export function freeName(object: string, model: string, taken: ReadonlySet<string>): string {
  const fold = (name: string) => name.toLowerCase().replaceAll('-', '_')
  const folded = new Set([...taken].map(fold))
  const names = [object.toLowerCase(), model, `${model}_${object.toLowerCase()}`]
    .map((name) => name.replaceAll(/[^A-Za-z0-9_]+/g, '_').replace(/^[^A-Za-z_]+/, ''))
    .filter((name) => /[A-Za-z]/.test(name))
    .map((name) => name.slice(0, longestName - 4))
  const last = names.at(-1) ?? 'sync'
  const numbered = Array.from({ length: folded.size + 1 }, (_, index) => `${last}_${index + 2}`)
  return [...names, ...numbered].find((name) => !folded.has(fold(name))) ?? last
}
