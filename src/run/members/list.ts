import { type Problem, UserError } from '../../errors.ts'
import { listName } from '../../plan/bind/bind-list.ts'
import type { Identity } from '../../record/identity.ts'
import { listProblem } from '../../rivals.ts'
import type { HubspotList, ListRival, ListSource, ObjectSchema, Sync } from '../../types.ts'
import { type AskingContext, retried } from '../asking.ts'
import type { TargetList } from '../context.ts'

type Own = Pick<Identity, 'listId' | 'isListMadeHere'>

/**
 * Finds the list that a sync writes: once it is pinned by its id, whatever it is called by now.
 *
 * @param own what was pinned; absent before the first run
 * @param pinned what is known of all syncs: another one may keep the same list by another name
 * @throws UserError when the list cannot be written, or is not Backhaul's to write
 */
export async function findTargetList(
  context: AskingContext,
  sync: Sync,
  list: ListSource,
  schema: ObjectSchema,
  own: Own | undefined,
  pinned: readonly Identity[],
): Promise<TargetList> {
  const found = await lookForList(context, sync, list, schema, own)
  const rival = list.rivals?.find((each) => isSameList(each, found, pinned))
  if (rival !== undefined) throw new UserError(listProblem(sync, list, rival))
  return found
}

/** Another sync writes the list: the one that is pinned for it, or else that HubSpot has by the id or the name that it says. */
function isSameList(
  { name, previousName, target }: ListRival,
  found: TargetList,
  pinned: readonly Identity[],
): boolean {
  if (found.listId === undefined) return false
  const theirs = pinned.find(({ syncName }) => [name, previousName].includes(syncName))?.listId
  if (theirs !== undefined) return theirs === found.listId
  return target.kind === 'id'
    ? target.listId === found.listId
    : target.name.toLowerCase() === found.name.toLowerCase()
}

async function lookForList(
  context: AskingContext,
  sync: Sync,
  list: ListSource,
  schema: ObjectSchema,
  own: Own | undefined,
): Promise<TargetList> {
  const about = { sync, list, schema }
  const pinnedId = own?.listId
  if (pinnedId !== undefined) {
    if (list.target.kind === 'id' && list.target.listId !== pinnedId)
      throw otherList(about, pinnedId, list.target.listId)
    const found = await ask(context, { listId: pinnedId })
    if (found === undefined) throw listGone(about, pinnedId, context.say)
    checkList(about, found)
    return {
      ...found,
      isMadeHere: own?.isListMadeHere === true,
      warnings: renamed(about, found),
    }
  }
  if (list.target.kind === 'id') {
    const found = await ask(context, { listId: list.target.listId })
    if (found === undefined) throw noList(about, `no list with the id ${list.target.listId}`)
    checkList(about, found)
    return { ...found, isMadeHere: false, warnings: [] }
  }
  return findByName(context, about, list.target.name, own)
}

interface About {
  readonly sync: Sync
  readonly list: ListSource
  readonly schema: ObjectSchema
}

const ask = (
  context: AskingContext,
  reference: Parameters<typeof context.destination.findList>[0],
) => retried(context, () => context.destination.findList(reference, context.drain))

async function findByName(
  context: AskingContext,
  about: About,
  name: string,
  own: Own | undefined,
): Promise<TargetList> {
  const { list, schema, sync } = about
  const found = await ask(context, { name, objectTypeId: schema.objectTypeId })
  if (found !== undefined) {
    // A run that was cut short had found that there is none, and was making it.
    const isMadeHere = own?.isListMadeHere === true
    if (!isMadeHere && !list.adopts) throw notOurs(about, found)
    checkList(about, found)
    return { ...found, isMadeHere, warnings: [] }
  }
  const namesake = await retried(context, () =>
    context.destination.findNamesake(name, context.drain),
  )
  if (namesake !== undefined) throw otherObject(about, namesake)
  if (sync.mode === 'remove') throw noList(about, `no list ${name} to take rows off`)
  return { name, isMadeHere: true, warnings: [] }
}

/** Makes the list of a first run. @returns undefined when somebody else made one of that name meanwhile, and it may not be taken over */
export async function makeList(
  context: AskingContext,
  sync: Sync,
  list: ListSource,
  schema: ObjectSchema,
): Promise<HubspotList | undefined> {
  const draft = { name: listName(list), objectTypeId: schema.objectTypeId }
  const made = await retried(context, () => context.destination.createList(draft, context.drain))
  if (made !== undefined) return made
  // The answer of our own request may have been lost: there was no such list when the run began.
  const found = await ask(context, draft)
  if (found !== undefined) checkList({ sync, list, schema }, found)
  return found
}

function checkList({ sync, list, schema }: About, found: HubspotList): void {
  const called = `list ${found.listId} (${found.name})`
  if (found.objectTypeId !== schema.objectTypeId) throw otherObject({ sync, list, schema }, found)
  if (found.whyFixed === undefined) return
  throw problem(sync, list, {
    message: `${called} ${found.whyFixed}`,
    hint: 'Convert it to a static list in HubSpot, or name another one: a sync makes its own where there is none of the name.',
  })
}

const otherObject = ({ sync, list, schema }: About, found: HubspotList): UserError =>
  problem(sync, list, {
    message: `list ${found.listId} (${found.name}) holds records of type ${found.objectTypeId}, not ${schema.name} (${schema.objectTypeId})`,
    hint: 'Names of lists are unique over all object types: give this one another name, or say the `object` of that list.',
  })

const notOurs = ({ sync, list }: About, { listId, name }: HubspotList): UserError =>
  problem(sync, list, {
    message: `HubSpot has a list ${name} (id ${listId}) that Backhaul did not make`,
    hint: `\`adopt: true\` takes it over, as does \`list: {id: ${listId}}\`; members that others added stay${list.isExact ? ', but for `exact: true`' : ''}. Or give the list another name.`,
  })

const noList = ({ sync, list }: About, what: string): UserError =>
  problem(sync, list, {
    message: `HubSpot has ${what}`,
    hint: '`backhaul inspect lists` shows names and ids.',
  })

const otherList = ({ sync, list }: About, pinned: string, said: string): UserError =>
  problem(sync, list, {
    message: `the state of this sync speaks of list ${pinned}, the sync now says list ${said}`,
    hint: 'Give the sync another name (`sync:`): another list is another sync.',
  })

const listGone = ({ sync, list }: About, listId: string, say: AskingContext['say']): UserError =>
  problem(sync, list, {
    message: `list ${listId} was deleted in HubSpot`,
    hint: `HubSpot restores deleted lists for 90 days: restore it and run again. To start over with a new list, give the sync another name (\`sync:\`), then: ${say(`clean --sync ${sync.name}`)}`,
  })

/** The name in the sync is no order to rename the list, nor to take another one. */
function renamed({ sync, list }: About, found: HubspotList): readonly Problem[] {
  const { target } = list
  if (target.kind === 'id' || target.name.toLowerCase() === found.name.toLowerCase()) return []
  return [
    {
      message: `list ${found.listId} is called ${found.name} in HubSpot, and ${target.name} here; it is found by its id`,
      hint: 'Write its present name. If another list is meant, give the sync another name (`sync:`).',
      sync: sync.name,
      key: 'list',
      where: list.origins.list,
    },
  ]
}

const problem = (
  sync: Sync,
  list: ListSource,
  told: Pick<Problem, 'message' | 'hint'>,
): UserError => new UserError({ ...told, sync: sync.name, key: 'list', where: list.origins.list })
