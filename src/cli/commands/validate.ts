import { formatProblem, type Problem, UserError } from '../../errors.ts'
import { checkSync, schemaReader } from '../../run/prepare.ts'
import { checkWhere } from '../../run/where-check.ts'
import type { Io } from '../io.ts'
import type { Arguments } from '../option.ts'
import {
  connectHubspot,
  connectWarehouse,
  ledgerOf,
  loadSyncs,
  openSession,
  sleep,
} from '../session.ts'
import { countOf } from '../words.ts'

/** Checks all selected syncs and reports every problem at once. */
export async function handle(args: Arguments, io: Io): Promise<number> {
  const session = openSession(args, io)
  const { selected, invalid, problems } = await loadSyncs(session, args)
  const all: Problem[] = [...problems]
  if (args['offline'] !== true && selected.length > 0) {
    const { destination } = await connectHubspot(session)
    const warehouse = await connectWarehouse(session)
    try {
      const readSchema = schemaReader({
        ...session,
        destination,
        clock: io.clock,
        random: io.random,
        sleep,
      })
      for (const sync of selected) {
        try {
          const schema = await readSchema(sync)
          await checkSync({ ledger: ledgerOf(session, warehouse) }, sync, schema)
          await checkWhere(warehouse, sync)
        } catch (error) {
          if (!(error instanceof UserError)) throw error
          all.push(...error.problems)
        }
      }
    } finally {
      await warehouse.close()
    }
  }
  if (args['output'] === 'json')
    io.stdout(`${JSON.stringify({ valid: all.length === 0, problems: all })}\n`)
  else for (const problem of all) io.stdout(`${formatProblem(problem)}\n`)
  const syncs = countOf(selected.length + invalid.length, 'sync')
  if (all.length > 0) {
    session.log.error(`${countOf(all.length, 'problem')} in ${syncs}`)
    return 1
  }
  session.log.info(`${syncs} valid${args['offline'] === true ? ' (files only)' : ''}`)
  return 0
}
