import { formatProblem, type Problem } from '../../errors.ts'
import type { Io } from '../command-line/io.ts'
import type { Arguments } from '../command-line/option.ts'
import { loadSyncs } from '../load-syncs.ts'
import { openSession } from '../session.ts'

/** What is wrong elsewhere in the project does not make the list wrong. */
const isOfListed = (problem: Problem): boolean => problem.sync !== undefined

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
        `${sync.name.padEnd(width)}  ${sync.model.name} → ${sync.object} (${sync.type === 'list' ? `list, ${sync.mode}` : `${sync.type === 'event' ? 'event' : sync.mode}${by}, ${sync.mappings.length} properties`})\n`,
      )
    }
  }
  for (const problem of problems) {
    const level = isOfListed(problem) ? 'error' : 'warn'
    session.log[level](formatProblem(problem))
  }
  return problems.some(isOfListed) ? 1 : 0
}
