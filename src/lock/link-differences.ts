import type { Association, LinkType, Sync } from '../types.ts'
import { type Context, told } from './compared.ts'
import type { Difference } from './difference.ts'

export function linkDifferences({ locked, live, uses, isWhole }: Context): readonly Difference[] {
  const pairs = new Map(
    [locked, live].flatMap(({ links }) =>
      [...links].flatMap(([from, to]) =>
        [...to.keys()].map((name) => [`${from} to ${name}`, [from, name]] as const),
      ),
    ),
  )
  return [...pairs]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([words, [from, to]]) => {
      const before = locked.links.get(from)?.get(to)
      const after = live.links.get(from)?.get(to)
      const users = uses.ofLinks(from, to)
      const syncs = users.map(([sync]) => sync)
      const what = `associations ${words}`
      if (before === undefined)
        return [told('not_locked', what, `the lock says nothing of ${what}`, true, syncs)]
      if (after === undefined)
        return isWhole ? [told('unused', what, `no sync uses ${what} any more`, false, [])] : []
      return typeDifferences(what, before, after, users)
    })
}

function typeDifferences(
  what: string,
  before: readonly LinkType[],
  after: readonly LinkType[],
  users: readonly (readonly [Sync, Association])[],
): readonly Difference[] {
  const keyOf = ({ category, typeId }: LinkType) => `${category} ${typeId}`
  const now = new Map(after.map((type) => [keyOf(type), type]))
  const known = new Set(before.map(keyOf))
  const named = ({ label, typeId }: LinkType) =>
    label === null ? `the unlabelled type ${typeId}` : `label ${label}`
  const using = (type: LinkType) =>
    users.filter(([, association]) => usesType(association, type)).map(([sync]) => sync)
  return [
    ...before.flatMap((type) => {
      const is = now.get(keyOf(type))
      const breaks = using(type)
      if (is === undefined)
        return [told('label_gone', what, `${named(type)} of ${what} is gone`, true, breaks)]
      if (is.label === type.label) return []
      const message = `${named(type)} of ${what} is ${is.label === null ? 'unlabelled' : `called ${is.label}`} now`
      return [told('label_renamed', what, message, true, breaks)]
    }),
    ...after
      .filter((type) => !known.has(keyOf(type)))
      .map((type) =>
        told(
          'label_added',
          what,
          `${what} have a new ${named(type)}`,
          false,
          users.map(([sync]) => sync),
        ),
      ),
  ]
}

/** The unlabelled type is part of each link; a column may hold any label. */
function usesType({ labels, type }: Association, { label, name, typeId }: LinkType): boolean {
  const is = (text: string) =>
    [label, name].some((one) => one?.trim().toLowerCase() === text.trim().toLowerCase())
  if (type !== undefined && (String(type) === String(typeId) || is(String(type)))) return true
  if (label === null) return true
  if (labels === undefined) return false
  if (labels.kind === 'static') return labels.labels.some(is)
  return labels.kind === 'column' || is(labels.text)
}
