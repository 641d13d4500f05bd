import type { Sync } from '../types.ts'
import { type Context, told } from './compared.ts'
import type { Difference } from './difference.ts'
import { absent, type LockedEvent } from './locked-portal.ts'
import { propertyDifferences } from './property-differences.ts'

export function eventDifferences({ locked, live, uses, isWhole }: Context): readonly Difference[] {
  const names = [...new Set([...locked.events.keys(), ...live.events.keys()])].sort()
  const ofColumns = uses.ofEvent('', '')
  const isListed = live.listedFor !== undefined
  const unlisted =
    isListed && locked.listedFor === undefined
      ? [
          told(
            'not_locked',
            'events',
            'the lock does not say which events there are',
            true,
            ofColumns,
          ),
        ]
      : []
  if (unlisted.length > 0) return unlisted
  return names.flatMap((name) => {
    const before = locked.events.get(name)
    const after = live.events.get(name)
    const fullName =
      [before, after].flatMap((one) => (typeof one === 'object' ? one.fullName : []))[0] ?? name
    const users = uses.ofEvent(name, fullName)
    const what = `event ${name}`
    if (before === undefined && isListed && after !== absent)
      return [told('event_appeared', what, `there is an ${what} now`, false, users)]
    if (before === undefined)
      return [told('not_locked', what, `the lock says nothing of the ${what}`, true, users)]
    if (after === undefined) {
      if (isListed && before !== absent)
        return [told('event_gone', what, `the ${what} is gone`, true, users)]
      return isWhole ? [told('unused', what, `no sync uses the ${what} any more`, false, [])] : []
    }
    if (before === absent || after === absent) {
      if (before === after) return []
      if (before === absent)
        return [told('event_appeared', what, `there is an ${what} now`, false, users)]
      const lacking = users.filter(({ event }) => event?.createsDefinition !== true)
      return [told('event_gone', what, `the ${what} is gone`, true, lacking)]
    }
    return [
      ...definitionDifferences(what, before, after, users),
      ...propertyDifferences(
        what,
        before.properties,
        after.properties,
        (property) => uses.ofEventProperty(name, fullName, property),
        isWhole,
      ),
    ]
  })
}

function definitionDifferences(
  what: string,
  before: LockedEvent,
  after: LockedEvent,
  users: readonly Sync[],
): readonly Difference[] {
  const changed = (
    kind: string,
    words: string,
    was: string | undefined,
    is: string | undefined,
    matters: boolean,
  ) =>
    was === is
      ? []
      : [
          told(
            kind,
            what,
            `${words} of the ${what} was ${was ?? 'untold'}, and is ${is ?? 'untold'}`,
            matters,
            users,
          ),
        ]
  return [
    ...changed('event_changed', 'the full name', before.fullName, after.fullName, true),
    ...changed('event_changed', 'the object', before.about, after.about, true),
    ...changed(
      'event_changed',
      'the kind',
      before.trackingType,
      after.trackingType,
      after.trackingType !== 'MANUAL',
    ),
    ...changed('label_changed', 'the label', before.label, after.label, false),
  ]
}
