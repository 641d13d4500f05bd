import type { LinkTypeRef } from '../types.ts'

/** One pair of records, as a link is to be set or taken off. Types as `category:typeId`. */
export interface PairChange {
  /** Types that the pair is to have of us; of a removal those that we set. */
  readonly labels: readonly string[]
  /** Types that we set before. */
  readonly oldLabels: readonly string[]
  /** Types that stand there; undefined where the two are not linked. */
  readonly current: readonly string[] | undefined
  readonly plainType: string
}

/** Types that a pair gets: those asked for, and those of others. None for the unlabelled link, which leaves all labels alone. */
export function typesToSet({
  labels,
  oldLabels,
  current,
  plainType,
}: PairChange): readonly string[] {
  if (labels.length === 0 && (oldLabels.length === 0 || current === undefined)) return []
  const kept = (current ?? []).filter((type) => labels.includes(type) || !oldLabels.includes(type))
  const all = [...new Set([...kept, ...labels])].sort()
  return all.length === 0 ? [plainType] : all
}

/** What is taken off a pair: types, `all` where nobody else has labelled it, `nothing` where nothing of us is there. */
export function typesToTakeOff(
  { labels, current, plainType }: PairChange,
  isStillAsked: boolean,
): readonly string[] | 'all' | 'nothing' {
  if (current === undefined) return 'nothing'
  const foreign = current.filter((type) => type !== plainType && !labels.includes(type))
  if (foreign.length === 0 && !isStillAsked) return 'all'
  const own = labels.filter((type) => type !== plainType && current.includes(type))
  return own.length === 0 ? 'nothing' : own
}

export function typeRef(type: string): LinkTypeRef {
  const at = type.lastIndexOf(':')
  return { category: type.slice(0, at), typeId: Number(type.slice(at + 1)) }
}

export const typeText = ({ category, typeId }: LinkTypeRef): string => `${category}:${typeId}`
