import { UserError } from '../errors.ts'
import { readJsonSections } from './json-sections.ts'
import { type Loose, record, text, texts } from './loose.ts'

/** dbt's `run_results.json` of any version, with only what the gate asks. */
export interface RunResults {
  readonly path: string
  readonly dbtVersion: string
  readonly invocationId: string | undefined
  readonly generatedAt: string | undefined
  readonly env: Readonly<Record<string, string>>
  /** The dbt command that wrote it, e.g. `build`; of a retry, the original one. */
  readonly command: string | undefined
  /** Written by `dbt retry`, which lists only what it tried again. */
  readonly isRetry?: boolean
  /** Nothing was selected or excluded, so that the command was about everything that it can build. */
  readonly isWholeProject?: boolean
  /**
   * Whatever was selected, its tests were selected with it: dbt's default. False with what may have left tests out, and where
   * nothing is recorded of it.
   */
  readonly takesTestsAlong?: boolean
  /** `--target` of the build; null: the profile's default; undefined: not recorded (dbt 2). */
  readonly target?: string | null
  /** Folder of the profiles.yml that was read; dbt 2 does not say. */
  readonly profilesDir?: string
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
  /** Where it was built, as in the manifest of that build; run results before v5 do not say. */
  readonly relationName?: string
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
  const command = text(allArgs['which']) ?? text(allArgs['command'])
  const profilesDir = text(allArgs['profiles_dir'])
  return {
    path,
    dbtVersion: text(metadata['dbt_version']) ?? 'unknown',
    invocationId: text(metadata['invocation_id']),
    generatedAt: text(metadata['generated_at']),
    env: record(metadata['env']) as Readonly<Record<string, string>>,
    command,
    isRetry: isRetry(text(allArgs['invocation_command']), command),
    isWholeProject: CHOOSING.every((name) => isNothing(allArgs[name])),
    takesTestsAlong:
      text(allArgs['indirect_selection']) === 'eager' &&
      LEAVING_OUT.every((name) => isNothing(allArgs[name])),
    ...targetOf(allArgs),
    ...(profilesDir === undefined ? {} : { profilesDir }),
    isEmpty: allArgs['empty'] === true,
    isSample: Boolean(allArgs['sample']),
    results: new Map(
      (Array.isArray(results) ? results : []).flatMap((entry) => {
        const result = record(entry)
        const uniqueId = text(result['unique_id'])
        const status = text(result['status'])?.toLowerCase()
        if (uniqueId === undefined || status === undefined) return []
        const relationName = text(result['relation_name'])
        const message = text(result['message'])
        const node = { uniqueId, status, message }
        return [[uniqueId, relationName === undefined ? node : { ...node, relationName }] as const]
      }),
    ),
  }
}

/** Arguments that choose a part of the project, or the state that a choice is by. */
const CHOOSING: readonly string[] = [
  'select',
  'models',
  'exclude',
  'selector',
  'resource_types',
  'exclude_resource_types',
  'state',
]

/** Those that may leave a test out whose model is chosen; a selector has an indirect selection of its own. */
const LEAVING_OUT: readonly string[] = [
  'exclude',
  'selector',
  'resource_types',
  'exclude_resource_types',
]

const isNothing = (value: unknown): boolean =>
  value === undefined || value === null || texts(value).every((entry) => entry === '')

/** A retry records the command that it goes on with; only the command line as it was typed says `retry`. */
function isRetry(commandLine: string | undefined, command: string | undefined): boolean {
  const words = commandLine?.split(/\s+/) ?? []
  return words.includes('retry') && command !== undefined && !words.includes(command)
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
