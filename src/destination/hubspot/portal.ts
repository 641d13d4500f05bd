import { DestinationError } from '../../errors.ts'
import { STANDARD_OBJECTS } from '../../object-types.ts'
import type { CallContext } from './calls.ts'
import type { AccountEndpoints } from './endpoints/account.ts'
import type { DefinitionEndpoints } from './endpoints/definitions.ts'
import { asArray, asRecord, asText, asTexts } from './json.ts'
import { listOf } from './listed.ts'

/** An object type of the portal. */
export interface PortalObject {
  /** What `object:` of a sync says. */
  readonly name: string
  readonly objectTypeId: string
  /** Plural, as people read it; absent for standard objects, whose label is their name. */
  readonly label?: string
  readonly isCustom: boolean
  readonly requiredProperties: readonly string[]
}

/** Calls of the day, as the account counts them: all its private apps share the limit. */
export interface DailyUsage {
  readonly used: number
  readonly limit: number
  readonly resetsAt: string | null
}

/** The standard objects, and the custom ones where the token may see them. */
export async function listObjects(
  client: DefinitionEndpoints,
  context: CallContext,
): Promise<{ readonly objects: readonly PortalObject[]; readonly isCustomHidden: boolean }> {
  const standard = STANDARD_OBJECTS.map((object) => ({ ...object, isCustom: false }))
  const schemas = await client.listSchemas(context).catch((error: unknown) => {
    if (error instanceof DestinationError && error.status === 403) return undefined
    throw error
  })
  const custom = (schemas === undefined ? [] : listOf(schemas, 'list the custom objects'))
    .map(asRecord)
    .flatMap((schema): readonly PortalObject[] => {
      const objectTypeId = asText(schema['objectTypeId'])
      if (objectTypeId === undefined) return []
      const label = asText(asRecord(schema['labels'])['plural'])
      return [
        {
          name: asText(schema['fullyQualifiedName']) ?? objectTypeId,
          objectTypeId,
          ...(label === undefined ? {} : { label }),
          isCustom: true,
          requiredProperties: asTexts(schema['requiredProperties']),
        },
      ]
    })
  return { objects: [...standard, ...custom], isCustomHidden: schemas === undefined }
}

/** @returns undefined where HubSpot does not say */
export async function readDailyUsage(
  client: AccountEndpoints,
  context: CallContext,
): Promise<DailyUsage | undefined> {
  const { body } = await client.dailyUsage(context)
  const [usage] = asArray(body['results']).map(asRecord)
  const used = Number(usage?.['currentUsage'])
  const limit = Number(usage?.['usageLimit'])
  if (Number.isNaN(used) || Number.isNaN(limit)) return undefined
  return { used, limit, resetsAt: asText(usage?.['resetsAt']) ?? null }
}

/** @returns undefined for a kind of token that HubSpot says nothing about */
export async function readGrantedScopes(
  client: AccountEndpoints,
  context: CallContext,
): Promise<readonly string[] | undefined> {
  const info = await readTokenInfo(client, context)
  return Array.isArray(info?.['scopes']) ? asTexts(info['scopes']) : undefined
}

/** @returns undefined for a kind of token that HubSpot says nothing about */
export const readAppId = async (
  client: AccountEndpoints,
  context: CallContext,
): Promise<string | undefined> => asText((await readTokenInfo(client, context))?.['appId'])

async function readTokenInfo(
  client: AccountEndpoints,
  context: CallContext,
): Promise<Readonly<Record<string, unknown>> | undefined> {
  try {
    return (await client.tokenInfo(context)).body
  } catch (error) {
    const isUnknown = error instanceof DestinationError && error.disposition === 'terminal'
    if (isUnknown && error.status !== 401) return undefined
    throw error
  }
}
