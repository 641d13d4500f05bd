import { getPipeline, listPipelines, listStages } from '../endpoints/pipelines.ts'
import {
  archiveProperties,
  createProperties,
  readProperties,
} from '../endpoints/property-batches.ts'
import {
  deleteGroup,
  getGroup,
  listGroups,
  patchGroup,
  postGroup,
} from '../endpoints/property-groups.ts'
import {
  deleteProperty,
  getProperty,
  listProperties,
  patchProperty,
  postProperty,
} from '../endpoints/property-list.ts'
import { deleteSchema, getSchema, listSchemas, postSchema } from '../endpoints/schemas.ts'
import {
  getValidation,
  getValidations,
  listValidations,
  putValidation,
} from '../endpoints/validations.ts'
import { area, DATED_VERSION, type Route } from './route.ts'

const properties = area('/crm/v3/properties', `/crm/properties/${DATED_VERSION}`, 'definitions')
const pipelines = area('/crm/v3/pipelines', `/crm/pipelines/${DATED_VERSION}`, 'definitions')
const validations = area(
  '/crm/v3/property-validations',
  `/crm/property-validations/${DATED_VERSION}`,
  'definitions',
)
const schemas = area(
  '/crm-object-schemas/v3/schemas',
  `/crm-object-schemas/${DATED_VERSION}/schemas`,
  {
    read: ['crm.schemas.custom.read', 'crm.objects.custom.read'],
    write: ['crm.schemas.custom.write'],
  },
)

const BATCH = '/{objectType}/batch'
const GROUP = '/{objectType}/groups/{groupName}'
const PROPERTY = '/{objectType}/{propertyName}'
const RULE = '/{objectType}/{propertyName}/rule-type/{ruleType}'

/** Properties, pipelines and object types. `groups` stands before `{propertyName}`: the first that fits wins. */
export const DEFINITION_ROUTES: readonly Route[] = [
  properties('define', 'properties.batch.create', `POST ${BATCH}/create`, createProperties),
  properties('read', 'properties.batch.read', `POST ${BATCH}/read`, readProperties),
  properties('define', 'properties.batch.archive', `POST ${BATCH}/archive`, archiveProperties),
  properties('read', 'groups.list', 'GET /{objectType}/groups', listGroups),
  properties('define', 'groups.create', 'POST /{objectType}/groups', postGroup),
  properties('read', 'groups.get', `GET ${GROUP}`, getGroup),
  properties('define', 'groups.update', `PATCH ${GROUP}`, patchGroup),
  properties('define', 'groups.archive', `DELETE ${GROUP}`, deleteGroup),
  properties('read', 'properties.list', 'GET /{objectType}', listProperties),
  properties('define', 'properties.create', 'POST /{objectType}', postProperty),
  properties('read', 'properties.get', `GET ${PROPERTY}`, getProperty),
  properties('define', 'properties.update', `PATCH ${PROPERTY}`, patchProperty),
  properties('define', 'properties.archive', `DELETE ${PROPERTY}`, deleteProperty),
  validations('read', 'validations.list', 'GET /{objectType}', listValidations),
  validations('read', 'validations.of', `GET ${PROPERTY}`, getValidations),
  validations('read', 'validations.get', `GET ${RULE}`, getValidation),
  validations('define', 'validations.set', `PUT ${RULE}`, putValidation),

  pipelines('read', 'pipelines.list', 'GET /{objectType}', listPipelines),
  pipelines('read', 'pipelines.get', 'GET /{objectType}/{pipelineId}', getPipeline),
  pipelines('read', 'pipelines.stages', 'GET /{objectType}/{pipelineId}/stages', listStages),

  schemas('read', 'schemas.list', 'GET', listSchemas),
  schemas('define', 'schemas.create', 'POST', postSchema),
  schemas('read', 'schemas.get', 'GET /{objectType}', getSchema),
  schemas('define', 'schemas.archive', 'DELETE /{objectType}', deleteSchema),
]
