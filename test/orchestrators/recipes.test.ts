import { expect, test } from 'vitest'
import { ensureOrchestrator } from '../../scripts/orchestrators.mjs'
import { recipeFor, recipes } from '../support/recipes.ts'
import { strictSandbox } from '../support/sandbox.ts'
import { people, smallShop } from '../support/small-shop.ts'

/** Its Python. Where it cannot be had the test is skipped, and fails when CI is set. */
async function pythonOf(
  name: Parameters<typeof ensureOrchestrator>[0],
  context: { skip(reason?: string): never },
): Promise<string> {
  const found = await ensureOrchestrator(name)
  if (found.available) return found.path
  if (process.env['CI']) throw new Error(`CI is set, so ${name} must run, but: ${found.reason}`)
  return context.skip(`no ${name}: ${found.reason}`)
}

/** A project of two people, the second without a key where one is to be rejected. */
async function project(isWell: boolean) {
  const sandbox = await strictSandbox()
  const bad = isWell ? [] : ['update people set id = null where id = 2']
  return smallShop({ sandbox, tables: [people('Ada', 'Grace'), ...bad] })
}

const dagster = `
import json
from dagster import materialize
import backhaul_dagster
result = materialize(list(backhaul_dagster.defs.assets), raise_on_error=False)
events = [e for e in result.all_events if e.is_step_materialization]
made = [{k: v.value for k, v in e.step_materialization_data.materialization.metadata.items()} for e in events]
failures = [e.step_failure_data.user_failure_data for e in result.all_events if e.is_step_failure]
print("ANSWER " + json.dumps({
  "success": result.success,
  "made": made,
  "failed": [{"description": f.description, **{k: v.value for k, v in f.metadata.items()}} for f in failures],
}))
`

test('Dagster: a sync is an asset, its counts are metadata, exit code 1 fails it', async (context) => {
  const python = await pythonOf('dagster', context)
  const env = (home: string) => ({ DAGSTER_HOME: home, DAGSTER_DISABLE_TELEMETRY: '1' })
  const well = await recipeFor(await project(true), python, { env }).run(dagster)
  expect(well.answer, well.output).toEqual({
    success: true,
    made: [{ exit_code: 0, created: 2, write_calls: 1 }],
    failed: [],
  })
  const ill = await recipeFor(await project(false), python, { env }).run(dagster)
  expect(ill.answer, ill.output).toMatchObject({
    success: false,
    failed: [{ description: expect.stringMatching(/^contacts: /), exit_code: 1, rejected: 1 }],
  })
})

const prefect = `
import json
import backhaul_prefect
backhaul_prefect.backhaul_run.retry_delay_seconds = 0
try:
    print("ANSWER " + json.dumps(backhaul_prefect.dbt_to_hubspot()))
except Exception as error:
    print("ANSWER " + json.dumps({"error": type(error).__name__, "why": str(error)}))
`

test('Prefect: a flow builds and sends, and retries what may help', async (context) => {
  const python = await pythonOf('prefect', context)
  const env = (home: string) => ({
    PREFECT_HOME: home,
    PREFECT_SERVER_ANALYTICS_ENABLED: 'false',
    PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS: '120',
  })
  const options = { env }
  const well = await recipeFor(await project(true), python, options).run(prefect)
  expect(well.answer, well.output).toEqual({ created: 2, write_calls: 1 })
  const ill = await recipeFor(await project(false), python, options).run(prefect)
  expect(ill.answer, ill.output).toMatchObject({ error: 'BackhaulFailed' })
  expect(ill.output.match(/Running with backhaul/g)).toHaveLength(3)
  const unusable = await recipeFor(await project(true), python, {
    env: (home) => ({ ...env(home), DBT_TARGET: 'gone' }),
    dbtCode: 1,
  }).run(prefect)
  expect(unusable.answer).toHaveProperty('error')
})

const airflow = `
import json, subprocess
subprocess.run(["airflow", "db", "migrate"], check=True, capture_output=True)
import backhaul_airflow
# What is retried after minutes would be waited for.
backhaul_airflow.backhaul_run.retries = 0
run = backhaul_airflow.dag.test()
print("ANSWER " + json.dumps({
  "run": run.state,
  "tasks": {task.task_id: task.state for task in run.get_task_instances()},
}))
`

test('Airflow: the operator runs after dbt, and its DAG is as good as both', async (context) => {
  const python = await pythonOf('airflow', context)
  const env = (home: string) => ({
    AIRFLOW_HOME: home,
    AIRFLOW__CORE__LOAD_EXAMPLES: 'False',
    AIRFLOW__CORE__DAGS_FOLDER: recipes,
    AIRFLOW__USAGE_DATA_COLLECTION__ENABLED: 'False',
  })
  const well = await recipeFor(await project(true), python, { env }).run(airflow)
  expect(well.answer, well.output).toEqual({
    run: 'success',
    tasks: { dbt_build: 'success', backhaul_run: 'success', done: 'success' },
  })
  const built = await recipeFor(await project(true), python, { env, dbtCode: 1 }).run(airflow)
  expect(built.answer, built.output).toEqual({
    run: 'failed',
    tasks: { dbt_build: 'failed', backhaul_run: 'success', done: 'upstream_failed' },
  })
  const ill = await recipeFor(await project(false), python, { env }).run(airflow)
  expect(ill.answer, ill.output).toMatchObject({
    run: 'failed',
    tasks: { dbt_build: 'success', backhaul_run: 'failed', done: 'upstream_failed' },
  })
  expect(ill.output).toContain('contacts: ')
})
