import type { AssociationSpecAssociationCategoryEnum } from '@hubspot/api-client/lib/codegen/crm/associations/v4/index.js'
import type { LinkTypeRef } from '../../../types.ts'
import type { CallContext, Calls } from '../calls.ts'
import type { Reply } from '../exchange.ts'
import { linksApi, linkTypesApi } from '../sdk.ts'

/** A pair of records, and the types that are set or taken off. */
export interface LinkInput {
  readonly fromId: string
  readonly toId: string
  readonly types: readonly LinkTypeRef[]
}

/** A request that changes the links of some pairs. */
type ChangeLinks = (
  from: string,
  to: string,
  inputs: readonly LinkInput[],
  context: CallContext,
) => Promise<Reply>

/** Links between records of two object types. */
export interface LinkEndpoints {
  /** Types of links, with their labels. */
  listLinkTypes(from: string, to: string, context: CallContext): Promise<Reply>
  readLinks(
    from: string,
    to: string,
    records: readonly { readonly id: string; readonly after?: string }[],
    context: CallContext,
  ): Promise<Reply>
  /** Sets the types of each pair, in place of those that it has. */
  readonly associate: ChangeLinks
  /** Makes the unlabelled link; labels that a pair has stay. */
  readonly associateDefault: ChangeLinks
  /** Takes off all types of each pair. */
  readonly dissociate: ChangeLinks
  /** Takes off the types that are named. */
  readonly dissociateTypes: ChangeLinks
}

export function linkEndpoints({ server, write, read }: Calls): LinkEndpoints {
  const about = (verb: string, ends: string, { length: size }: readonly unknown[]) => ({
    action: `${verb} ${size} ${ends}`,
    size,
  })
  return {
    listLinkTypes: (from, to, context) =>
      read({ action: `list the types of links from ${from} to ${to}` }, context, async (send) =>
        (await linkTypesApi(server, send)).getAll(from, to),
      ),
    readLinks: (from, to, records, context) => {
      const size = records.length
      const action = `read the links of ${size} ${from} to ${to}`
      return read({ action, size }, context, async (send) =>
        // The SDK's type wants `after` always; the API does not.
        (await linksApi(server, send)).getPage(from, to, {
          inputs: records.map((record) => ({ ...record })) as { id: string; after: string }[],
        }),
      )
    },
    associate: (from, to, inputs, context) =>
      write(about('link', `${from} to ${to}`, inputs), context, async (send) =>
        (await linksApi(server, send)).create(from, to, { inputs: inputs.map(typedPair) }),
      ),
    associateDefault: (from, to, inputs, context) =>
      write(about('link', `${from} to ${to}`, inputs), context, async (send) =>
        (await linksApi(server, send)).createDefault(from, to, {
          inputs: inputs.map(({ fromId, toId }) => ({ _from: { id: fromId }, to: { id: toId } })),
        }),
      ),
    dissociate: (from, to, inputs, context) =>
      write(about('unlink', `${from} from ${to}`, inputs), context, async (send) =>
        (await linksApi(server, send)).archive(from, to, { inputs: endsByRecord(inputs) }),
      ),
    dissociateTypes: (from, to, inputs, context) =>
      write(about('unlabel', `${from} to ${to}`, inputs), context, async (send) =>
        (await linksApi(server, send)).archiveLabels(from, to, { inputs: inputs.map(typedPair) }),
      ),
  }
}

/** A pair in the SDK's words. */
const typedPair = ({ fromId, toId, types }: LinkInput) => ({
  _from: { id: fromId },
  to: { id: toId },
  types: types.map(({ category, typeId }) => ({
    associationCategory: category as AssociationSpecAssociationCategoryEnum,
    associationTypeId: typeId,
  })),
})

/** Each record once, with all its other ends, in the SDK's words. */
function endsByRecord(inputs: readonly LinkInput[]) {
  const ends = new Map<string, { id: string }[]>()
  for (const { fromId, toId } of inputs) {
    const others = ends.get(fromId)
    if (others === undefined) ends.set(fromId, [{ id: toId }])
    else others.push({ id: toId })
  }
  return [...ends].map(([id, to]) => ({ _from: { id }, to }))
}
