import { UserError } from '../../errors.ts'
import type { Children } from './children.ts'
import type { Stage } from './stage.ts'

/** Lines of dbt's that say which dbt it is, and how it ended. */
const shownLines = /Running with dbt=|Registered adapter|Finished running|Done\. /

/** `dbt build`; shows a few of its lines, and everything when it failed. */
export async function buildWithDbt(
  program: string,
  children: Children,
  stage: Stage,
): Promise<void> {
  stage.typed('dbt build')
  const { exitCode, output } = await children.run(program, ['build'])
  if (exitCode !== 0) {
    stage.say(output)
    throw new UserError({
      message: `dbt build ended with exit code ${exitCode}`,
      hint: 'Its output is above. BACKHAUL_DBT=none shows the demo without dbt.',
    })
  }
  stage.say(...output.split('\n').filter((line) => shownLines.test(line)))
}
