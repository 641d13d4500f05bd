import type { CallContext } from './calls.ts'
import type { AccountEndpoints } from './endpoints/account.ts'
import { asRecord, asText } from './json.ts'
import { readPages } from './listed.ts'

/** A user of the portal that records can belong to. */
export interface PortalOwner {
  readonly id: string
  readonly email: string | null
  readonly name: string
  readonly isDeactivated: boolean
  /** Who it is where HubSpot names users; absent for queues. */
  readonly userId?: string
}

/** All owners, active or deactivated: a call per page, and at least one. */
export async function listOwners(
  client: AccountEndpoints,
  isDeactivated: boolean,
  context: CallContext,
): Promise<readonly PortalOwner[]> {
  const owners = await readPages(
    (after) => client.listOwners(after, isDeactivated, context),
    'list the owners',
  )
  return owners.flatMap((value) => readOwner(value, isDeactivated))
}

function readOwner(value: unknown, isDeactivated: boolean): readonly PortalOwner[] {
  const owner = asRecord(value)
  const id = asText(owner['id'])
  if (id === undefined) return []
  const userId = asText(owner['userId']) ?? asText(owner['userIdIncludingInactive'])
  const names = [asText(owner['firstName']), asText(owner['lastName'])]
  return [
    {
      id,
      email: asText(owner['email']) ?? null,
      name: names.filter((name) => name !== undefined && name !== '').join(' '),
      isDeactivated,
      ...(userId === undefined ? {} : { userId }),
    },
  ]
}
