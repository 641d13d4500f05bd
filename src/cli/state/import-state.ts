import { readIdentities } from '../../record/identity.ts'
import { ensureSchema } from '../../record/schema/ensure-tables.ts'
import { openStateImport, type StateImport } from '../../record/state-lines.ts'
import { connectWarehouse, ledgerOf } from '../connect-warehouse.ts'
import { loadSyncs } from '../load-syncs.ts'
import { countOf } from '../render/words.ts'
import type { Session } from '../session.ts'
import { checkAll, refuseTaken } from './chosen-identities.ts'
import { underLease } from './state-access.ts'
import { examineStateFile, readStateFile } from './state-file.ts'

/** Takes the state of all syncs that a file has. */
export async function importState(session: Session, path: string): Promise<void> {
  const { header, syncs } = await examineStateFile(path)
  const loaded = await loadSyncs(session)
  await checkAll(session, loaded, syncs)
  const warehouse = await connectWarehouse(session)
  try {
    const ledger = ledgerOf(session, warehouse)
    await ensureSchema(ledger)
    const taken = await readIdentities(ledger)
    refuseTaken(ledger, syncs, taken, 'Leave it out of the export with --exclude')
    await underLease(session, ledger, syncs, async (check) => {
      let into: StateImport | undefined
      for await (const line of readStateFile(path)) {
        if (line.kind === 'sync') into = await openStateImport(ledger, line, header.engine)
        else if (line.kind === 'end') await told(session, line.syncName, into?.finish(check))
        else if (line.kind !== 'backhaul-state') await into?.add(line.kind, line.values)
      }
    })
  } finally {
    await warehouse.close()
  }
}

/** Says that a sync was taken over, once it is. */
export async function told(
  { io }: Session,
  name: string,
  done: ReturnType<StateImport['finish']> | undefined,
): Promise<void> {
  const counts = await done
  io.stdout(`Took over sync ${name}: ${countOf(counts?.rows ?? 0, 'row')}\n`)
}
