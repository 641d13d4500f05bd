import { batchArchive } from '../endpoints/batch-archive.ts'
import { batchCreate } from '../endpoints/batch-create.ts'
import { batchRead } from '../endpoints/batch-read.ts'
import { batchUpdate } from '../endpoints/batch-update.ts'
import { batchUpsert } from '../endpoints/batch-upsert.ts'
import { mergeEndpoint } from '../endpoints/merge.ts'
import { searchRecords } from '../endpoints/search.ts'
import {
  deleteRecord,
  getRecord,
  listRecords,
  patchRecord,
  postRecord,
} from '../endpoints/single-record.ts'
import { area, DATED_VERSION, type Route } from './route.ts'

const records = area('/crm/v3/objects', `/crm/objects/${DATED_VERSION}`, 'records')

/** Reading and writing records. */
export const RECORD_ROUTES: readonly Route[] = [
  records('write', 'objects.batch.create', 'POST /{objectType}/batch/create', batchCreate),
  records('read', 'objects.batch.read', 'POST /{objectType}/batch/read', batchRead),
  records('write', 'objects.batch.update', 'POST /{objectType}/batch/update', batchUpdate),
  records('write', 'objects.batch.upsert', 'POST /{objectType}/batch/upsert', batchUpsert),
  records('write', 'objects.batch.archive', 'POST /{objectType}/batch/archive', batchArchive),
  records('search', 'objects.search', 'POST /{objectType}/search', searchRecords),
  records('write', 'objects.merge', 'POST /{objectType}/merge', mergeEndpoint),
  records('read', 'objects.list', 'GET /{objectType}', listRecords),
  records('write', 'objects.create', 'POST /{objectType}', postRecord),
  records('read', 'objects.get', 'GET /{objectType}/{objectId}', getRecord),
  records('write', 'objects.update', 'PATCH /{objectType}/{objectId}', patchRecord),
  records('write', 'objects.archive', 'DELETE /{objectType}/{objectId}', deleteRecord),
]
