import { randomUUID } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { stringify } from 'yaml'
import type { Io } from '../../src/cli/command-line/io.ts'
import { parseCommandLine } from '../../src/cli/command-line/parse.ts'
import { reportFailure } from '../../src/cli/failure.ts'
import { noTelemetry } from '../../src/cli/telemetry/telemetry.ts'
import type { Problem } from '../../src/errors.ts'
import { startSandbox } from '../../src/sandbox/sandbox.ts'
import { bareEnvironment } from '../support/cli.ts'
import { createProject, type TestProject } from '../support/project.ts'
import { faultsOf, internals } from './clear-problem.ts'
import { documentOf, nodesOf, yamlFile } from './dbt-files.ts'
import { definitionWithMistakes } from './mutations.ts'
import { type Definition, definePortal, peopleTable } from './sync-definitions.ts'

/** Writes what dbt would have read and written. */
function write(project: TestProject, definition: Definition): void {
  const document = documentOf(definition)
  const metadata = {
    dbt_schema_version: 'https://schemas.getdbt.com/dbt/manifest/v12.json',
    dbt_version: '1.11.0',
    adapter_type: 'duckdb',
    project_name: 'shop',
    generated_at: new Date().toISOString(),
    invocation_id: randomUUID(),
  }
  writeFileSync(join(project.dir, yamlFile), stringify(document))
  writeFileSync(
    join(project.dir, 'target', 'manifest.json'),
    JSON.stringify({ metadata, ...nodesOf(document, project.relation('people')) }),
  )
}

/** Runs a command in this process: hundreds of them take a second each when they are started. */
async function runHere(project: TestProject, argv: readonly string[]) {
  let stdout = ''
  let stderr = ''
  const io: Io = {
    env: { ...bareEnvironment(), ...project.env },
    cwd: project.dir,
    terminalColumns: undefined,
    usesColours: false,
    logUsesColours: false,
    isTerminal: false,
    stdout: (text) => {
      stdout += text
    },
    stderr: (text) => {
      stderr += text
    },
    telemetry: noTelemetry,
    leave: () => Promise.reject(new TypeError('nothing is left open')),
    pin: () => {},
    logColumns: () => 80,
    hide: () => {},
    clock: Date.now,
    random: Math.random,
    pid: process.pid,
    command: argv[0] ?? '',
    invocationId: randomUUID(),
    onInterrupt: () => true,
    calls: { made: 0 },
    isInterrupted: () => false,
    openInput: () => ({ isTerminal: false, ask: async () => undefined, close: () => {} }),
    kill: () => {},
    restore: () => {},
  }
  const { command, args } = parseCommandLine(argv)
  if (command === undefined) throw new TypeError(`no command ${argv[0]}`)
  const { handle } = await command.load()
  const exitCode = await handle(args, io).catch((error: unknown) =>
    reportFailure(error, io, argv, args),
  )
  return { exitCode, stdout, stderr }
}

test('validate and plan tell what is wrong, and never show what is inside', async () => {
  const sandbox = await startSandbox({ tier: 'unlimited' })
  definePortal(sandbox)
  const project = await createProject({
    engine: 'duckdb',
    sandbox,
    syncs: [],
    tables: [
      peopleTable,
      "insert into people (customer_id, email, badge, is_test) values (1, 'ada@shop.example', 'b1', false)",
    ],
  })
  mkdirSync(join(project.dir, 'models'))
  await fc.assert(
    fc.asyncProperty(definitionWithMistakes, async (definition) => {
      write(project, definition)
      const json = await runHere(project, ['validate', '--output', 'json'])
      const { valid, problems, error } = JSON.parse(json.stdout)
      expect(error).toBeNull()
      expect(json.exitCode).toBe(valid ? 0 : 1)
      const unclear = (problems as readonly Problem[]).filter((each) => faultsOf(each).length > 0)
      expect(unclear).toEqual([])
      const plan = await runHere(project, ['plan'])
      expect(plan.exitCode, plan.stderr).toBeLessThan(2)
      if (valid) expect(plan.exitCode, plan.stderr).toBe(0)
      for (const text of [json.stderr, plan.stdout, plan.stderr])
        expect(text).not.toMatch(internals)
    }),
    { numRuns: 200, seed: 11 },
  )
})
