import type { PortalObject } from '../../destination/hubspot/portal.ts'
import { DestinationError, UserError } from '../../errors.ts'
import { didYouMean } from '../../suggest.ts'
import type { LinkType } from '../../types.ts'
import type { Arguments } from '../command-line/option.ts'
import type { Asking, View } from './view.ts'

/** Objects that are shown unless others are named; beside them the custom ones. */
const mainObjects: readonly string[] = ['contacts', 'companies', 'deals', 'tickets']

interface Direction {
  readonly from: PortalObject
  readonly to: PortalObject
  readonly types: readonly LinkType[]
}

/** Types of links with their labels: between two objects both ways, from one to the main ones, or between all of these. */
export async function associationsView(context: Asking, args: Arguments): Promise<View> {
  const { ask, destination, drain } = context
  const { objects, isCustomHidden } = await ask(() => destination.listObjects(drain))
  const named = [args['OBJECT'], args['PROPERTY']].flatMap((name) =>
    name === undefined ? [] : [objectNamed(String(name), objects)],
  )
  const shown: Direction[] = []
  for (const [from, to] of pairsOf(named, objects)) {
    const types = await ask(() => destination.linkTypes(from.name, to.name, drain)).catch(
      (error: unknown) => {
        // Not every pair can be linked: who asked for neither end wants to hear of the others.
        if (named.length < 2 && isNotLinkable(error)) return []
        throw error
      },
    )
    if (types.length > 0 || named.length === 2) shown.push({ from, to, types })
  }
  return {
    document: {
      associations: shown.map(({ from, to, types }) => ({
        from: from.name,
        fromObjectTypeId: from.objectTypeId,
        to: to.name,
        toObjectTypeId: to.objectTypeId,
        types: types.map(({ typeId, category, label, name }) => ({
          typeId,
          category,
          label,
          name: name ?? null,
        })),
      })),
      isCustomHidden,
    },
    tables: [
      {
        rows: shown.flatMap(({ from, to, types }) =>
          types.map(({ typeId, category, label, name }) => ({
            from: from.name,
            to: to.name,
            'type id': String(typeId),
            category,
            label: label ?? '(unlabelled)',
            ...(types.some((type) => type.name !== undefined) ? { name: name ?? '' } : {}),
          })),
        ),
      },
    ],
    notes: [
      ...(named.length < 2
        ? ['Two objects, both ways: backhaul inspect associations FROM TO']
        : ['`label:` of an association in a sync of FROM takes the labels of its direction.']),
      ...(isCustomHidden
        ? ['Custom objects are not shown: the token lacks crm.schemas.custom.read.']
        : []),
    ],
  }
}

const isNotLinkable = (error: unknown): boolean =>
  error instanceof DestinationError && (error.status === 400 || error.status === 404)

function pairsOf(
  [from, to]: readonly PortalObject[],
  objects: readonly PortalObject[],
): readonly (readonly [PortalObject, PortalObject])[] {
  if (from !== undefined && to !== undefined) {
    return from === to
      ? [[from, to]]
      : [
          [from, to],
          [to, from],
        ]
  }
  const main = objects.filter(({ name, isCustom }) => isCustom || mainObjects.includes(name))
  if (from !== undefined) return main.map((other) => [from, other])
  return main.flatMap((one, place) => main.slice(place).map((other) => [one, other] as const))
}

function objectNamed(asked: string, objects: readonly PortalObject[]): PortalObject {
  const found = objects.find(
    ({ name, objectTypeId, label, isCustom }) =>
      [name, objectTypeId].includes(asked) ||
      (isCustom && (label === asked || name.endsWith(`_${asked}`))),
  )
  if (found !== undefined) return found
  throw new UserError({
    message: `HubSpot has no object type ${asked} that this token may see`,
    hint: didYouMean(
      asked,
      objects.map(({ name }) => name),
    ),
  })
}
