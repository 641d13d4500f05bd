import { UserError } from '../../errors.ts'
import { removeOldAudit, removeSync } from '../../record/cleaning.ts'
import { readIdentities } from '../../record/identity.ts'
import { hasTable, importTable, type Ledger } from '../../record/ledger.ts'
import { didYouMean } from '../../suggest.ts'
import type { Io } from '../command-line/io.ts'
import { type Arguments, argumentList } from '../command-line/option.ts'
import { connectWarehouse, ledgerOf } from '../connect-warehouse.ts'
import { loadSyncs } from '../load-syncs.ts'
import { countOf } from '../render/words.ts'
import { openSession } from '../session.ts'

/** An import that was cut short leaves tables, and no identity. */
const isImportCutShort = (ledger: Ledger, name: string): Promise<boolean> =>
  hasTable(ledger, importTable(ledger, 'state', name))

/** Removes audit rows past their retention, and all that is known of the syncs named. HubSpot is not touched. */
export async function handle(args: Arguments, io: Io): Promise<number> {
  const session = openSession(args, io)
  const { log, project, say } = session
  const syncs = argumentList(args['sync'])
  const defined = syncs.length === 0 ? new Set<string>() : (await loadSyncs(session)).definedNames
  const warehouse = await connectWarehouse(session)
  try {
    const ledger = ledgerOf(session, warehouse)
    const known = (await readIdentities(ledger)).map((identity) => identity.syncName)
    for (const name of syncs) {
      if (!known.includes(name) && !(await isImportCutShort(ledger, name))) {
        throw new UserError({
          message: `No sync ${name} has a state here`,
          hint: didYouMean(name, known),
        })
      }
      if (defined.has(name)) {
        throw new UserError({
          message: `Sync ${name} is defined in the project: without its state the next run would send every row again`,
          hint: `Remove the sync from the project first. To send everything again: ${say('run --full-refresh')}`,
        })
      }
      await removeSync(ledger, name)
      log.info(`Forgot sync ${name}; its records in HubSpot stay`)
    }
    const days = project.settings.audit.retentionDays
    log.info(
      (await removeOldAudit(ledger, days))
        ? `Removed audit rows older than ${countOf(days, 'day')}`
        : 'There is no audit here yet: nothing to remove',
    )
    return 0
  } finally {
    await warehouse.close()
  }
}
