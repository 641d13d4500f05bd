import type { CallContext, HubspotClient } from './client.ts'
import { asArray, asRecord, asText } from './json.ts'

/** A user of the portal that records can belong to. */
export interface PortalOwner {
  readonly id: string
  readonly email: string | null
  readonly name: string
  readonly isDeactivated: boolean
}

/** All owners, active or deactivated: a call per page, and at least one. */
export async function listOwners(
  client: HubspotClient,
  isDeactivated: boolean,
  context: CallContext,
): Promise<readonly PortalOwner[]> {
  const owners: PortalOwner[] = []
  const seen = new Set<string>()
  let after: string | undefined
  do {
    const { body } = await client.listOwners(after, isDeactivated, context)
    owners.push(...asArray(body['results']).flatMap((value) => readOwner(value, isDeactivated)))
    after = asText(asRecord(asRecord(body['paging'])['next'])['after'])
    // A cursor that comes again would be asked for ever.
    if (after !== undefined && seen.has(after)) break
    if (after !== undefined) seen.add(after)
  } while (after !== undefined)
  return owners
}

function readOwner(value: unknown, isDeactivated: boolean): readonly PortalOwner[] {
  const owner = asRecord(value)
  const id = asText(owner['id'])
  if (id === undefined) return []
  const names = [asText(owner['firstName']), asText(owner['lastName'])]
  return [
    {
      id,
      email: asText(owner['email']) ?? null,
      name: names.filter((name) => name !== undefined && name !== '').join(' '),
      isDeactivated,
    },
  ]
}
