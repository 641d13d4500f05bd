import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { root, run } from '../../scripts/process.mjs'
import { atTestEnd } from './at-test-end.ts'
import { bareEnvironment } from './cli.ts'
import type { TestProject } from './project.ts'

/** The recipes for orchestrators. */
export const recipes = join(root, 'examples', 'orchestrators')

export interface Recipe {
  /** A folder for what the orchestrator writes. */
  readonly home: string
  /** Runs Python in the project's folder, with the recipes to import. @returns the last line as JSON, and everything printed */
  readonly run: (script: string) => Promise<{ answer: Record<string, unknown>; output: string }>
}

/** A place where a recipe runs as in production: `backhaul` is this build; `dbt` is a stand-in, whose exit code is given. */
export function recipeFor(
  project: TestProject,
  python: string,
  options: { readonly env?: (home: string) => NodeJS.ProcessEnv; readonly dbtCode?: number } = {},
): Recipe {
  const home = mkdtempSync(join(tmpdir(), 'backhaul-recipe-'))
  atTestEnd(() => rmSync(home, { recursive: true, force: true }))
  const bin = join(home, 'bin')
  mkdirSync(bin)
  symlinkSync(join(root, 'dist', 'cli', 'main.js'), join(bin, 'backhaul'))
  writeFileSync(join(bin, 'dbt'), `#!/bin/sh\necho "$@"\nexit ${options.dbtCode ?? 0}\n`)
  chmodSync(join(bin, 'dbt'), 0o755)
  const env = {
    ...bareEnvironment(),
    ...project.env,
    DBT_TARGET: 'dev',
    DBT_PROJECT_DIR: project.dir,
    HOME: home,
    PATH: [bin, dirname(process.execPath), dirname(python), process.env['PATH']].join(delimiter),
    PYTHONPATH: recipes,
    PYTHONDONTWRITEBYTECODE: '1',
    ...options.env?.(home),
  }
  return {
    home,
    async run(script) {
      const { output } = await run(python, ['-c', script], { cwd: project.dir, env })
      const line = /^ANSWER (.*)$/m.exec(output)?.[1]
      if (line === undefined) throw new Error(`No answer:\n${output}`)
      return { answer: JSON.parse(line), output }
    },
  }
}
