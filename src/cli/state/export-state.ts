import { readStateLines, type StateLine, stateLinesVersion } from '../../record/state-lines.ts'
import type { Arguments } from '../command-line/option.ts'
import { connectWarehouse, ledgerOf } from '../connect-warehouse.ts'
import { countOf } from '../render/words.ts'
import type { Session } from '../session.ts'
import { version } from '../version.ts'
import { chosenIdentities, loadChosen, refuseOpenRuns } from './chosen-identities.ts'
import { underLease } from './state-access.ts'
import { writeStateFile } from './state-file.ts'

/** Copies the state of the chosen syncs to a file. */
export async function exportState(session: Session, args: Arguments, path: string): Promise<void> {
  const loaded = await loadChosen(session, args)
  const warehouse = await connectWarehouse(session)
  try {
    const ledger = ledgerOf(session, warehouse)
    const identities = await chosenIdentities(args, loaded, ledger)
    let rows = 0
    async function* lines(): AsyncIterable<readonly StateLine[]> {
      yield [
        {
          kind: 'backhaul-state',
          version: stateLinesVersion,
          backhaul: version(),
          exportedAt: new Date(session.io.clock()).toISOString(),
          engine: warehouse.dialect.name,
          syncs: identities.map(({ syncName }) => syncName),
        },
      ]
      for (const identity of identities) {
        for await (const some of readStateLines(ledger, identity)) {
          rows += some.filter(({ kind }) => kind === 'row').length
          yield some
        }
      }
    }
    await underLease(session, ledger, identities, async () => {
      await refuseOpenRuns(session.say, ledger, identities)
      await writeStateFile(path, lines())
    })
    session.io.stdout(
      `Exported ${countOf(identities.length, 'sync')}, ${countOf(rows, 'row')}, to ${path}. It holds property values: keep it as you keep the state.\n`,
    )
  } finally {
    await warehouse.close()
  }
}
