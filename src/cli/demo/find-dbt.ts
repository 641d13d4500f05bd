import type { Children } from './children.ts'

/** dbt, or why the demo does without. */
export type Dbt = { readonly program: string } | { readonly missing: string }

/**
 * Finds a dbt that can build the example: the one that `BACKHAUL_DBT` names, else `dbt` on PATH when it can parse the
 * project, so is new enough and has the adapter for DuckDB. (`dbt --version` would ask the network for a newer one.)
 * `BACKHAUL_DBT=none` goes without.
 */
export async function findDbt(named: string | undefined, children: Children): Promise<Dbt> {
  if (named === 'none') return { missing: 'BACKHAUL_DBT=none' }
  if (named !== undefined && named !== '') return { program: named }
  const { exitCode, output } = await children.run('dbt', ['--quiet', 'parse'])
  if (exitCode === 0) return { program: 'dbt' }
  if (exitCode === 127) return { missing: 'there is none on PATH' }
  const reason = output.trim().split('\n').at(-1)?.trim()
  return { missing: `the one on PATH cannot read the project: ${reason}` }
}
