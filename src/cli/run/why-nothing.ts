import type { LoadedSyncs } from '../load-syncs.ts'

/** Why there is nothing to do at all; undefined where something is selected. */
export function whyNothing({ all, selected, invalid }: LoadedSyncs): string | undefined {
  if (selected.length + invalid.length > 0) return undefined
  return all.length === 0
    ? 'No model has a sync yet: let `backhaul init` write one, or add `config: {meta: {hubspot: {…}}}` to a model and run `dbt parse`.'
    : `No sync is selected; nothing to do. Syncs of the project: ${all.map(({ name, enabled }) => (enabled ? name : `${name} (disabled)`)).join(', ')}`
}
