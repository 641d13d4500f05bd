import type { PublicObjectSearchRequest } from '@hubspot/api-client/lib/codegen/crm/objects/index.js'
import type { CallContext, Calls } from '../calls.ts'
import type { Reply } from '../exchange.ts'
import { objectsApi, searchApi } from '../sdk.ts'
import type { SearchBody } from '../search-body.ts'

export interface CreateInput {
  readonly properties: Readonly<Record<string, string>>
  readonly objectWriteTraceId: string
}

export interface UpdateInput extends CreateInput {
  readonly id: string
}

export interface UpsertInput extends UpdateInput {
  readonly idProperty: string
}

export interface ReadInputs {
  readonly ids: readonly string[]
  /** Absent: `ids` are record ids. */
  readonly idProperty?: string
  readonly properties: readonly string[]
  /** Properties whose history is read. */
  readonly histories?: readonly string[]
  /** Archived records only. */
  readonly isArchived?: boolean
}

/** Records of one object type (`type`: path segment, or objectTypeId). */
export interface RecordEndpoints {
  createBatch(type: string, inputs: readonly CreateInput[], context: CallContext): Promise<Reply>
  updateBatch(type: string, inputs: readonly UpdateInput[], context: CallContext): Promise<Reply>
  upsertBatch(type: string, inputs: readonly UpsertInput[], context: CallContext): Promise<Reply>
  archiveBatch(type: string, ids: readonly string[], context: CallContext): Promise<Reply>
  readBatch(type: string, inputs: ReadInputs, context: CallContext): Promise<Reply>
  /** @param values asked for, for the record of requests */
  search(type: string, values: number, body: SearchBody, context: CallContext): Promise<Reply>
}

export function recordEndpoints({ server, write, read }: Calls): RecordEndpoints {
  const about = (verb: string, type: string, { length: size }: readonly unknown[]) => ({
    action: `${verb} ${size} ${type}`,
    size,
  })
  return {
    createBatch: (type, inputs, context) =>
      write(about('create', type, inputs), context, async (send) =>
        (await objectsApi(server, send)).create(type, {
          inputs: inputs.map((input) => ({ ...input, associations: [] })),
        }),
      ),
    updateBatch: (type, inputs, context) =>
      write(about('update', type, inputs), context, async (send) =>
        (await objectsApi(server, send)).update(type, { inputs: [...inputs] }),
      ),
    upsertBatch: (type, inputs, context) =>
      write(about('upsert', type, inputs), context, async (send) =>
        (await objectsApi(server, send)).upsert(type, { inputs: [...inputs] }),
      ),
    archiveBatch: (type, ids, context) =>
      write(about('archive', type, ids), context, async (send) =>
        (await objectsApi(server, send)).archive(type, { inputs: ids.map((id) => ({ id })) }),
      ),
    readBatch: (type, inputs, context) =>
      read(about('read', type, inputs.ids), context, async (send) =>
        (await objectsApi(server, send)).read(
          type,
          {
            inputs: inputs.ids.map((id) => ({ id })),
            properties: [...inputs.properties],
            propertiesWithHistory: [...(inputs.histories ?? [])],
            ...(inputs.idProperty === undefined ? {} : { idProperty: inputs.idProperty }),
          },
          inputs.isArchived === true,
        ),
      ),
    search: (type, values, body, context) =>
      read(
        { action: `search ${type} by ${values} values`, size: values, lane: 'search' },
        context,
        // The SDK's type wants its own enum for the operator; the text is the same.
        async (send) =>
          (await searchApi(server, send)).doSearch(
            type,
            body as unknown as PublicObjectSearchRequest,
          ),
      ),
  }
}
