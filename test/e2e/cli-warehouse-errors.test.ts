import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { expect, test } from 'vitest'
import { messageOf } from '../support/cli-message.ts'
import { postgresEnv } from '../support/postgres.ts'
import { refusingPostgres } from '../support/refusing-postgres.ts'
import { strictSandbox } from '../support/sandbox.ts'
import { smallShop, useProfile, writeTo } from '../support/small-shop.ts'

test('a DuckDB file that is not there', async () => {
  const sandbox = await strictSandbox()
  const project = await smallShop({ sandbox })
  rmSync(join(project.dir, 'shop.duckdb'))
  expect(messageOf(await project.run(['run']), project)).toMatchInlineSnapshot(`
    "exit 1
    Running with backhaul=<version>
    Error: Opening <project>/shop.duckdb: the file does not exist
        Run \`dbt build\` first: it makes the file. Or check \`path:\` in profiles.yml."
  `)
})

test('a DuckDB file that another process writes', async () => {
  const sandbox = await strictSandbox()
  const project = await smallShop({ sandbox })
  const instance = await DuckDBInstance.create(join(project.dir, 'shop.duckdb'))
  try {
    const result = await project.run(['run'])
    expect(result.stderr).toContain(`process ${process.pid} `)
    expect(messageOf(result, project)).toMatchInlineSnapshot(`
      "exit 1
      Running with backhaul=<version>
      Found 1 sync; target dev (DuckDB <version>, <project>/shop.duckdb, state in <project>/shop_backhaul.duckdb), portal 4242424 (DEVELOPER_TEST)
      Waiting for another process to close <project>/shop.duckdb
      Error: Opening <project>/shop.duckdb: another process has it open
          DuckDB lets in one writer at a time: wait until process <pid> has ended (a dbt build?), or close it (a notebook, an SQL client), and run again."
    `)
  } finally {
    instance.closeSync()
  }
})

test('a DuckDB database in memory', async () => {
  const sandbox = await strictSandbox()
  const project = await smallShop({ sandbox })
  writeTo(project, 'profiles.yml', 'shop: {target: dev, outputs: {dev: {type: duckdb}}}\n')
  expect(messageOf(await project.run(['run']), project)).toMatchInlineSnapshot(`
    "exit 1
    Running with backhaul=<version>
    Error: The profile's DuckDB database is in memory (path \`:memory:\`), so its models are gone when dbt has ended
        Set \`path:\` to a file in profiles.yml, e.g. \`path: warehouse.duckdb\`, and run \`dbt build\`."
  `)
})

const profile = (env: Readonly<Record<string, string>>, keys: Readonly<Record<string, unknown>>) =>
  JSON.stringify({
    shop: {
      target: 'dev',
      outputs: {
        dev: {
          type: 'postgres',
          host: env['PGHOST'],
          port: Number(env['PGPORT']),
          user: env['PGUSER'],
          password: env['PGPASSWORD'],
          dbname: env['PGDATABASE'],
          schema: 'main',
          retries: 0,
          ...keys,
        },
      },
    },
  })

test('a Postgres server that does not listen', async () => {
  const sandbox = await strictSandbox()
  const project = await smallShop({ sandbox })
  const nowhere = { PGHOST: '127.0.0.1', PGPORT: '1', PGUSER: 'ada', PGDATABASE: 'shop' }
  useProfile(project, 'postgres', profile(nowhere, { password: 'x' }))
  expect(messageOf(await project.run(['run']), project)).toMatchInlineSnapshot(`
    "exit 1
    Running with backhaul=<version>
    Error: Connecting to PostgreSQL database shop at 127.0.0.1:<port> as ada: connect ECONNREFUSED 127.0.0.1:<port>
        Nothing listens at 127.0.0.1, port <port>: check host and port in profiles.yml, and that the server runs."
  `)
})

test('a wrong password', async () => {
  const sandbox = await strictSandbox()
  const project = await smallShop({ sandbox })
  const { port } = await refusingPostgres()
  const place = { PGHOST: '127.0.0.1', PGPORT: String(port), PGUSER: 'ada', PGDATABASE: 'shop' }
  useProfile(project, 'postgres', profile(place, { password: 'not-the-password' }))
  const result = await project.run(['run'])
  expect(result.stderr).not.toContain('not-the-password')
  expect(messageOf(result, project)).toMatchInlineSnapshot(`
    "exit 1
    Running with backhaul=<version>
    Error: Connecting to PostgreSQL database shop at 127.0.0.1:<port> as ada: password authentication failed for user "ada"
        The server refuses the password of ada: check user and password in profiles.yml."
  `)
})

test('a database that does not exist', async (context) => {
  const sandbox = await strictSandbox()
  const project = await smallShop({ sandbox })
  useProfile(project, 'postgres', profile(postgresEnv(context), { dbname: 'shopp' }))
  expect(messageOf(await project.run(['run']), project)).toMatchInlineSnapshot(`
    "exit 1
    Running with backhaul=<version>
    Warning: Perhaps another target's tables: dbt's manifest has the models in shop.main, target dev builds in shopp.main: run dbt build --target dev
    Error: Connecting to PostgreSQL database shopp at 127.0.0.1:<port> as postgres: database "shopp" does not exist
        The database shopp does not exist there: check dbname in profiles.yml."
  `)
})
