import { printable, UserError } from '../../errors.ts'
import { asRowId } from '../../plan/asked-rows.ts'
import { type Identity, readIdentities } from '../../record/identity.ts'
import type { Ledger } from '../../record/ledger.ts'
import { countParked, type ParkedRows, retryLinks, retryRows } from '../../record/retry-rows.ts'
import { readStateRow } from '../../record/row-history.ts'
import { readStateGroups } from '../../record/status.ts'
import type { Sync } from '../../types.ts'
import type { Io } from '../command-line/io.ts'
import { type Arguments, argumentList } from '../command-line/option.ts'
import { connectWarehouse, ledgerOf } from '../connect-warehouse.ts'
import { loadSyncs } from '../load-syncs.ts'
import { keyWord } from '../render/shell-word.ts'
import { countOf } from '../render/words.ts'
import { openSession, type Session } from '../session.ts'
import { stateName, syncNamed, underLease } from '../state/state-access.ts'

/** Lets the next run try parked rows again. Sends nothing. */
export async function handle(args: Arguments, io: Io): Promise<number> {
  const session = openSession(args, io)
  const loaded = await loadSyncs(session)
  const asked = args['SYNC']
  const rows = argumentList(args['row'])
  if (asked === undefined && rows.length > 0) {
    throw new UserError(
      {
        message: '--row needs the sync of the row',
        hint: 'For example: backhaul retry contacts --row 42',
      },
      { exitCode: 2 },
    )
  }
  const syncs = asked === undefined ? loaded.all : [syncNamed(loaded, String(asked))]
  const warehouse = await connectWarehouse(session)
  try {
    const ledger = ledgerOf(session, warehouse)
    const pinned = await readIdentities(ledger)
    let total = 0
    let isAllKnown = true
    for (const sync of syncs) {
      const identity = pinned.find(({ syncName }) => syncName === stateName(sync, pinned))
      if (identity === undefined) continue
      const parked = meant(args, sync)
      isAllKnown &&= await tellOthers(session, ledger, sync.name, identity.syncName, parked)
      const retried = await retryOne(session, ledger, identity, parked, 'rows')
      const links = await retryOne(session, ledger, identity, parked, 'links')
      total += retried + links
      if (links > 0) {
        io.stdout(
          `${countOf(links, 'parked link')} of ${sync.name}: the next run tries ${links === 1 ? 'it' : 'them'} again. Send now: ${session.say(`run --select ${sync.name}`)}\n`,
        )
      }
      if (retried > 0) {
        io.stdout(
          `${countOf(retried, 'parked row')} of ${sync.name}: the next run tries ${retried === 1 ? 'it' : 'them'} again. Send now: ${session.say(`run --select ${sync.name}`)}\n`,
        )
      } else if (links === 0 && (asked !== undefined || parked.categories !== undefined)) {
        await sayWhyNone(io, ledger, sync.name, identity.syncName, parked)
      }
    }
    if (total === 0) io.stdout('No parked rows to try again.\n')
    return isAllKnown ? 0 : 1
  } finally {
    await warehouse.close()
  }
}

function meant(args: Arguments, sync: Sync): ParkedRows {
  const rows = argumentList(args['row']).map((row) => asRowId(row, sync.primaryKey.length))
  const categories = argumentList(args['error']).map((category) => category.toUpperCase())
  return {
    ...(rows.length === 0 ? {} : { rowIds: rows }),
    ...(categories.length === 0 ? {} : { categories }),
  }
}

async function retryOne(
  session: Session,
  ledger: Ledger,
  identity: Identity,
  parked: ParkedRows,
  of: 'rows' | 'links',
): Promise<number> {
  // Where nothing is parked, nobody has to be kept away.
  if ((await countParked(ledger, identity.syncName, parked, of)) === 0) return 0
  const retry = of === 'rows' ? retryRows : retryLinks
  return underLease(session, ledger, [identity], () => retry(ledger, identity.syncName, parked))
}

/** Says which of the rows asked for are not parked. @returns false when the sync has never met one of them */
async function tellOthers(
  { io, say }: Session,
  ledger: Ledger,
  sync: string,
  pinnedName: string,
  { rowIds = [] }: ParkedRows,
): Promise<boolean> {
  let isAllKnown = true
  for (const rowId of rowIds) {
    const row = await readStateRow(ledger, pinnedName, rowId)
    if (row === undefined) {
      isAllKnown = false
      io.stdout(
        `Sync ${sync} has met no row ${printable(rowId)}: ${say(`show ${sync} ${keyWord(rowId)}`)}\n`,
      )
    } else if (row.status !== 'parked') {
      io.stdout(`Row ${printable(rowId)} of ${sync} is not parked: ${row.status}\n`)
    }
  }
  return isAllKnown
}

/** What is parked instead of what was asked for. */
async function sayWhyNone(
  io: Io,
  ledger: Ledger,
  sync: string,
  pinnedName: string,
  { categories, rowIds }: ParkedRows,
): Promise<void> {
  if (categories === undefined && rowIds === undefined) return
  const groups = (await readStateGroups(ledger, pinnedName)) ?? []
  const parked = groups.filter(({ status }) => status === 'parked')
  if (parked.length === 0) return
  const words = parked.map(({ category, rows }) => `${category ?? 'UNKNOWN'} (${rows})`)
  io.stdout(`Parked rows of ${sync} by error: ${words.join(', ')}\n`)
}
