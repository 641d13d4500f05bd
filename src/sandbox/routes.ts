import { accountDetails, dailyUsage } from './endpoints/account.ts'
import { batchArchive } from './endpoints/batch-archive.ts'
import { batchCreate } from './endpoints/batch-create.ts'
import { batchRead } from './endpoints/batch-read.ts'
import { batchUpdate } from './endpoints/batch-update.ts'
import { batchUpsert } from './endpoints/batch-upsert.ts'
import { mergeEndpoint } from './endpoints/merge.ts'
import { getOwner, listOwners } from './endpoints/owners.ts'
import { getPipeline, listPipelines, listStages } from './endpoints/pipelines.ts'
import {
  archiveProperties,
  createProperties,
  listValidations,
  readProperties,
} from './endpoints/property-batches.ts'
import {
  deleteGroup,
  getGroup,
  listGroups,
  patchGroup,
  postGroup,
} from './endpoints/property-groups.ts'
import {
  deleteProperty,
  getProperty,
  listProperties,
  patchProperty,
  postProperty,
} from './endpoints/property-list.ts'
import type { Endpoint } from './endpoints/request.ts'
import { deleteSchema, getSchema, listSchemas, postSchema } from './endpoints/schemas.ts'
import { searchRecords } from './endpoints/search.ts'
import {
  deleteRecord,
  getRecord,
  listRecords,
  patchRecord,
  postRecord,
} from './endpoints/single-record.ts'
import type { OperationKind } from './request-log.ts'

/** Whose scopes an operation needs: the object type's records or definitions, or a fixed list. */
export type RequiredScopes =
  | { readonly on: 'records' | 'definitions'; readonly access: 'read' | 'write' }
  | readonly string[]

/** One endpoint under its numbered and its dated path. */
export interface Route {
  readonly method: string
  readonly paths: readonly string[]
  readonly operation: string
  readonly kind: OperationKind
  readonly scopes: RequiredScopes
  readonly endpoint: Endpoint
}

/** The date version served beside v3. https://developers.hubspot.com/docs/api-reference/latest/overview */
export const DATED_VERSION = '2026-03'

const OBJECTS = both('/crm/v3/objects', `/crm/objects/${DATED_VERSION}`)
const PROPERTIES = both('/crm/v3/properties', `/crm/properties/${DATED_VERSION}`)
const PIPELINES = both('/crm/v3/pipelines', `/crm/pipelines/${DATED_VERSION}`)
const OWNERS = both('/crm/v3/owners', `/crm/owners/${DATED_VERSION}`)
const SCHEMAS = both(
  '/crm-object-schemas/v3/schemas',
  `/crm-object-schemas/${DATED_VERSION}/schemas`,
)
const ACCOUNT = both('/account-info/v3', `/account-info/${DATED_VERSION}`)
const VALIDATIONS = both(
  '/crm/v3/property-validations',
  `/crm/property-validations/${DATED_VERSION}`,
)

const READ = { on: 'records', access: 'read' } as const
const WRITE = { on: 'records', access: 'write' } as const
const READ_DEFINITIONS = { on: 'definitions', access: 'read' } as const
const WRITE_DEFINITIONS = { on: 'definitions', access: 'write' } as const
const OWNER_SCOPES = ['crm.objects.owners.read']
const READ_SCHEMAS = ['crm.schemas.custom.read']
const WRITE_SCHEMAS = ['crm.schemas.custom.write']
const NONE: readonly string[] = []

