import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative, resolve } from 'node:path'
import { type Sandbox, startSandbox } from '../../sandbox/sandbox.ts'
import type { Io } from '../command-line/io.ts'
import type { Arguments } from '../command-line/option.ts'
import { childrenIn, withoutForeign } from '../demo/children.ts'
import { copyExampleProject, exampleLabels, exampleOwners } from '../demo/example-project.ts'
import { findDbt } from '../demo/find-dbt.ts'
import { openStage, type Stage } from '../demo/stage.ts'
import { tellStory } from '../demo/story.ts'
import { createLabel, createProperties } from './sandbox.ts'

/** Shows the whole story on a copy of the example project and a HubSpot of its own; leaves nothing behind but a report where it is asked for. */
export async function handle(args: Arguments, io: Io): Promise<number> {
  const startedMs = io.clock()
  const interrupt = new AbortController()
  io.onInterrupt(
    () => interrupt.abort(),
    () => {},
  )
  const stage = openStage(io)
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'backhaul-demo-')))
  const remove = () => {
    if (args['keep'] !== true) rmSync(folder, { recursive: true, force: true })
  }
  // Whoever reads our output may stop early (`backhaul demo | head`), which ends this process at once.
  const onExit = () => {
    interrupt.abort()
    remove()
  }
  process.once('exit', onExit)
  let sandbox: Sandbox | undefined
  try {
    sandbox = await startSandbox()
    const reportFile =
      args['report'] === undefined ? undefined : resolve(io.cwd, String(args['report']))
    await play({ folder, sandbox, stage, io, signal: interrupt.signal, reportFile })
    stage.say('', verdict(stage, (io.clock() - startedMs) / 1000))
    return stage.failed() === 0 ? 0 : 1
  } catch (error) {
    if (!interrupt.signal.aborted) throw error
    return 2
  } finally {
    await sandbox?.close()
    process.off('exit', onExit)
    remove()
    if (args['keep'] === true) stage.say(`Kept: ${folder}`)
  }
}

function verdict({ paint, ...stage }: Stage, seconds: number): string {
  const all = stage.claimed()
  const failed = stage.failed()
  return failed === 0
    ? paint.green(`All ${all} claims hold (${seconds.toFixed(0)} seconds).`)
    : paint.red(`${failed} of ${all} claims do not hold.`)
}

interface Set {
  readonly folder: string
  readonly sandbox: Sandbox
  readonly stage: Stage
  readonly io: Io
  readonly signal: AbortSignal
  readonly reportFile: string | undefined
}

async function play({ folder, sandbox, stage, io, signal, reportFile }: Set): Promise<void> {
  copyExampleProject(folder)
  createProperties(sandbox, join(folder, 'hubspot', 'properties.json'))
  exampleOwners.forEach(sandbox.defineOwner)
  for (const label of exampleLabels) createLabel(sandbox, label)
  const env = {
    ...withoutForeign(io.env),
    DBT_PROFILES_DIR: folder,
    DBT_SEND_ANONYMOUS_USAGE_STATS: 'false',
    DBT_USE_COLORS: String(io.usesColours),
    HUBSPOT_BASE_URL: sandbox.url,
    HUBSPOT_ACCESS_TOKEN: sandbox.token,
    ...(io.usesColours ? { FORCE_COLOR: '1' } : {}),
  }
  const children = childrenIn({ cwd: folder, env, signal })
  const dbt = await findDbt(io.env['BACKHAUL_DBT'], children)
  stage.say(
    'A dbt project of a software firm, its warehouse in DuckDB, and a HubSpot account.',
    '',
    `  project  a copy of dbt_project_example in ${folder}`,
    `  HubSpot  a local one at ${sandbox.url}, portal ${sandbox.portalId}`,
    'program' in dbt
      ? `  dbt      ${shorter(dbt.program, relative(io.cwd, dbt.program))}`
      : `  dbt      none (${dbt.missing}): the tables are built by the SQL that it compiled before`,
  )
  const cli = [process.execPath, process.argv[1] ?? ''] as const
  await tellStory({ folder, dbt, sandbox, children, cli, stage, reportFile })
}

const shorter = (one: string, other: string): string => (other.length < one.length ? other : one)
