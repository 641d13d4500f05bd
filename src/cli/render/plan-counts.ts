import { linkTotals, type Plan } from '../../plan/plan.ts'
import type { PropertyDefinition } from '../../types.ts'
import { isUnchanged } from './asked-rows.ts'
import { countOf, numberOf } from './words.ts'

/** The words for how many rows do what, without those that do nothing. */
export function summarise(plan: Plan): readonly string[] {
  const { operations } = plan
  const links = linkTotals(plan.links)
  const parts: readonly (readonly [number, string])[] = [
    [operations.create, 'create'],
    [operations.upsert, 'create or update'],
    [operations.update, 'update'],
    [operations.send, 'send'],
    [operations.clear, 'clear'],
    [operations.archive, 'archive'],
    [operations.leave, 'left the model'],
    [operations.skip, 'known without being sent'],
    [plan.rows.returned, 'back again'],
    [operations.reject, 'rejected'],
    [plan.rows.parked, 'parked'],
    [plan.rows.waiting, 'waiting'],
    [plan.rows.unknown, 'unknown'],
    [links.add, links.add === 1 ? 'link' : 'links'],
    [links.remove, links.remove === 1 ? 'link removed' : 'links removed'],
    [links.waiting, links.waiting === 1 ? 'link waiting' : 'links waiting'],
    [links.parked, links.parked === 1 ? 'link parked' : 'links parked'],
  ]
  const { inModel } = plan.rows
  const unchanged =
    plan.asked === undefined ? plan.rows.unchanged : plan.asked.filter(isUnchanged).length
  const said = [
    ...membersText(plan),
    ...parts.filter(([count]) => count > 0).map(([count, word]) => `${numberOf(count)} ${word}`),
  ]
  if (said.length === 0 && inModel === 0) return ['no rows']
  // Of rows that nobody looked at nothing is known, and of those asked for each line says it.
  if (said.length === 0 && unchanged === 0 && plan.asked !== undefined) return ['nothing to send']
  return unchanged > 0 || said.length === 0 ? [...said, `${numberOf(unchanged)} unchanged`] : said
}

/** `add 12 members to VIP customers (list 7)` */
function membersText({ operations: { add, remove }, list }: Plan): readonly string[] {
  if (list === undefined) return []
  const name = `${list.name} (${list.id === null ? 'a new list' : `list ${list.id}`})`
  return [
    ...(add > 0 ? [`add ${countOf(add, 'member')} to ${name}`] : []),
    ...(remove > 0 ? [`remove ${countOf(remove, 'member')} from ${add > 0 ? 'it' : name}`] : []),
  ]
}

/** `3 values dropped: lifecyclestage (2), industry (1)`; empty when there are none. */
export function renderDropped({ dropped }: Pick<Plan, 'dropped'>): string {
  const total = dropped.reduce((sum, { values }) => sum + values, 0)
  const [only] = dropped
  if (only === undefined) return ''
  const names =
    dropped.length === 1
      ? only.property
      : dropped.map(({ property, values }) => `${property} (${values})`).join(', ')
  return `${countOf(total, 'value')} dropped: ${names}`
}

/** `plan_tier (enumeration, select, 3 options)` */
export function describeDefinition(definition: PropertyDefinition): string {
  const { name, type, fieldType, options, hasUniqueValue, externalOptions } = definition
  const facts = [
    type,
    fieldType,
    ...(options === undefined ? [] : [countOf(options.length, 'option')]),
    ...(hasUniqueValue ? ['unique'] : []),
    ...(externalOptions ? ['an owner'] : []),
  ]
  return `${name} (${facts.join(', ')})`
}
