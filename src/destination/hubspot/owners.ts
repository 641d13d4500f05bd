import type { Owner } from '../../types.ts'
import type { CallContext, HubspotClient } from './client.ts'
import { asArray, asRecord, asText } from './json.ts'

/** All owners with an e-mail address, deactivated ones included: a call per page, and at least one for each of the two kinds. */
export async function readOwners(
  client: HubspotClient,
  context: CallContext,
): Promise<readonly Owner[]> {
  const owners: Owner[] = []
  for (const isArchived of [false, true]) {
    const seen = new Set<string>()
    let after: string | undefined
    do {
      const { body } = await client.listOwners(after, isArchived, context)
      owners.push(...asArray(body['results']).flatMap((value) => readOwner(value, isArchived)))
      after = asText(asRecord(asRecord(body['paging'])['next'])['after'])
      // A cursor that comes again would be asked for ever.
      if (after !== undefined && seen.has(after)) break
      if (after !== undefined) seen.add(after)
    } while (after !== undefined)
  }
  return owners
}

function readOwner(value: unknown, isArchived: boolean): readonly Owner[] {
  const owner = asRecord(value)
  const id = asText(owner['id'])
  const email = asText(owner['email'])
  return id === undefined || email === undefined ? [] : [{ id, email, isArchived }]
}
