import { existsSync } from 'node:fs'
import { isAbsolute, resolve } from 'node:path'
import { type Problem, UserError } from '../../src/errors.ts'
import {
  dbtOption,
  type Environment,
  readTextFile,
  withDotEnv,
} from '../../src/project/environment.ts'
import type { JinjaScope } from '../../src/project/jinja.ts'
import { readProfile } from '../../src/project/profile.ts'
import { hideSecrets } from '../../src/project/secrets.ts'
import type { Settings } from '../support/schemas.ts'
import type { Choice } from './choice.ts'

/** The part of the command line that says where the login is. */
export type LoginChoice = Pick<Choice, 'engine' | 'profile' | 'target' | 'profilesDir'>

export interface Login {
  readonly settings: Settings
  /** Blots out what must never be printed. */
  readonly hide: (text: string) => string
}

/** Settings that are paths; dbt takes them from the folder that it was started in. */
const paths = ['keyfile', 'private_key_path', 'sslcert', 'sslkey', 'sslrootcert']

/**
 * Reads the login from a dbt profile, with the product's own reader.
 *
 * @param cwd the folder that the user is in
 * @throws UserError with all that is wrong with it
 */
export function readLogin(choice: LoginChoice, cwd: string, variables: Environment): Login {
  const env = withDotEnv(variables, cwd, readTextFile)
  const profileName = choice.profile ?? dbtOption(env, 'PROFILE')
  if (profileName === undefined) {
    throw new UserError(
      { message: 'say which profile of profiles.yml to log in with', hint: 'Add --profile NAME.' },
      { exitCode: 2 },
    )
  }
  const problems: Problem[] = []
  const scope: JinjaScope = { env, vars: {}, secrets: new Set() }
  const { profilesDir, target } = choice
  const homeDir = env['HOME'] ?? env['USERPROFILE']
  const profile = readProfile(
    {
      cwd,
      homeDir,
      projectDir: cwd,
      profilesDir,
      profileName,
      target,
      env,
      readFile: readTextFile,
      scope,
    },
    problems,
  )
  const hide = (text: string) =>
    hideSecrets(
      text,
      [...scope.secrets].sort((a, b) => b.length - a.length),
    )
  if (profile === undefined || problems.length > 0) {
    throw new UserError(
      problems.map((problem) => ({
        ...problem,
        message: hide(problem.message),
        ...(problem.hint === undefined ? {} : { hint: hide(problem.hint) }),
      })),
    )
  }
  const { type, settings } = profile.connection
  if (type !== choice.engine) {
    throw new UserError({
      message: `the target ${profile.targetName} of the profile ${profileName} is of type ${type}, not ${choice.engine}`,
      where: { file: profile.file },
      hint: 'Choose another with --target or --profile.',
    })
  }
  return { settings: { ...settings, ...absolutePaths(settings, cwd) }, hide }
}

function absolutePaths(settings: Settings, cwd: string): Settings {
  const found = paths.flatMap((key) => {
    const value = settings[key]
    if (typeof value !== 'string' || value === '' || isAbsolute(value)) return []
    const path = resolve(cwd, value)
    return existsSync(path) ? [[key, path] as const] : []
  })
  return Object.fromEntries(found)
}
