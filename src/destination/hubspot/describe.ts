import { DestinationError } from '../../errors.ts'
import { suggest } from '../../suggest.ts'
import type { ObjectSchema, PropertySchema } from '../../types.ts'
import type { CallContext, HubspotClient } from './client.ts'
import { asArray, asRecord, asText, asTexts } from './json.ts'
import {
  isContacts,
  STANDARD_OBJECTS,
  type StandardObject,
  standardObject,
} from './object-types.ts'
import { readProperty, readRules } from './properties.ts'

/**
 * Resolves an object type and lists its properties, archived ones included, with their validation rules: three calls,
 * four for custom objects.
 * Sensitive properties are not listed: HubSpot hides them unless asked, and the SDK cannot ask.
 *
 * @param objectType plural name, object type id, or a custom object's name or fully qualified name
 * @throws DestinationError `OBJECT_TYPE_UNKNOWN`
 */
export async function describeObject(
  client: HubspotClient,
  objectType: string,
  context: CallContext,
): Promise<ObjectSchema> {
  const object = standardObject(objectType) ?? (await customObject(client, objectType, context))
  const active = await client.listProperties(object.name, false, context)
  const archived = await client.listProperties(object.name, true, context)
  const rules = await rulesOf(client, object.objectTypeId, context)
  const properties = new Map<string, PropertySchema>()
  for (const value of [...asArray(archived.body['results']), ...asArray(active.body['results'])]) {
    const property = readProperty(value, isContacts(object.name))
    if (property === undefined) continue
    const own = rules.get(property.name)
    properties.set(property.name, own === undefined ? property : { ...property, rules: own })
  }
  return { ...object, properties }
}

/** Where HubSpot does not tell the rules it still applies them: then it is the one to refuse. */
async function rulesOf(
  client: HubspotClient,
  objectTypeId: string,
  context: CallContext,
): Promise<ReturnType<typeof readRules>> {
  try {
    return readRules((await client.listRules(objectTypeId, context)).body['results'])
  } catch (error) {
    const isUntold =
      error instanceof DestinationError && [400, 403, 404].includes(error.status ?? 0)
    if (isUntold) return new Map()
    throw error
  }
}

async function customObject(
  client: HubspotClient,
  objectType: string,
  context: CallContext,
): Promise<StandardObject> {
  const reply = await client.listSchemas(context).catch((error: unknown) => {
    // Without the scope (or the Enterprise tier) there are no custom objects, and the name is most likely a typo.
    if (error instanceof DestinationError && error.status === 403)
      throw unknownObject(objectType, [], error)
    throw error
  })
  const schemas = asArray(reply.body['results']).map(asRecord)
  const schema = schemas.find((each) =>
    ['objectTypeId', 'fullyQualifiedName', 'name'].some((key) => each[key] === objectType),
  )
  const objectTypeId = asText(schema?.['objectTypeId'])
  if (schema === undefined || objectTypeId === undefined) {
    throw unknownObject(
      objectType,
      schemas.flatMap((each) => asText(each['name']) ?? []),
    )
  }
  return {
    name: asText(schema['fullyQualifiedName']) ?? objectTypeId,
    objectTypeId,
    requiredProperties: asTexts(schema['requiredProperties']),
  }
}

function unknownObject(
  objectType: string,
  custom: readonly string[],
  cause?: unknown,
): DestinationError {
  const own = custom.length > 0 ? `custom objects of this account: ${custom.join(', ')}` : undefined
  const hidden =
    cause === undefined
      ? 'this account has no custom objects'
      : 'custom objects could not be listed: the access token lacks the scope crm.schemas.custom.read'
  const near = suggest(objectType, [...STANDARD_OBJECTS.map((each) => each.name), ...custom])
  const meant = near === undefined ? '' : `Did you mean ${near}? `
  return new DestinationError({
    action: `look up the object type ${objectType}`,
    detail: 'HubSpot has no such object type',
    category: 'OBJECT_TYPE_UNKNOWN',
    disposition: 'terminal',
    hint: `${meant}Use a plural name (contacts, companies, deals), an object type id, or a custom object's name; ${own ?? hidden}.`,
    cause,
  })
}
