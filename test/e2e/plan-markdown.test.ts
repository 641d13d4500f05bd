import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { steady } from '../support/cli-message.ts'
import { strictSandbox } from '../support/sandbox.ts'
import { people, smallShop } from '../support/small-shop.ts'

const markdown = ['plan', '--output', 'markdown']

test('plan --output markdown is one document for a pull request, with the exit code of plan', async () => {
  const sandbox = await strictSandbox()
  const tables = [people('Ada', 'Grace'), 'update people set id = null where id = 2']
  const project = await smallShop({ sandbox, tables })
  const onGithub = { GITHUB_ACTIONS: 'true', GITHUB_WORKSPACE: project.dir }
  const { stdout, stderr, exitCode } = await project.run(markdown, onGithub)
  expect(exitCode).toBe(0)
  expect(stderr).toMatch(
    /^::warning file=models\/schema.yml,line=\d+,col=\d+,title=Sync contacts%3A 1 row would be rejected%2C missing_key::the primary key is NULL/m,
  )
  expect(steady(stdout, project)).toMatchInlineSnapshot(`
    "### Backhaul plan

    **1 of 1 sync would change HubSpot, by 1 write call at most** (target \`dev\`, portal 4242424)

    | Sync | Object | What a run would do | Write calls |
    | --- | --- | --- | ---: |
    | \`contacts\` | contacts | 1 create or update, 1 rejected | 1 |

    <details><summary><code>contacts</code></summary>

    \`\`\`text
    contacts: people → contacts (upsert by email)
      2 rows in the model, first run
      1 create or update, 1 rejected
      1 write call
      ! 1 row: the primary key is NULL or empty
        Filter these rows out in the model, or choose another primary_key.
        ! (no key): missing_key
        ± 1
            email:     "ada@shop.example"
            firstname: "Ada"
    \`\`\`

    </details>

    \`± create or update   ! rejected\`

    Nothing was sent to HubSpot.
    "
  `)
})

test.each(['hashed', 'none'] as const)('values are as audit.values: %s allows', async (values) => {
  const sandbox = await strictSandbox()
  const project = await smallShop({ sandbox, settings: { audit: { values } } })
  await project.run(['run'])
  await project.sql("update people set first_name = 'Ada Lovelace' where id = 1")
  const { stdout } = await project.run(markdown)
  expect(stdout).toContain('~ 1 (record')
  expect(stdout).toContain('firstname')
  expect(stdout).not.toMatch(/Ada|shop\.example/)
})

test('--counts-only names no rows and no values', async () => {
  const project = await smallShop({ sandbox: await strictSandbox() })
  for (const output of ['markdown', 'text', 'json']) {
    const { stdout } = await project.run(['plan', '--all', '--counts-only', '--output', output])
    expect(stdout).toMatch(/2 create or update|"upsert":2/)
    expect(stdout).not.toMatch(/Ada|shop\.example|±|… /)
  }
})

test('where there is no plan the document says why', async () => {
  const project = await smallShop()
  const path = join(project.dir, 'target', 'manifest.json')
  const whole = readFileSync(path, 'utf8')
  writeFileSync(path, '{')
  const broken = await project.run(markdown)
  expect(broken.exitCode).toBe(1)
  expect(broken.stdout).toContain('**There is no plan: CONFIGURATION**')
  writeFileSync(path, whole)
  const none = await project.run([...markdown, '--select', 'sync:nobody'])
  expect(none.stdout).toContain('**No change in HubSpot by 0 syncs**')
  expect(none.stdout).toContain('Syncs of the project: contacts')
})

test('what the gate holds is in the table, and the exit code says it', async () => {
  const project = await smallShop({ results: { people: 'error' } })
  const { stdout, exitCode } = await project.run(markdown)
  expect(exitCode).toBe(1)
  expect(stdout).toMatch(/\| `contacts` \| contacts \| held: .+ \| – \|/)
})
