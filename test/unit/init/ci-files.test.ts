import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { bitbucketPipeline } from '../../../src/init/ci/bitbucket.ts'
import { githubWorkflow } from '../../../src/init/ci/github.ts'
import { gitlabPipeline } from '../../../src/init/ci/gitlab.ts'

const facts = {
  version: '0.1.0',
  adapter: 'duckdb',
  dbtVersion: '1.11',
  target: 'prod',
  folder: 'data/shop',
  profilesFolder: 'data/shop',
  variables: ['WAREHOUSE_PASSWORD'],
  branch: 'trunk',
  stateFile: 'data/shop/shop_backhaul.duckdb',
}

test.each([
  ['github', githubWorkflow],
  ['gitlab', gitlabPipeline],
  ['bitbucket', bitbucketPipeline],
])(
  '%s: plans for a pull request, runs after a merge, and keeps its secrets',
  async (name, make) => {
    const { text } = make(facts)
    expect(parse(text)).toBeTypeOf('object')
    await expect(text).toMatchFileSnapshot(`ci-files/${name}.txt`)
  },
)

test('names of targets and folders are words of commands, whatever is in them', () => {
  const odd = { ...facts, target: 'it: prod #1', folder: 'my: data #1', profilesFolder: "d'$(id)" }
  const github = parse(githubWorkflow(odd).text)
  expect(github.jobs.run.steps.at(-1).run).toBe(
    "backhaul run --target 'it: prod #1' --gate require",
  )
  expect(github.jobs.plan.steps.at(-2).run).toBe("dbt parse --target 'it: prod #1'")
  expect(github.defaults.run['working-directory']).toBe('my: data #1')
  const gitlab = parse(gitlabPipeline(odd).text)
  expect(gitlab['.backhaul'].before_script[0]).toBe("cd 'my: data #1'")
  expect(gitlab['backhaul-run'].script[1]).toBe("dbt build --target 'it: prod #1' || built=$?")
  const { script } = parse(bitbucketPipeline(odd).text).pipelines.branches.trunk[0].step
  expect(script.slice(0, 2)).toEqual([
    `export DBT_PROFILES_DIR="$BITBUCKET_CLONE_DIR"/'d'\\''$(id)'`,
    "cd 'my: data #1'",
  ])
  expect(parse(githubWorkflow({ ...facts, branch: '1.10' }).text).on.push.branches).toEqual([
    '1.10',
  ])
})
