import { linkTotals, type Plan } from '../../plan/plan.ts'
import { countOf, numberOf } from './words.ts'

/** A guard keeps a run from writing anything of it. */
export const isGuarded = (plan: Plan): boolean => plan.guards.length > 0

/** `2 of 5 syncs would change HubSpot, by 3 write calls at most`. @param held syncs that were not planned */
export function planTotal(plans: readonly Plan[], held: number): string {
  const all = plans.length + held
  const changing = plans.filter((plan) => plan.calls.writes > 0 && !isGuarded(plan))
  const writes = changing.reduce((sum, { calls }) => sum + calls.writes, 0)
  if (changing.length === 0) return `No change in HubSpot by ${countOf(all, 'sync')}`
  return `${numberOf(changing.length)} of ${countOf(all, 'sync')} would change HubSpot, by ${countOf(writes, 'write call')} at most`
}

/** `24 create or update, 3 update, 1 link`, of all syncs that a run would write. */
export function totalOperations(plans: readonly Plan[]): string {
  const written = plans.filter((plan) => !isGuarded(plan))
  const sum = (of: (plan: Plan) => number) => written.reduce((total, plan) => total + of(plan), 0)
  const links = written.map((plan) => linkTotals(plan.links))
  const linked = (of: 'add' | 'remove') => links.reduce((total, one) => total + one[of], 0)
  const [added, removed] = [linked('add'), linked('remove')]
  const parts: readonly (readonly [number, string])[] = [
    [sum(({ operations }) => operations.create), 'create'],
    [sum(({ operations }) => operations.upsert), 'create or update'],
    [sum(({ operations }) => operations.update), 'update'],
    [sum(({ operations }) => operations.send), 'send'],
    [sum(({ operations }) => operations.add), 'add to a list'],
    [sum(({ operations }) => operations.remove), 'take off a list'],
    [sum(({ operations }) => operations.clear), 'clear'],
    [sum(({ operations }) => operations.archive), 'archive'],
    [added, added === 1 ? 'link' : 'links'],
    [removed, removed === 1 ? 'link removed' : 'links removed'],
    [sum(({ operations }) => operations.reject), 'rejected'],
  ]
  return parts
    .filter(([count]) => count > 0)
    .map(([count, word]) => `${numberOf(count)} ${word}`)
    .join(', ')
}
