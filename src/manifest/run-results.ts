import { UserError } from '../errors.ts'
import { readJsonSections } from './json-sections.ts'
import { type Loose, record, text } from './loose.ts'

/** dbt's `run_results.json` of any version, with only what the gate asks. */
export interface RunResults {
  readonly path: string
  readonly dbtVersion: string
  readonly invocationId: string | undefined
  readonly generatedAt: string | undefined
  readonly env: Readonly<Record<string, string>>
  /** The dbt command that wrote it, e.g. `build`; of a retry, the original one. */
  readonly command: string | undefined
  /** `--target` of the build; null: the profile's default; undefined: not recorded (dbt 2). */
  readonly target?: string | null
  /** Built with `--empty`; dbt 2 does not say. */
  readonly isEmpty: boolean
  /** Built with `--sample`. */
  readonly isSample: boolean
  readonly results: ReadonlyMap<string, NodeResult>
}

export interface NodeResult {
  readonly uniqueId: string
  readonly status: string
  readonly message: string | undefined
}

/**
 * Reads run results v4 to v6, leniently.
 *
 * @returns undefined when there is no such file
 * @throws UserError when the file is damaged or something else
 */
export async function readRunResults(path: string): Promise<RunResults | undefined> {
  const sections = new Map<string, unknown>()
  try {
    await readJsonSections(
      path,
      { whole: ['metadata', 'args', 'results'], entries: [] },
      (section, _key, value) => sections.set(section, value),
    )
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw damaged(path, 'is damaged or was not written to its end', cause)
  }
  const metadata = record(sections.get('metadata'))
  const schema = text(metadata['dbt_schema_version']) ?? ''
  if (!schema.includes('/run-results/') && !Array.isArray(sections.get('results'))) {
    throw damaged(path, 'is no run_results.json of dbt')
  }
  return toRunResults(path, metadata, record(sections.get('args')), sections.get('results'))
}

function toRunResults(path: string, metadata: Loose, args: Loose, results: unknown): RunResults {
  // Early Fusion nests a copy of the arguments.
  const allArgs = { ...record(args['__other__']), ...args }
  return {
    path,
    dbtVersion: text(metadata['dbt_version']) ?? 'unknown',
    invocationId: text(metadata['invocation_id']),
    generatedAt: text(metadata['generated_at']),
    env: record(metadata['env']) as Readonly<Record<string, string>>,
    command: text(allArgs['which']) ?? text(allArgs['command']),
    ...targetOf(allArgs),
    isEmpty: allArgs['empty'] === true,
    isSample: Boolean(allArgs['sample']),
    results: new Map(
      (Array.isArray(results) ? results : []).flatMap((entry) => {
        const result = record(entry)
        const uniqueId = text(result['unique_id'])
        const status = text(result['status'])?.toLowerCase()
        if (uniqueId === undefined || status === undefined) return []
        return [[uniqueId, { uniqueId, status, message: text(result['message']) }] as const]
      }),
    ),
  }
}

function targetOf({ target }: Loose): Pick<RunResults, 'target'> {
  return target === null || typeof target === 'string' ? { target } : {}
}

function damaged(path: string, what: string, cause?: unknown): UserError {
  return new UserError(
    {
      message: `The file ${what}`,
      where: { file: path },
      hint: 'Run `dbt build` again, or go without its results: --gate off.',
    },
    { cause },
  )
}
