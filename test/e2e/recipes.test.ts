import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { run } from '../../scripts/process.mjs'
import { recipeFor, recipes } from '../support/recipes.ts'
import { strictSandbox } from '../support/sandbox.ts'
import { people, smallShop } from '../support/small-shop.ts'

/** Any Python will do. */
async function pythonFor(context: { skip(reason?: string): never }): Promise<string> {
  const { code } = await run('python3', ['--version'])
  return code === 0 ? 'python3' : context.skip('no python3')
}

test('recipes for orchestrators are Python', async (context) => {
  const python = await pythonFor(context)
  const files = readdirSync(recipes).filter((name) => name.endsWith('.py'))
  expect(files).toHaveLength(4)
  const script = 'import ast, sys; [ast.parse(open(path).read(), path) for path in sys.argv[1:]]'
  const paths = files.map((name) => join(recipes, name))
  expect(await run(python, ['-c', script, ...paths])).toEqual({ code: 0, output: '' })
})

const call = (args: string) => `
import json
from backhaul_cli import BackhaulFailed, run_backhaul
try:
    run = run_backhaul(${args})
    print("ANSWER " + json.dumps({"code": run.exit_code, "counts": run.counts}))
except BackhaulFailed as failed:
    print("ANSWER " + json.dumps({"raised": type(failed).__name__, "why": str(failed), "counts": failed.run.counts}))
`

test('a run is data with its log apart, and each exit code its own exception', async (context) => {
  const python = await pythonFor(context)
  const sandbox = await strictSandbox()
  const tables = [people('Ada', 'Grace'), 'update people set id = null where id = 2']
  const project = await smallShop({ sandbox, tables })
  const recipe = recipeFor(project, python)
  const one = await recipe.run(call('"--row", "1"'))
  expect(one.answer).toEqual({ code: 0, counts: { created: 1, write_calls: 1 } })
  expect(one.output).toContain('START sync contacts')
  expect((await recipe.run(call(''))).answer).toEqual({
    raised: 'BackhaulFailed',
    why: expect.stringMatching(/^contacts: /),
    counts: { rejected: 1, write_calls: 0 },
  })
  expect((await recipe.run(call('"--no-such-option"'))).answer).toMatchObject({
    raised: 'BackhaulUnusable',
    why: 'backhaul ended with exit code 2: see its log',
  })
})

test('a task that is ended lets the run finish what is under way', async (context) => {
  const python = await pythonFor(context)
  const sandbox = await strictSandbox({ latencyMs: 500 })
  const names = Array.from({ length: 500 }, (_, index) => `Name${index}`)
  const project = await smallShop({ sandbox, tables: [people(...names)] })
  const { answer } = await recipeFor(project, python).run(`
import json
from backhaul_cli import run_backhaul
def log(line):
    if "START sync" in line:
        raise KeyboardInterrupt
try:
    run_backhaul(log=log)
except KeyboardInterrupt:
    print("ANSWER " + json.dumps({"ended": True}))
`)
  expect(answer).toEqual({ ended: true })
  expect(await project.rows('select status from runs')).toEqual([{ status: 'aborted' }])
  expect(await project.rows('select * from leases')).toEqual([])
})
