import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { RunningCli } from './cli.ts'
import { type DbtPlatform, type PlatformStepSpec, platformEnv } from './dbt-platform.ts'
import type { TestProject } from './project.ts'

/** A step of a dbt platform job that built models of the project, with its artifacts. */
export function builtStep(
  project: TestProject,
  statuses: Readonly<Record<string, string>>,
  facts: {
    readonly name?: string
    readonly which?: string
    readonly args?: Readonly<Record<string, unknown>>
    readonly generatedAt?: string
  } = {},
): PlatformStepSpec {
  const which = facts.which ?? 'build'
  const manifest = JSON.parse(readFileSync(join(project.dir, 'target', 'manifest.json'), 'utf8'))
  const invocationId = randomUUID()
  manifest.metadata.invocation_id = invocationId
  return {
    name: facts.name ?? `Invoke dbt with \`dbt ${which}\``,
    manifest,
    runResults: {
      metadata: {
        dbt_schema_version: 'https://schemas.getdbt.com/dbt/run-results/v6.json',
        dbt_version: '1.11.0',
        generated_at: facts.generatedAt ?? new Date().toISOString(),
        invocation_id: invocationId,
        env: {},
      },
      // The dbt platform names its target so, whatever the profile's are called elsewhere.
      args: { which, target: 'default', ...facts.args },
      results: Object.entries(statuses).map(([name, status]) => ({
        unique_id: name.includes('.') ? name : `model.shop.${name}`,
        status,
        message: null,
      })),
      elapsed_time: 1,
    },
  }
}

/** Steps of the dbt platform that build nothing and leave no artifacts. */
export const preparingSteps: readonly PlatformStepSpec[] = [
  { name: 'Clone git repository' },
  { name: 'Create profile from connection Warehouse' },
  { name: 'Invoke dbt with `dbt deps`' },
]

export interface RunningHook {
  readonly cli: RunningCli
  /** Where webhooks go. */
  readonly url: string
  readonly healthUrl: string
}

/** Starts `backhaul hook` in the project, and waits until it listens. */
export async function startHook(
  project: TestProject,
  platform: DbtPlatform,
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<RunningHook> {
  const cli = project.start(['hook', '--port', '0', ...args], { ...platformEnv(platform), ...env })
  const [, url = ''] = await cli.waitFor(/listens on (http\S+)/, 30_000)
  return { cli, url, healthUrl: url.replace('/webhook', '/healthz') }
}
