import type { Owner, PropertySchema } from '../../types.ts'

/**
 * What stands in a column and what HubSpot wants for it. The warehouse looks it up, so that the diff stays there. Plain data.
 */
export interface Lookup {
  readonly kind: 'label' | 'owner' | 'event' | 'link'
  /** Each term once. Without a meaning it is refused, for the reason in `trouble`. */
  readonly entries: readonly LookupEntry[]
}

export interface LookupEntry {
  readonly term: string
  readonly meaning?: string
  /** Words after the quoted term. */
  readonly trouble?: string
}

/** Options that a sync may name by label where a value holds several: each is a part of the statement. */
export const maxSeveralLabels = 500

/** Options by their labels. A label of several options means none of them. */
export function labelLookup(property: PropertySchema): Lookup {
  const byLabel = new Map<string, Set<string>>()
  for (const { label, value } of property.options) {
    const term = label.trim()
    byLabel.set(term, (byLabel.get(term) ?? new Set()).add(value))
  }
  const entries = [...byLabel].map(([term, values]): LookupEntry => {
    const [meaning = '', ...others] = values
    return others.length === 0
      ? { term, meaning }
      : { term, trouble: `is the label of several options (${[...values].join(', ')})` }
  })
  return { kind: 'label', entries }
}

/** Owners by their e-mail addresses; of a deactivated owner it is said that it is one. */
export function ownerLookup(owners: readonly Owner[]): Lookup {
  const byEmail = new Map<string, Set<string>>()
  const archived = new Set<string>()
  for (const { id, email, isArchived } of owners) {
    const term = email.trim().toLowerCase()
    if (isArchived) archived.add(term)
    else byEmail.set(term, (byEmail.get(term) ?? new Set()).add(id))
  }
  const active = [...byEmail].map(([term, ids]): LookupEntry => {
    const [meaning = '', ...others] = ids
    return others.length === 0
      ? { term, meaning }
      : { term, trouble: `is the address of several owners (${[...ids].join(', ')})` }
  })
  const gone = [...archived].flatMap((term): readonly LookupEntry[] =>
    byEmail.has(term)
      ? []
      : [{ term, trouble: 'belongs to an owner who is deactivated in HubSpot' }],
  )
  return { kind: 'owner', entries: [...active, ...gone].sort((a, b) => (a.term < b.term ? -1 : 1)) }
}
