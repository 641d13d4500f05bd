import { UserError } from '../../errors.ts'
import { type Identity, readIdentities } from '../../record/identity.ts'
import type { ObjectSchema, Sync } from '../../types.ts'
import type { AskingContext } from '../asking.ts'
import type { PreparedSync, RunContext } from '../context.ts'
import { findTargetList } from '../members/list.ts'
import { checkSync } from './check-sync.ts'
import { checkIdentity, type IdentityVerdict } from './identity-check.ts'
import { historyOf, ownOf } from './sync-history.ts'

type ReadingContext = Pick<RunContext, 'ledger' | 'account' | 'newId'> & AskingContext

/** What is known of a sync. @throws UserError where it is another one than its state is of */
export async function identify(
  { ledger, account, say }: Pick<ReadingContext, 'ledger' | 'account' | 'say'>,
  sync: Sync,
  schema: ObjectSchema,
  definedNames: ReadonlySet<string>,
): Promise<{
  readonly pinned: readonly Identity[]
  readonly verdict: Exclude<IdentityVerdict, { readonly kind: 'refused' }>
}> {
  const pinned = await readIdentities(ledger)
  const verdict = checkIdentity({ sync, schema, account, pinned, definedNames, say })
  if (verdict.kind === 'refused') throw new UserError(verdict.problem)
  return { pinned, verdict }
}

/**
 * Checks a sync whose state is looked at, and leaves everything as it is: a state that has another name goes by that.
 *
 * @throws UserError with every problem found
 */
export async function prepareReading(
  context: ReadingContext,
  sync: Sync,
  schema: ObjectSchema,
  definedNames: ReadonlySet<string>,
): Promise<PreparedSync> {
  const { bound, missing } = await checkSync(context, sync, schema)
  const { pinned, verdict } = await identify(context, sync, schema, definedNames)
  const own = ownOf(sync, pinned, verdict)
  const list =
    sync.list === undefined || verdict.kind === 'first'
      ? undefined
      : await findTargetList(context, sync, sync.list, schema, own, pinned)
  return {
    sync: verdict.kind === 'renamed' ? { ...sync, name: verdict.from } : sync,
    schema,
    bound,
    lacking: missing,
    missing,
    runId: context.newId(),
    warnings: [],
    ...(list === undefined ? {} : { list }),
    ...historyOf(sync, pinned, verdict),
  }
}
