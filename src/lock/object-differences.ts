import type { Sync } from '../types.ts'
import { type Context, told } from './compared.ts'
import type { Difference } from './difference.ts'
import { absent, type LockedObject } from './locked-portal.ts'
import { collector, optionDifferences, propertyDifferences } from './property-differences.ts'
import { objectName, type PropertyUse } from './sync-uses.ts'

export function objectDifferences(context: Context): readonly Difference[] {
  const { locked, live, uses, isWhole } = context
  const names = new Set([
    ...locked.objects.keys(),
    ...[...live.objects.keys()].map((name) => objectName(locked, name) ?? name),
  ])
  return [...names].sort().flatMap((name) => {
    const before = locked.objects.get(name)
    const after = liveObject(context, name)
    const users = uses.ofObject(name)
    if (before === undefined)
      return [told('not_locked', name, `the lock says nothing of the object ${name}`, true, users)]
    if (after === undefined)
      return isWhole
        ? [told('unused', name, `no sync uses the object ${name} any more`, false, [])]
        : []
    if (before === absent || after === absent) {
      if (before === after) return []
      return before === absent
        ? [told('object_appeared', name, `there is an object ${name} now`, false, users)]
        : [told('object_gone', name, `the object ${name} is gone`, true, users)]
    }
    return [
      ...(before.objectTypeId === after.objectTypeId
        ? []
        : [
            told(
              'object_changed',
              name,
              `the object ${name} has the type id ${after.objectTypeId}, and had ${before.objectTypeId}`,
              true,
              users,
            ),
          ]),
      ...requiredDifferences(name, before, after, users),
      ...propertyDifferences(
        name,
        before.properties,
        after.properties,
        (property) => uses.ofProperty(name, property),
        isWhole,
      ),
      ...pipelineDifferences(context, name, before, after),
    ]
  })
}

/** The object of a name in the lock, as it is now: one that is gone goes by a name that a sync says. */
function liveObject(
  { locked, live }: Context,
  name: string,
): LockedObject | typeof absent | undefined {
  const before = locked.objects.get(name)
  const names = before === undefined || before === absent ? [name] : [name, ...before.askedAs]
  for (const each of names) {
    const found = live.objects.get(objectName(live, each) ?? each)
    if (found !== undefined) return found
  }
  return undefined
}

function requiredDifferences(
  name: string,
  before: LockedObject,
  after: LockedObject,
  users: readonly Sync[],
): readonly Difference[] {
  const added = after.requiredProperties.filter((each) => !before.requiredProperties.includes(each))
  const gone = before.requiredProperties.filter((each) => !after.requiredProperties.includes(each))
  return [
    ...added.map((property) => {
      const lacking = users.filter(
        ({ type, mode, mappings }) =>
          type === 'object' &&
          mode !== 'update' &&
          mappings.every((mapping) => mapping.property !== property),
      )
      const message = `HubSpot makes no ${name} without ${property} any more`
      return told('required_added', `${name}.${property}`, message, true, lacking)
    }),
    ...gone.map((property) =>
      told(
        'required_gone',
        `${name}.${property}`,
        `HubSpot makes ${name} without ${property}, too`,
        false,
        users,
      ),
    ),
  ]
}

/** Properties that hold one of an object's pipelines, or stages. */
const holders = {
  pipelines: ['pipeline', 'hs_pipeline'],
  stages: ['dealstage', 'hs_pipeline_stage'],
} as const

function pipelineDifferences(
  { uses, isWhole }: Context,
  name: string,
  before: LockedObject,
  after: LockedObject,
): readonly Difference[] {
  const was = before.pipelines
  const is = after.pipelines
  const of = (kind: keyof typeof holders): readonly PropertyUse[] =>
    holders[kind].flatMap((property) => uses.ofProperty(name, property))
  const users = [...of('pipelines'), ...of('stages')].map(({ sync }) => sync)
  const what = `${name} pipelines`
  if (was === undefined || is === undefined) {
    if (was === is || (is === undefined && !isWhole)) return []
    return was === undefined
      ? [told('not_locked', what, `the lock says nothing of the pipelines of ${name}`, true, users)]
      : [told('unused', what, `no sync uses the pipelines of ${name} any more`, false, [])]
  }
  if (was === 'untold' || is === 'untold') {
    if (was === is) return []
    const message = `HubSpot ${is === 'untold' ? 'does not tell the pipelines of' : 'tells the pipelines now of'} ${name}`
    return [told('pipelines_told', what, message, false, users)]
  }
  return (['pipelines', 'stages'] as const).flatMap((kind) => {
    const asked = { words: `${name} ${kind}`, what: `${name} ${kind}`, uses: of(kind) }
    const { tell, found } = collector(asked)
    optionDifferences(asked, was[kind], is[kind], tell)
    return found
  })
}
