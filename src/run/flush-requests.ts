import { storeRequests } from '../record/runs.ts'
import type { RunContext } from './context.ts'

/** API calls held back where each upload is billed; a bound on memory. */
const maxHeldRequests = 20_000

/** Moves the buffered API calls into the audit, as far as it keeps them. `isLast`: nothing may be held back. */
export async function flushRequests(
  context: RunContext,
  runId: string | null,
  isLast = false,
): Promise<void> {
  const requests = context.takeRequests()
  const { auditRequests } = context.settings
  if (auditRequests === 'none') return
  const kept =
    auditRequests === 'errors'
      ? requests.filter((request) => request.errorCategory !== null)
      : requests
  const held = context.heldRequests
  held.push(...kept.map((request) => ({ ...request, runId })))
  const { billsStatements } = context.ledger.warehouse.dialect.capabilities
  if (billsStatements && !isLast && held.length < maxHeldRequests) return
  await storeRequests(context.ledger, context.invocationId, held.splice(0))
}