/** Every endpoint of the sandbox. More specific paths stand before those with a parameter in the same place. */
export const ROUTES: readonly Route[] = [
  route(
    'POST',
    OBJECTS('/{objectType}/batch/create'),
    'objects.batch.create',
    'write',
    WRITE,
    batchCreate,
  ),
  route('POST', OBJECTS('/{objectType}/batch/read'), 'objects.batch.read', 'read', READ, batchRead),
  route(
    'POST',
    OBJECTS('/{objectType}/batch/update'),
    'objects.batch.update',
    'write',
    WRITE,
    batchUpdate,
  ),
  route(
    'POST',
    OBJECTS('/{objectType}/batch/upsert'),
    'objects.batch.upsert',
    'write',
    WRITE,
    batchUpsert,
  ),
  route(
    'POST',
    OBJECTS('/{objectType}/batch/archive'),
    'objects.batch.archive',
    'write',
    WRITE,
    batchArchive,
  ),
  route('POST', OBJECTS('/{objectType}/search'), 'objects.search', 'search', READ, searchRecords),
  route('POST', OBJECTS('/{objectType}/merge'), 'objects.merge', 'write', WRITE, mergeEndpoint),
  route('GET', OBJECTS('/{objectType}'), 'objects.list', 'read', READ, listRecords),
  route('POST', OBJECTS('/{objectType}'), 'objects.create', 'write', WRITE, postRecord),
  route('GET', OBJECTS('/{objectType}/{objectId}'), 'objects.get', 'read', READ, getRecord),
  route(
    'PATCH',
    OBJECTS('/{objectType}/{objectId}'),
    'objects.update',
    'write',
    WRITE,
    patchRecord,
  ),
  route(
    'DELETE',
    OBJECTS('/{objectType}/{objectId}'),
    'objects.archive',
    'write',
    WRITE,
    deleteRecord,
  ),

  route(
    'POST',
    PROPERTIES('/{objectType}/batch/create'),
    'properties.batch.create',
    'define',
    WRITE_DEFINITIONS,
    createProperties,
  ),
  route(
    'POST',
    PROPERTIES('/{objectType}/batch/read'),
    'properties.batch.read',
    'read',
    READ_DEFINITIONS,
    readProperties,
  ),
  route(
    'POST',
    PROPERTIES('/{objectType}/batch/archive'),
    'properties.batch.archive',
    'define',
    WRITE_DEFINITIONS,
    archiveProperties,
  ),
  route(
    'GET',
    PROPERTIES('/{objectType}/groups'),
    'groups.list',
    'read',
    READ_DEFINITIONS,
    listGroups,
  ),
  route(
    'POST',
    PROPERTIES('/{objectType}/groups'),
    'groups.create',
    'define',
    WRITE_DEFINITIONS,
    postGroup,
  ),
  route(
    'GET',
    PROPERTIES('/{objectType}/groups/{groupName}'),
    'groups.get',
    'read',
    READ_DEFINITIONS,
    getGroup,
  ),
  route(
    'PATCH',
    PROPERTIES('/{objectType}/groups/{groupName}'),
    'groups.update',
    'define',
    WRITE_DEFINITIONS,
    patchGroup,
  ),
  route(
    'DELETE',
    PROPERTIES('/{objectType}/groups/{groupName}'),
    'groups.archive',
    'define',
    WRITE_DEFINITIONS,
    deleteGroup,
  ),
  route(
    'GET',
    PROPERTIES('/{objectType}'),
    'properties.list',
    'read',
    READ_DEFINITIONS,
    listProperties,
  ),
  route(
    'POST',
    PROPERTIES('/{objectType}'),
    'properties.create',
    'define',
    WRITE_DEFINITIONS,
    postProperty,
  ),
  route(
    'GET',
    PROPERTIES('/{objectType}/{propertyName}'),
    'properties.get',
    'read',
    READ_DEFINITIONS,
    getProperty,
  ),
  route(
    'PATCH',
    PROPERTIES('/{objectType}/{propertyName}'),
    'properties.update',
    'define',
    WRITE_DEFINITIONS,
    patchProperty,
  ),
  route(
    'DELETE',
    PROPERTIES('/{objectType}/{propertyName}'),
    'properties.archive',
    'define',
    WRITE_DEFINITIONS,
    deleteProperty,
  ),
  route(
    'GET',
    VALIDATIONS('/{objectType}'),
    'validations.list',
    'read',
    READ_DEFINITIONS,
    listValidations,
  ),

  route(
    'GET',
    PIPELINES('/{objectType}'),
    'pipelines.list',
    'read',
    READ_DEFINITIONS,
    listPipelines,
  ),
  route(
    'GET',
    PIPELINES('/{objectType}/{pipelineId}'),
    'pipelines.get',
    'read',
    READ_DEFINITIONS,
    getPipeline,
  ),
  route(
    'GET',
    PIPELINES('/{objectType}/{pipelineId}/stages'),
    'pipelines.stages',
    'read',
    READ_DEFINITIONS,
    listStages,
  ),

  route('GET', SCHEMAS(''), 'schemas.list', 'read', READ_SCHEMAS, listSchemas),
  route('POST', SCHEMAS(''), 'schemas.create', 'define', WRITE_SCHEMAS, postSchema),
  route('GET', SCHEMAS('/{objectType}'), 'schemas.get', 'read', NONE, getSchema),
  route(
    'DELETE',
    SCHEMAS('/{objectType}'),
    'schemas.archive',
    'define',
    WRITE_SCHEMAS,
    deleteSchema,
  ),

  route('GET', OWNERS(''), 'owners.list', 'read', OWNER_SCOPES, listOwners),
  route('GET', OWNERS('/{ownerId}'), 'owners.get', 'read', OWNER_SCOPES, getOwner),
  route('GET', ACCOUNT('/details'), 'account.details', 'account', NONE, accountDetails),
  route(
    'GET',
    ACCOUNT('/api-usage/daily/private-apps'),
    'account.usage',
    'account',
    NONE,
    dailyUsage,
  ),
]

function both(numbered: string, dated: string): (rest: string) => readonly string[] {
  return (rest) => [numbered + rest, dated + rest]
}

function route(
  method: string,
  paths: readonly string[],
  operation: string,
  kind: OperationKind,
  scopes: RequiredScopes,
  endpoint: Endpoint,
): Route {
  return { method, paths, operation, kind, scopes, endpoint }
}
