import { UserError } from '../../errors.ts'
import type { Io } from '../command-line/io.ts'
import type { Arguments } from '../command-line/option.ts'
import { keepHeapSmall } from '../run/small-heap.ts'
import { openSession } from '../session.ts'
import { exportState } from '../state/export-state.ts'
import { importState } from '../state/import-state.ts'
import { moveState } from '../state/move-state.ts'

/** Copies the state of syncs to a file, takes it from one, or moves it here from another place. HubSpot is only asked who it is. */
export async function handle(args: Arguments, io: Io): Promise<number> {
  keepHeapSmall()
  const session = openSession(args, io)
  switch (args['ACTION']) {
    case 'export':
      await exportState(session, args, fileOf(args))
      return 0
    case 'import':
      await importState(session, fileOf(args))
      return 0
    default:
      await moveState(session, args)
      return 0
  }
}

function fileOf(args: Arguments): string {
  if (args['FILE'] !== undefined) return String(args['FILE'])
  throw new UserError(
    {
      message: `backhaul state ${args['ACTION']} needs a file`,
      hint: `For example: backhaul state ${args['ACTION']} state.ndjson`,
    },
    { exitCode: 2 },
  )
}
