import { DestinationError } from '../../errors.ts'
import type { PropertyDefinition } from '../../types.ts'
import type { CallContext } from './calls.ts'
import type { DefinitionEndpoints } from './endpoints/definitions.ts'
import { asArray, asRecord, asText, asTexts } from './json.ts'

/** What HubSpot says of a name that is taken. */
const TAKEN: ReadonlySet<string> = new Set(['OBJECT_ALREADY_EXISTS', 'CONFLICT'])

const isTaken = (error: unknown): boolean =>
  error instanceof DestinationError && error.status === 409

/** Makes properties; those that exist count as made. @returns those that HubSpot refused */
export async function createProperties(
  client: DefinitionEndpoints,
  objectType: string,
  definitions: readonly PropertyDefinition[],
  context: CallContext,
): Promise<readonly { readonly name: string; readonly message: string }[]> {
  try {
    const { body } = await client.createProperties(objectType, definitions, context)
    return asArray(body['errors']).flatMap((value) => {
      const error = asRecord(value)
      if (TAKEN.has(asText(error['category']) ?? '')) return []
      const [name = 'one of them'] = asTexts(asRecord(error['context'])['name'])
      return [{ name, message: asText(error['message']) ?? 'HubSpot gives no reason' }]
    })
  } catch (error) {
    // Of several, one that is taken may have kept the others from being made: then each is tried alone.
    if (!isTaken(error)) throw error
    if (definitions.length === 1) return []
    const refused = []
    for (const definition of definitions) {
      refused.push(...(await createProperties(client, objectType, [definition], context)))
    }
    return refused
  }
}

/** Makes a group of properties; one that exists counts as made. */
export async function createGroup(
  client: DefinitionEndpoints,
  objectType: string,
  group: { readonly name: string; readonly label: string },
  context: CallContext,
): Promise<void> {
  try {
    await client.createGroup(objectType, group, context)
  } catch (error) {
    if (!isTaken(error)) throw error
  }
}
