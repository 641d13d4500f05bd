import { DestinationError } from '../../errors.ts'
import {
  isContacts,
  isStandardId,
  likelyObject,
  STANDARD_OBJECTS,
  type StandardObject,
  standardObject,
} from '../../object-types.ts'
import { suggest } from '../../suggest.ts'
import type { ObjectSchema, PropertySchema } from '../../types.ts'
import type { CallContext } from './calls.ts'
import type { DefinitionEndpoints } from './endpoints/definitions.ts'
import { asRecord, asText, asTexts } from './json.ts'
import { listOf } from './listed.ts'
import { readProperty, readRules } from './properties.ts'

/** A custom object with the names that people call it by. */
interface CustomObject extends StandardObject {
  readonly shortName: string
  readonly labels: readonly string[]
}

/**
 * Resolves object types and lists their properties, archived ones included, with their validation rules. Each object costs three
 * calls, however many names it goes by, and the list of custom objects one for all of them; what could not be had is asked
 * again next time.
 * Sensitive properties are not listed: HubSpot hides them unless asked, and the SDK cannot ask.
 *
 * @returns a function of plural name, object type id, or a custom object's name, label or fully qualified name
 * @throws DestinationError `OBJECT_TYPE_UNKNOWN`
 */
export function createDescriber(
  client: DefinitionEndpoints,
): (objectType: string, context: CallContext) => Promise<ObjectSchema> {
  const described = new Map<string, Promise<ObjectSchema>>()
  let listed: Promise<readonly CustomObject[]> | undefined
  const customObjects = (context: CallContext): Promise<readonly CustomObject[]> => {
    listed ??= listCustomObjects(client, context).catch((error: unknown) => {
      listed = undefined
      throw error
    })
    return listed
  }
  return async (objectType, context) => {
    const object =
      standardObject(objectType) ??
      (isStandardId(objectType)
        ? { name: objectType, objectTypeId: objectType, requiredProperties: [] }
        : await findCustom(objectType, () => customObjects(context)))
    const known = described.get(object.objectTypeId)
    if (known !== undefined) return known
    const asked = describeObject(client, object, context).catch((error: unknown) => {
      described.delete(object.objectTypeId)
      throw isUnknownId(error, object) ? unknownId(objectType, error) : error
    })
    described.set(object.objectTypeId, asked)
    return asked
  }
}

/** An id that no object of ours has, and none of HubSpot's, either. */
const isUnknownId = (error: unknown, { name, objectTypeId }: StandardObject): boolean =>
  name === objectTypeId &&
  error instanceof DestinationError &&
  (error.status === 404 || error.status === 400)

async function describeObject(
  client: DefinitionEndpoints,
  { name, objectTypeId, requiredProperties, requiredOneOf }: StandardObject,
  context: CallContext,
): Promise<ObjectSchema> {
  const active = await client.listProperties(name, false, context)
  const archived = await client.listProperties(name, true, context)
  const rules = await rulesOf(client, objectTypeId, context)
  const action = `list the properties of ${name}`
  const properties = new Map<string, PropertySchema>()
  for (const value of [...listOf(archived, action), ...listOf(active, action)]) {
    const property = readProperty(value, isContacts(name))
    if (property === undefined) continue
    const own = rules.get(property.name)
    properties.set(property.name, own === undefined ? property : { ...property, rules: own })
  }
  return {
    name,
    objectTypeId,
    requiredProperties,
    ...(requiredOneOf === undefined ? {} : { requiredOneOf }),
    properties,
  }
}

/** Where HubSpot does not tell the rules it still applies them: then it is the one to refuse. */
async function rulesOf(
  client: DefinitionEndpoints,
  objectTypeId: string,
  context: CallContext,
): Promise<ReturnType<typeof readRules>> {
  try {
    const reply = await client.listRules(objectTypeId, context)
    return readRules(listOf(reply, `read the validation rules of ${objectTypeId}`))
  } catch (error) {
    const isUntold =
      error instanceof DestinationError && [400, 403, 404].includes(error.status ?? 0)
    if (isUntold) return new Map()
    throw error
  }
}

async function listCustomObjects(
  client: DefinitionEndpoints,
  context: CallContext,
): Promise<readonly CustomObject[]> {
  const reply = await client.listSchemas(context)
  return listOf(reply, 'list the custom objects')
    .map(asRecord)
    .flatMap((schema) => {
      const objectTypeId = asText(schema['objectTypeId'])
      if (objectTypeId === undefined) return []
      const labels = asRecord(schema['labels'])
      return {
        name: asText(schema['fullyQualifiedName']) ?? objectTypeId,
        shortName: asText(schema['name']) ?? objectTypeId,
        objectTypeId,
        labels: [labels['singular'], labels['plural']].flatMap((label) => asText(label) ?? []),
        requiredProperties: asTexts(schema['requiredProperties']),
      }
    })
}

async function findCustom(
  objectType: string,
  list: () => Promise<readonly CustomObject[]>,
): Promise<StandardObject> {
  const objects = await list().catch((error: unknown) => {
    // Without the scope (or the Enterprise tier) there are no custom objects, and the name is most likely a typo.
    if (error instanceof DestinationError && error.status === 403)
      throw unknownObject(objectType, undefined, error)
    throw error
  })
  const named = objects.find(({ name, shortName, objectTypeId }) =>
    [name, shortName, objectTypeId].includes(objectType),
  )
  if (named !== undefined) return named
  const label = objectType.toLowerCase()
  const [labelled, second] = objects.filter((each) =>
    [each.shortName, ...each.labels].some((name) => name.toLowerCase() === label),
  )
  if (labelled === undefined || likelyObject(objectType) !== undefined)
    throw unknownObject(objectType, objects)
  if (second !== undefined) throw ambiguousLabel(objectType, [labelled, second])
  return labelled
}

/** @param custom undefined where they could not be listed */
function unknownObject(
  objectType: string,
  custom: readonly CustomObject[] | undefined,
  cause?: unknown,
): DestinationError {
  const names = (custom ?? []).map(({ shortName }) => shortName)
  const own = names.length > 0 ? `custom objects of this account: ${names.join(', ')}` : undefined
  const hidden =
    custom !== undefined
      ? 'this account has no custom objects'
      : 'custom objects could not be listed: the access token lacks the scope crm.schemas.custom.read'
  const near =
    likelyObject(objectType)?.name ??
    suggest(objectType, [...STANDARD_OBJECTS.map((each) => each.name), ...names])
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

function unknownId(objectTypeId: string, cause: unknown): DestinationError {
  return new DestinationError({
    action: `look up the object type ${objectTypeId}`,
    detail: 'HubSpot has no object type with this id',
    category: 'OBJECT_TYPE_UNKNOWN',
    disposition: 'terminal',
    hint: 'Use a plural name (contacts, companies, deals), or the id that "Understanding the CRM" lists on developers.hubspot.com.',
    cause,
  })
}

function ambiguousLabel(label: string, objects: readonly CustomObject[]): DestinationError {
  return new DestinationError({
    action: `look up the object type ${label}`,
    detail: 'several custom objects have this label',
    category: 'OBJECT_TYPE_UNKNOWN',
    disposition: 'terminal',
    hint: `Write the name of the one that is meant: ${objects.map(({ name }) => name).join(' or ')}.`,
  })
}
