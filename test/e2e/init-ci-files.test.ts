import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { ensureActionlint, ensureCiChecks } from '../../scripts/ci-files.mjs'
import { run } from '../../scripts/process.mjs'
import { bitbucketPipeline } from '../../src/init/ci/bitbucket.ts'
import { githubWorkflow } from '../../src/init/ci/github.ts'
import { gitlabPipeline } from '../../src/init/ci/gitlab.ts'
import type { PipelineFacts, PipelineFile } from '../../src/init/ci/pipeline.ts'
import { atTestEnd } from '../support/at-test-end.ts'

const plain: PipelineFacts = {
  version: '0.1.0',
  adapter: 'postgres',
  dbtVersion: '1.11',
  target: 'prod',
  folder: '',
  profilesFolder: '',
  variables: [],
  branch: 'main',
  stateFile: undefined,
}

const monorepo: PipelineFacts = {
  ...plain,
  adapter: 'duckdb',
  dbtVersion: undefined,
  folder: "data/the shop's",
  profilesFolder: 'data/profiles',
  branch: 'release/1.x',
  variables: ['WAREHOUSE_PASSWORD', 'WAREHOUSE_PASSWORD'],
  stateFile: 'data/shop/shop_backhaul.duckdb',
}

const withoutProfiles: PipelineFacts = { ...plain, profilesFolder: undefined }

test.each([
  ['github-workflows', githubWorkflow, [] as string[]],
  ['gitlab-ci', gitlabPipeline, ['--data-transform', 'gitlab-ci']],
  ['bitbucket-pipelines', bitbucketPipeline, []],
])('the file for %s follows its JSON Schema', async (schema, make, more) => {
  const checks = await ensureCiChecks()
  if (!checks.available) {
    if (process.env['CI']) throw new Error(`CI is set, so this must run, but: ${checks.reason}`)
    return
  }
  const files = [plain, monorepo, withoutProfiles].map((facts) => written(make(facts)))
  const args = ['--builtin-schema', `vendor.${schema}`, ...files, ...more]
  const checked = await run(join(checks.bin, 'check-jsonschema'), args, { cwd: tmpdir() })
  expect(checked.code, checked.output).toBe(0)
})

test('actionlint finds nothing in the workflows, nor ShellCheck in what they run', async (context) => {
  const checks = await ensureCiChecks()
  const actionlint = await ensureActionlint()
  if (!checks.available) return context.skip(checks.reason)
  if (!actionlint.available) return context.skip(actionlint.reason)
  const files = [plain, monorepo, withoutProfiles].map((facts) => written(githubWorkflow(facts)))
  const env = { ...process.env, PATH: [checks.bin, process.env['PATH']].join(delimiter) }
  const checked = await run(actionlint.path, files, { cwd: tmpdir(), env })
  expect(checked.code, checked.output).toBe(0)
})

/** In a folder of its own. */
function written({ path, text }: PipelineFile): string {
  const folder = mkdtempSync(join(tmpdir(), 'backhaul-init-ci-'))
  atTestEnd(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
  return file
}
