import { deleteLabel, listLabels, postLabel, putLabel } from '../endpoints/link-labels.ts'
import {
  archiveLabels,
  archiveLinks,
  createDefaultLinks,
  createLinks,
  deleteLink,
  listLinks,
  putDefaultLink,
  putLink,
  readLinks,
} from '../endpoints/links.ts'
import { area, DATED_VERSION, type Route } from './route.ts'

const batches = area('/crm/v4/associations', `/crm/associations/${DATED_VERSION}`, 'links')
const records = area('/crm/v4/objects', `/crm/objects/${DATED_VERSION}`, 'links')

const PAIR = '/{fromObjectType}/{toObjectType}'
const FROM = '/{objectType}/{objectId}/associations/{toObjectType}'
const DEFAULT = '/{fromObjectType}/{fromObjectId}/associations/default/{toObjectType}/{toObjectId}'

/** Links between records, and their labels. */
export const LINK_ROUTES: readonly Route[] = [
  batches('write', 'associations.batch.create', `POST ${PAIR}/batch/create`, createLinks),
  batches(
    'write',
    'associations.batch.default',
    `POST ${PAIR}/batch/associate/default`,
    createDefaultLinks,
  ),
  batches('write', 'associations.batch.archive', `POST ${PAIR}/batch/archive`, archiveLinks),
  batches('write', 'associations.batch.labels', `POST ${PAIR}/batch/labels/archive`, archiveLabels),
  batches('read', 'associations.batch.read', `POST ${PAIR}/batch/read`, readLinks),
  batches('read', 'associations.labels', `GET ${PAIR}/labels`, listLabels),
  batches('define', 'associations.labels.create', `POST ${PAIR}/labels`, postLabel),
  batches('define', 'associations.labels.update', `PUT ${PAIR}/labels`, putLabel),
  batches(
    'define',
    'associations.labels.archive',
    `DELETE ${PAIR}/labels/{associationTypeId}`,
    deleteLabel,
  ),
  records('read', 'associations.list', `GET ${FROM}`, listLinks),
  records('write', 'associations.default', `PUT ${DEFAULT}`, putDefaultLink),
  records('write', 'associations.set', `PUT ${FROM}/{toObjectId}`, putLink),
  records('write', 'associations.archive', `DELETE ${FROM}/{toObjectId}`, deleteLink),
]
