import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { root } from '../../scripts/process.mjs'
import type { TestProject } from '../support/project.ts'
import { strictSandbox } from '../support/sandbox.ts'
import { people, smallShop } from '../support/small-shop.ts'

const cliProgram = join(root, 'dist', 'cli', 'main.js')

/** Runs a command whose reader goes away after some lines. @returns its exit code */
async function piped(project: TestProject, command: string, pipe: string): Promise<number> {
  const { PATH, HOME } = process.env
  const line = `('${process.execPath}' '${cliProgram}' ${command}; echo $? > code.txt) ${pipe}`
  await promisify(execFile)('sh', ['-c', `${line}; while [ ! -s code.txt ]; do sleep 0.1; done`], {
    cwd: project.dir,
    env: { PATH, HOME, NO_COLOR: '1', ...project.env },
  })
  return Number(readFileSync(join(project.dir, 'code.txt'), 'utf8'))
}

for (const [what, command, pipe] of [
  ['log', 'run --debug', '2>&1 | head -n 3'],
  ['output', 'run --output json', '| true'],
] as const) {
  test(`a run whose ${what} nobody reads any more finishes and records`, async () => {
    const sandbox = await strictSandbox({ latencyMs: 300 })
    const project = await smallShop({ sandbox, tables: [people('Ada', 'Grace')] })
    expect(await piped(project, command, pipe)).toBe(0)
    expect((await project.state('contacts')).map((row) => row['status'])).toEqual([
      'succeeded',
      'succeeded',
    ])
    expect(await project.rows('select status from runs')).toEqual([{ status: 'succeeded' }])
    expect(await project.rows('select * from leases')).toEqual([])
  })
}

test('a plan whose output is cut off is no failure', async () => {
  const sandbox = await strictSandbox()
  const names = Array.from({ length: 2000 }, (_, index) => `Name${index}`)
  const project = await smallShop({ sandbox, tables: [people(...names)] })
  expect(await piped(project, 'plan --all', '| head -n 1')).toBe(0)
})
