import { printable, UserError } from '../../errors.ts'
import { asRowId } from '../../plan/asked-rows.ts'
import { type Identity, readIdentities } from '../../record/identity.ts'
import type { Ledger } from '../../record/ledger.ts'
import { readUnknownRows } from '../../record/unknown-rows.ts'
import { retried } from '../../run/asking.ts'
import { checkIdentity } from '../../run/prepare/identity-check.ts'
import { schemaReader } from '../../run/prepare/schema-reader.ts'
import { resolveRow, type Verdict } from '../../run/resolve-row.ts'
import type { Sync } from '../../types.ts'
import type { Io } from '../command-line/io.ts'
import type { Arguments } from '../command-line/option.ts'
import { connectHubspot } from '../connect-hubspot.ts'
import { connectWarehouse, ledgerOf } from '../connect-warehouse.ts'
import { type LoadedSyncs, loadSyncs } from '../load-syncs.ts'
import { asksForJson } from '../options.ts'
import { renderTable } from '../render/render-table.ts'
import { countOf } from '../render/words.ts'
import { askingOf } from '../run/asking.ts'
import { readRunSettings } from '../run/run-options.ts'
import { openSession, type Session } from '../session.ts'
import { stateName, syncNamed, underLease } from '../state/state-access.ts'

/** Lists the rows of which nobody knows whether HubSpot has them, or settles one. Writes nothing to HubSpot. */
export async function handle(args: Arguments, io: Io): Promise<number> {
  const verdict = readVerdict(args)
  const session = openSession(args, io)
  const loaded = await loadSyncs(session)
  const asked = args['SYNC']
  const syncs = asked === undefined ? loaded.all : [syncNamed(loaded, String(asked))]
  const warehouse = await connectWarehouse(session)
  try {
    const ledger = ledgerOf(session, warehouse)
    const pinned = await readIdentities(ledger)
    const [sync] = syncs
    if (verdict === undefined || sync === undefined) {
      await list(args, session, ledger, syncs, pinned)
      return 0
    }
    const rowId = asRowId(String(args['KEY']), sync.primaryKey.length)
    await settleOne(session, loaded, ledger, pinned, sync, rowId, verdict)
    return 0
  } finally {
    await warehouse.close()
  }
}

/** @returns undefined where unknown rows are to be listed */
function readVerdict(args: Arguments): Verdict | undefined {
  const usage = (message: string) =>
    new UserError(
      {
        message,
        hint: "backhaul resolve SYNC KEY --record ID: this record is the row's. backhaul resolve SYNC KEY --resend: HubSpot does not have it.",
      },
      { exitCode: 2 },
    )
  const recordId = args['record'] === undefined ? undefined : String(args['record'])
  const isResend = args['resend'] === true
  if (args['KEY'] === undefined) {
    if (recordId === undefined && !isResend) return undefined
    throw usage('A sync and the key of a row are needed')
  }
  if (recordId !== undefined && isResend) throw usage('--record and --resend exclude each other')
  if (isResend) return 'resend'
  if (recordId === undefined) throw usage('What became of the row?')
  if (!/^\d+$/.test(recordId)) throw usage(`--record needs a record id of HubSpot's, a number`)
  return { recordId }
}

async function list(
  args: Arguments,
  { io, say }: Session,
  ledger: Ledger,
  syncs: readonly Sync[],
  pinned: readonly Identity[],
): Promise<void> {
  const found = []
  for (const sync of syncs) {
    const rows = await readUnknownRows(ledger, stateName(sync, pinned))
    found.push(...rows.map((row) => ({ sync: sync.name, ...row })))
  }
  if (asksForJson(args)) {
    io.stdout(`${JSON.stringify({ kind: 'unknown-rows', version: 1, rows: found })}\n`)
    return
  }
  if (found.length === 0) return io.stdout('No row is unknown.\n')
  const table = renderTable(
    found.map(({ sync, rowId, since }) => ({ sync, row: rowId, since })),
    60,
  )
  const messages = [...new Set(found.map(({ errorMessage }) => errorMessage))].flatMap(
    (message) => message ?? [],
  )
  io.stdout(
    [
      `${countOf(found.length, 'row')} may be in HubSpot already, and are not sent again:`,
      ...table,
      ...messages.map((message) => `  ${printable(message)}`),
      "Look in HubSpot which record is a row's, then tell:",
      `  ${say('resolve SYNC KEY --record ID')}    this record is the row's`,
      `  ${say('resolve SYNC KEY --resend')}       HubSpot does not have it; the next run sends it`,
      '',
    ].join('\n'),
  )
}

async function settleOne(
  session: Session,
  loaded: LoadedSyncs,
  ledger: Ledger,
  pinned: readonly Identity[],
  sync: Sync,
  rowId: string,
  verdict: Verdict,
): Promise<void> {
  const { io, say } = session
  const known = { ...sync, name: stateName(sync, pinned) }
  const identity = pinned.find(({ syncName }) => syncName === known.name)
  if (identity === undefined) {
    throw new UserError({ message: 'has no state yet: nothing of it is unknown', sync: sync.name })
  }
  const { destination } = await connectHubspot(session)
  const asking = askingOf(session, destination)
  const account = await retried(asking, () => destination.account(session.drain))
  const schema = await schemaReader(asking)(sync)
  const facts = { sync, schema, account, pinned, definedNames: loaded.definedNames, say }
  const identityVerdict = checkIdentity(facts)
  if (identityVerdict.kind === 'refused') throw new UserError(identityVerdict.problem)
  const context = { ...asking, ledger, settings: readRunSettings(session) }
  const { recordId, isAsSent } = await underLease(session, ledger, [identity], () =>
    resolveRow(context, known, schema, rowId, verdict),
  )
  const row = `Row ${printable(rowId)} of ${sync.name}`
  if (recordId === null) {
    io.stdout(
      `${row}: the next run sends it again. Send now: ${say(`run --select ${sync.name}`)}\n`,
    )
    return
  }
  const values = isAsSent
    ? ''
    : sync.mode === 'insert'
      ? ' Its values differ from what was sent; mode insert leaves them as they are.'
      : ' Its values differ from what was sent; the next run sends them.'
  io.stdout(`${row} is bound to record ${recordId}.${values}\n`)
}
