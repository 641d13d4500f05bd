import type { Sync } from '../types.ts'
import { type Context, told } from './compared.ts'
import type { Difference } from './difference.ts'
import { absent, type LockedList, type LockedPortal } from './locked-portal.ts'

export function listDifferences(context: Context): readonly Difference[] {
  const { locked, live, uses, isWhole, broken } = context
  const ids = [...new Set([...locked.lists.keys(), ...live.lists.keys()])].sort()
  const isMissing = (portal: LockedPortal, { name, objectTypeId }: LockedList) =>
    portal.absentLists.some(
      (each) =>
        each.name.toLowerCase() === name.toLowerCase() && each.objectTypeId === objectTypeId,
    )
  const byId = ids.flatMap((id) => {
    const before = locked.lists.get(id)
    const after = live.lists.get(id)
    const name =
      [before, after].flatMap((one) => (typeof one === 'object' ? one.name : []))[0] ?? id
    const users = uses.ofList(id, name)
    const what = `list ${id} (${name})`
    if (before === undefined) {
      if (after === undefined || after === absent || !isMissing(locked, after))
        return [told('not_locked', what, `the lock says nothing of ${what}`, true, users)]
      const refused = users.filter((sync) => broken.has(sync.name))
      return [
        told(
          'list_appeared',
          what,
          `there is a ${what} now`,
          refused.length > 0,
          refused.length > 0 ? refused : users,
        ),
      ]
    }
    if (after === undefined) {
      if (before !== absent && isMissing(live, before))
        return [told('list_gone', what, `there is no list called ${name} any more`, true, users)]
      return isWhole ? [told('unused', what, `no sync uses ${what} any more`, false, [])] : []
    }
    if (before === absent || after === absent) {
      if (before === after) return []
      return before === absent
        ? [told('list_appeared', what, `there is a ${what} now`, false, users)]
        : [told('list_gone', what, `${what} was deleted`, true, users)]
    }
    return listChanges(what, before, after, users)
  })
  const unnamed = live.absentLists.filter(
    (each) =>
      !isMissing(locked, { ...each, processingType: '' }) &&
      ![...locked.lists.values()].some(
        (list) => list !== absent && list.name.toLowerCase() === each.name.toLowerCase(),
      ),
  )
  return [
    ...byId,
    ...unnamed.map(({ name }) =>
      told(
        'not_locked',
        `list ${name}`,
        `the lock says nothing of a list called ${name}`,
        true,
        uses.ofList('', name),
      ),
    ),
  ]
}

function listChanges(
  what: string,
  before: LockedList,
  after: LockedList,
  users: readonly Sync[],
): readonly Difference[] {
  const isWritable = ['MANUAL', 'SNAPSHOT'].includes(after.processingType)
  return [
    ...(before.processingType === after.processingType
      ? []
      : [
          told(
            'list_type_changed',
            what,
            `${what} was ${before.processingType}, and is ${after.processingType}`,
            !isWritable,
            users,
          ),
        ]),
    ...(before.objectTypeId === after.objectTypeId
      ? []
      : [
          told(
            'list_changed',
            what,
            `${what} holds records of type ${after.objectTypeId}, and held ${before.objectTypeId}`,
            true,
            users,
          ),
        ]),
    ...(before.name === after.name
      ? []
      : [told('list_renamed', what, `${what} is called ${after.name} now`, false, users)]),
  ]
}
