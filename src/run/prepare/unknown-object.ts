import { DestinationError, UserError } from '../../errors.ts'
import type { Origin, Sync } from '../../types.ts'

/** Where a sync names an object, and a name that would do. */
interface Naming {
  readonly sync: Sync
  readonly object: string
  readonly key: string
  readonly where: Origin
  readonly example: string
}

/** That HubSpot has no such object is a mistake of who names it; any other error stays what it is. */
export function blameNaming(
  error: unknown,
  { sync, object, key, where, example }: Naming,
): unknown {
  if (!(error instanceof DestinationError) || error.category !== 'OBJECT_TYPE_UNKNOWN') return error
  return new UserError(
    {
      message: `HubSpot has no object type ${object} that this token may see`,
      hint: error.hint ?? `Use a name such as ${example}, an objectTypeId, or p<portal>_<name>.`,
      sync: sync.name,
      key,
      where,
    },
    { cause: error },
  )
}
