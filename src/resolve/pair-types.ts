import type { LinkTypeRef } from '../types.ts'

/** What is known of two records whose link is to be set or taken off. Types as `category:typeId`. */
export interface PairFacts {
  /** Types that stand there; undefined where the two are not linked. */
  readonly current: readonly string[] | undefined
  /** Types that Backhaul added for the links that change: nothing else is taken off. */
  readonly added: readonly string[]
  /** Types that whoever else asks for, whose link stays; undefined where nobody else asks for the two to be linked. */
  readonly kept: readonly string[] | undefined
  readonly plainType: string
}

/** Types that a pair gets: those asked for, and those of others. None for the unlabelled link, which leaves all labels alone. */
export function typesToSet(
  labels: readonly string[],
  { current = [], added, kept = [], plainType }: PairFacts,
): readonly string[] {
  const off = added.filter((type) => !labels.includes(type) && !kept.includes(type))
  if (labels.length === 0 && !off.some((type) => current.includes(type))) return []
  const stay = current.filter((type) => !off.includes(type))
  const all = [...new Set([...stay, ...labels])].sort()
  return all.length === 0 ? [plainType] : all
}

/** What is taken off a pair: types, `all` where nobody else has anything there, `nothing` where nothing of us is there. */
export function typesToTakeOff({
  current,
  added,
  kept,
  plainType,
}: PairFacts): readonly string[] | 'all' | 'nothing' {
  if (current === undefined) return 'nothing'
  const foreign = current.filter((type) => type !== plainType && !added.includes(type))
  if (foreign.length === 0 && kept === undefined) return 'all'
  const own = added.filter(
    (type) => type !== plainType && current.includes(type) && !kept?.includes(type),
  )
  return own.length === 0 ? 'nothing' : own
}

export function typeRef(type: string): LinkTypeRef {
  const at = type.lastIndexOf(':')
  return { category: type.slice(0, at), typeId: Number(type.slice(at + 1)) }
}

export const typeText = ({ category, typeId }: LinkTypeRef): string => `${category}:${typeId}`
