import { join } from 'node:path'
import { scrubMessage } from '../../destination/hubspot/scrub.ts'
import { UserError } from '../../errors.ts'
import { type Identity, readIdentities } from '../../record/identity.ts'
import type { Ledger } from '../../record/ledger.ts'
import { collectReport, emptyReport, hasAudit } from '../../report/collect.ts'
import { type LiveAccount, liveFolder } from '../../report/live.ts'
import { lastTold } from '../../report/live-tail.ts'
import type { CollectedReport, ReportSync } from '../../report/payload.ts'
import type { Sync } from '../../types.ts'
import type { Arguments } from '../command-line/option.ts'
import { connectWarehouse, ledgerOf, type WarehouseSession } from '../connect-warehouse.ts'
import type { LoadedSyncs } from '../load-syncs.ts'
import { describeReason } from '../render/reasons.ts'
import { recordUrl } from '../render/record-url.ts'
import { isSelective } from '../selection.ts'
import { outputFolder, type Session } from '../session.ts'
import { stateName } from '../state/state-access.ts'
import { readStatuses } from '../state/status-facts.ts'
import type { SyncStatus } from '../state/sync-status.ts'
import { version } from '../version.ts'

/** What of a project a report is of. */
export interface ReportScope {
  readonly session: Session
  readonly loaded: LoadedSyncs
  readonly days: number
  readonly maxChanges: number
  /** Only the selected syncs; otherwise also those that the project does not define any more. */
  readonly isSelected: boolean
}

const defaultDays = 30
const defaultMaxChanges = 100_000
/** Days back to which a moment can still be computed by every engine. */
const mostDays = 3_650
/** What a browser shows of at once is one thing; a file that it can open another. */
const mostChanges = 1_000_000
const msPerDay = 24 * 60 * 60 * 1000

/** @throws UserError with exit code 2 for what is no number of days or changes */
export function readScope(args: Arguments, session: Session, loaded: LoadedSyncs): ReportScope {
  return {
    session,
    loaded,
    days: count(args, 'days', mostDays) ?? defaultDays,
    maxChanges: count(args, 'max-changes', mostChanges) ?? defaultMaxChanges,
    isSelected: isSelective(args),
  }
}

function count(args: Arguments, name: string, most: number): number | undefined {
  const given = args[name]
  if (given === undefined) return undefined
  if (Number.isInteger(given) && Number(given) > 0 && Number(given) <= most) return Number(given)
  throw new UserError(
    {
      message: `--${name} needs a whole number from 1 to ${most}, not ${given}`,
      hint: `For example --${name} ${name === 'days' ? 7 : 1000}; leave it out for ${name === 'days' ? defaultDays : defaultMaxChanges}.`,
    },
    { exitCode: 2 },
  )
}

/** Works with a session of the warehouse of its own: a file of DuckDB is not kept from those who write it. */
export async function withLedger<T>(
  session: WarehouseSession & Pick<Session, 'project'>,
  work: (ledger: Ledger) => Promise<T>,
): Promise<T> {
  const warehouse = await connectWarehouse(session)
  try {
    return await work(ledgerOf(session, warehouse))
  } finally {
    await warehouse.close()
  }
}

/** What the audit has of a scope; an empty report that says so where there is no audit yet. */
export async function collect(scope: ReportScope, ledger: Ledger): Promise<CollectedReport> {
  const { session, loaded, isSelected, days, maxChanges } = scope
  const facts = factsOf(scope, ledger.warehouse.description)
  if (!(await hasAudit(ledger))) return emptyReport(facts, noAudit(ledger))
  const statuses = await readStatuses(
    ledger,
    loaded.selected,
    loaded.definedNames,
    !isSelected,
    session.say,
  )
  const pinned = await readIdentities(ledger)
  const identityOf = ({ sync }: SyncStatus) => {
    const names = namesOf(
      loaded.all.filter(({ name }) => name === sync),
      pinned,
    )
    return pinned.find(({ syncName }) => syncName === sync || names.includes(syncName))
  }
  const told = join(outputFolder(session.project), liveFolder)
  const account = lastTold(told, 'account')
  const { audit } = session.project.settings
  return collectReport(ledger, {
    ...facts,
    days,
    maxChanges,
    syncs: statuses.map((status) => reportSync(status, urlOf(account, identityOf(status)))),
    limit: limitOf(told),
    syncNames: isSelected ? [...namesOf(loaded.selected, pinned), ...loaded.invalid] : undefined,
    showing: { values: audit.values, scrub: (message) => scrubMessage(message) },
    keptRequests: audit.requests,
    describe: describeReason,
  })
}

const noAudit = (ledger: Ledger): string =>
  `No run is recorded in schema ${ledger.location.schema} yet.`

/** What is known without asking the warehouse. */
export function factsOf({ session, days }: ReportScope, description: string) {
  const { io, project } = session
  return {
    generatedAt: new Date(io.clock()).toISOString(),
    since: new Date(io.clock() - days * msPerDay).toISOString(),
    backhaulVersion: version(),
    targetName: project.targetName,
    warehouse: description,
    values: project.settings.audit.values,
  }
}

/** Every name that the audit may know syncs by. */
export const namesOf = (syncs: readonly Sync[], pinned: readonly Identity[]): readonly string[] => [
  ...new Set(
    syncs.flatMap((sync) => [
      sync.name,
      stateName(sync, pinned),
      ...(sync.previousName === undefined ? [] : [sync.previousName]),
    ]),
  ),
]

/** Where records of a sync are in HubSpot's app: its host differs by region, and only runs are told it. */
export function urlOf(
  account: LiveAccount | undefined,
  identity: Identity | undefined,
): string | null {
  if (account?.uiDomain === null || account === undefined || identity === undefined) return null
  if (identity.portalId !== account.portalId || identity.syncType === 'event') return null
  const { portalId, uiDomain } = account
  return recordUrl({ portalId, uiDomain, accountType: '' }, identity.objectType, '')
}

/** The account's limit, as the last run of this machine learnt it. */
function limitOf(folder: string): { readonly requests: number; readonly seconds: number } | null {
  const requests = lastTold(folder, 'calls')?.limitPerTenSeconds ?? null
  return requests === null ? null : { requests, seconds: 10 }
}

function reportSync(status: SyncStatus, url: string | null): ReportSync {
  const { lastRun, underWay } = status
  return {
    name: status.sync,
    model: status.model ?? '',
    object: status.object ?? '',
    type: status.type ?? 'object',
    status: underWay === null ? (lastRun?.status ?? null) : 'running',
    lastRunId: lastRun?.runId ?? null,
    lastSuccessAt: status.lastSuccessAt,
    rows: status.rows ?? {},
    url,
    errors: [...status.errors, ...(status.links?.errors ?? [])].map(
      ({ status: rowStatus, category, rows, exampleRowId, advice }) => ({
        status: rowStatus,
        category,
        rows,
        exampleRowId,
        advice,
      }),
    ),
    nextStep: status.nextStep,
  }
}
