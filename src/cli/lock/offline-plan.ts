import { UserError } from '../../errors.ts'
import type { BoundSync } from '../../plan/bind/bind.ts'
import type { DiffProperty } from '../../plan/diff-spec.ts'
import type { PreparedSync } from '../../run/context.ts'

/** @throws UserError for what a plan cannot do with a lock */
export function refuseLookups(isRematching: boolean | undefined): void {
  if (isRematching !== true) return
  throw new UserError(
    {
      message: '--rematch looks known rows up in HubSpot, which is not asked offline',
      hint: 'Plan it where there is a token.',
    },
    { exitCode: 2 },
  )
}

/**
 * The sync as far as it can be planned without HubSpot: owners are persons and stand in no lock, so that what they own is taken
 * to be as it was; and what else nobody knows is told.
 *
 * @param isSealed a run is to be held to the plan
 * @throws UserError where it could not be
 */
export function plannedOffline(prepared: PreparedSync, isSealed: boolean): PreparedSync {
  const { sync, bound, list } = prepared
  const owned = bound.properties.filter(isOwner).map(({ name }) => name)
  if (isSealed && owned.length > 0) {
    throw new UserError({
      message: `owners are in no lock: a run sends ${owned.join(', ')}, and could not be held to this plan`,
      hint: 'Leave out --out, or plan where there is a token.',
      sync: sync.name,
      where: sync.origin,
    })
  }
  const warnings = [
    ...(owned.length === 0
      ? []
      : [
          {
            message: `owners are in no lock: ${owned.join(', ')} ${owned.length === 1 ? 'is' : 'are'} taken to stay as it was, and no address is checked`,
            hint: 'A plan that asks HubSpot counts these, too.',
          },
        ]),
    ...(list?.listId !== undefined && sync.list?.isExact === true
      ? [
          {
            message:
              'how many members the list has is not known offline: calls to read and remove them are not counted',
          },
        ]
      : []),
  ].map((warning) => ({ ...warning, sync: sync.name, where: sync.origin }))
  return {
    ...prepared,
    bound: owned.length === 0 ? bound : withoutOwners(bound),
    warnings: [...prepared.warnings, ...warnings],
  }
}

const isOwner = ({ source }: DiffProperty): boolean =>
  source.kind === 'column' && source.lookup?.kind === 'owner'

/** A property that always is NULL, and NULL keeps what was sent. */
const withoutOwners = (bound: BoundSync): BoundSync => ({
  ...bound,
  properties: bound.properties.map((property) =>
    isOwner(property)
      ? { ...property, nulls: 'keep', source: { kind: 'value', value: '' } }
      : property,
  ),
})
