import { UserError } from '../../errors.ts'
import { didYouMean } from '../../suggest.ts'
import type { HubspotList } from '../../types.ts'
import type { Arguments } from '../command-line/option.ts'
import { numberOf } from '../render/words.ts'
import type { Asking, View } from './view.ts'

/** Lists ("segments"), of one object or of all, and whether a sync can write them. */
export async function listsView(context: Asking, args: Arguments): Promise<View> {
  const { ask, destination, drain } = context
  const all = await ask(() => destination.searchLists(drain))
  const { objects } = await ask(() => destination.listObjects(drain))
  const names = new Map(objects.map(({ objectTypeId, name }) => [objectTypeId, name]))
  const objectOf = ({ objectTypeId }: HubspotList): string =>
    names.get(objectTypeId) ?? objectTypeId
  const asked = args['OBJECT']
  if (asked !== undefined && ![...names].flat().includes(String(asked))) {
    throw new UserError({
      message: `HubSpot has no object type ${asked} that this token may see`,
      hint: didYouMean(String(asked), [...names.values()]),
    })
  }
  const shown = all
    .filter(
      (list) => asked === undefined || [objectOf(list), list.objectTypeId].includes(String(asked)),
    )
    .sort((one, other) => one.name.localeCompare(other.name))
  return {
    document: {
      lists: shown.map((list) => ({
        id: list.listId,
        name: list.name,
        object: objectOf(list),
        objectTypeId: list.objectTypeId,
        processingType: list.processingType,
        size: list.size ?? null,
        isWritable: list.whyFixed === undefined,
      })),
    },
    tables: [
      {
        rows: shown.map((list) => ({
          list: list.name,
          id: list.listId,
          object: objectOf(list),
          members: list.size === undefined ? '' : numberOf(list.size),
          kind: list.processingType.toLowerCase(),
          notes: list.whyFixed === undefined ? '' : 'cannot be written: its filters decide',
        })),
      },
    ],
    notes: shown.length === 0 ? [] : ['A sync takes over a list by `list: {id: …}`.'],
  }
}
