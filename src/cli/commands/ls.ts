import { formatProblem } from '../../errors.ts'
import type { Io } from '../io.ts'
import type { Arguments } from '../option.ts'
import { loadSyncs, openSession } from '../session.ts'

/** Prints the selected syncs, one per line. */
export async function handle(args: Arguments, io: Io): Promise<number> {
  const session = openSession(args, io)
  const { selected, problems } = await loadSyncs(session, args)
  if (args['output'] === 'json') {
    for (const sync of selected) {
      const { model, ...rest } = sync
      io.stdout(
        `${JSON.stringify({ ...rest, model: model.uniqueId, relation: model.relationName })}\n`,
      )
    }
  } else {
    const width = Math.max(...selected.map((sync) => sync.name.length), 4)
    for (const sync of selected) {
      const by = sync.match === undefined ? '' : ` by ${sync.match.property}`
      io.stdout(
        `${sync.name.padEnd(width)}  ${sync.model.name} → ${sync.object} (${sync.mode}${by}, ${sync.mappings.length} properties)\n`,
      )
    }
  }
  for (const problem of problems) session.log.error(formatProblem(problem))
  return problems.length > 0 ? 1 : 0
}
