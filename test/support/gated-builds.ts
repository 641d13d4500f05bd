import { mkdirSync, mkdtempSync, realpathSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect } from 'vitest'
import { dbtEnv } from '../../scripts/dbt.mjs'
import { root, run } from '../../scripts/process.mjs'
import { resolveSyncs } from '../../src/config/resolve-syncs.ts'
import { silentLogger } from '../../src/log.ts'
import { type GateMode, gate } from '../../src/manifest/gate.ts'
import { readManifest } from '../../src/manifest/read-manifest.ts'
import { readRunResults } from '../../src/manifest/run-results.ts'

/** A dbt command, and the name under which its artifacts are kept. */
export interface Step {
  readonly name: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** The node at whose start somebody presses Ctrl-C. */
  readonly interruptAt?: string
}

export interface GatedOptions {
  readonly mode?: GateMode
  /** Hours since. */
  readonly later?: number
  /** The step whose manifest is read; default: the last one's. */
  readonly manifest?: string
  /** What this job is called. */
  readonly job?: string
}

/** Writes a project into a new folder. Text is written as it is, anything else as YAML. */
export function writeProject(files: Readonly<Record<string, unknown>>): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'backhaul-gate-')))
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    const text = typeof content === 'string' ? content : JSON.stringify(content)
    writeFileSync(join(folder, path), text)
  }
  return folder
}

/** Runs the steps in one process and returns the names of those that could not be carried out. A failed model is no such thing. */
export async function runSteps(
  folder: string,
  dbtPath: string,
  steps: readonly Step[],
): Promise<readonly string[]> {
  const script = join(root, 'test/support/dbt-steps.py')
  const env = { ...process.env, ...dbtEnv, DBT_PROFILES_DIR: folder }
  const python = join(dirname(dbtPath), 'python')
  const ran = await run(python, [script, JSON.stringify(steps)], { cwd: folder, env })
  expect(ran.code, ran.output).toBe(0)
  const errors: readonly (string | null)[] = JSON.parse(ran.output.trim().split('\n').at(-1) ?? '')
  return steps.flatMap(({ name }, index) => (errors[index] === null ? [] : [name]))
}

export const artifactOf = (folder: string, step: string, file: string): string =>
  join(folder, 'steps', step, file)

/** What becomes of each sync, by the artifacts of one step or several. */
export async function gatedIn(
  folder: string,
  names: readonly string[],
  { mode = 'auto', later = 0, ...more }: GatedOptions = {},
) {
  const last = more.manifest ?? names.at(-1) ?? ''
  const manifest = await readManifest(artifactOf(folder, last, 'manifest.json'), {
    log: silentLogger,
  })
  const { syncs, problems } = resolveSyncs(manifest, {
    projectDir: folder,
    readFile: () => undefined,
  })
  expect(problems).toEqual([])
  const read = await Promise.all(
    names.map((step) => readRunResults(artifactOf(folder, step, 'run_results.json'))),
  )
  const found = gate({
    manifest,
    runResults: read.filter((results) => results !== undefined),
    mode,
    env: more.job === undefined ? {} : { CI_RUN_ID: more.job },
    nowMs: Date.now() + later * 3_600_000,
    maxAgeMs: 24 * 3_600_000,
  })
  const verdicts = new Map(
    syncs.map((sync) => [sync.name, found.verdictOf(sync.model.uniqueId, sync.gate)]),
  )
  return {
    ...found,
    verdicts,
    /** `go`, or the exit code and the reason. */
    told: (name: string): string => {
      const verdict = verdicts.get(name)
      return verdict?.verdict === 'held'
        ? `${verdict.exitCode}: ${verdict.why}`
        : `${verdict?.verdict}`
    },
    causes: (name: string) => {
      const verdict = verdicts.get(name)
      return verdict?.verdict === 'held' ? verdict.causes : []
    },
    going: [...verdicts].flatMap(([name, { verdict }]) => (verdict === 'go' ? [name] : [])).sort(),
  }
}
