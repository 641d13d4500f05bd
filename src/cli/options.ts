import type { Argv } from 'yargs'

/** Where the project is; dbt's names, and dbt's variables when a flag is not given. */
export function projectOptions(argv: Argv): Argv {
  return argv
    .option('project-dir', {
      type: 'string',
      describe: 'Folder of dbt_project.yml (DBT_PROJECT_DIR)',
    })
    .option('target-path', {
      type: 'string',
      describe: "Folder of dbt's artifacts (DBT_TARGET_PATH)",
    })
    .option('vars', { type: 'string', describe: 'YAML of variables for Jinja in profiles.yml' })
}

/** Which warehouse, and as whom. */
export function connectionOptions(argv: Argv): Argv {
  return argv
    .option('profiles-dir', {
      type: 'string',
      describe: 'Folder of profiles.yml (DBT_PROFILES_DIR)',
    })
    .option('profile', { type: 'string', describe: 'Profile to use (DBT_PROFILE)' })
    .option('target', {
      alias: 't',
      type: 'string',
      describe: 'Target of the profile (DBT_TARGET)',
    })
}

/** Which syncs. */
export function selectionOptions(argv: Argv): Argv {
  return argv
    .option('select', {
      alias: 's',
      type: 'string',
      array: true,
      describe: 'Models or syncs to take, in dbt’s grammar',
    })
    .option('exclude', { type: 'string', array: true, describe: 'Models or syncs to leave out' })
    .option('output', {
      choices: ['text', 'json'] as const,
      default: 'text' as const,
      describe: 'What goes to standard output',
    })
}

export function logOptions(argv: Argv): Argv {
  return argv
    .option('log-format', {
      choices: ['text', 'json'] as const,
      describe: 'Form of the log on standard error (DBT_LOG_FORMAT)',
    })
    .option('debug', {
      alias: 'd',
      type: 'boolean',
      default: false,
      describe: 'Log SQL and retries',
    })
    .option('quiet', { alias: 'q', type: 'boolean', default: false, describe: 'Log only errors' })
}

/** What `run` and `plan` share. */
function changeOptions(argv: Argv): Argv {
  return argv
    .option('limit', {
      type: 'number',
      describe: 'At most this many rows per sync; removes nothing',
    })
    .option('row', {
      type: 'string',
      array: true,
      describe: 'Only the row with this primary key; removes nothing',
    })
    .option('full-refresh', {
      alias: 'f',
      type: 'boolean',
      default: false,
      describe: 'Send every mapped value again, changed or not',
    })
    .option('force-guard', {
      type: 'string',
      array: true,
      default: [] as string[],
      describe: 'Let this guard pass once: empty_model, min_rows, max_deletes, max_changes',
    })
    .option('gate', {
      choices: ['auto', 'require', 'off'] as const,
      default: 'auto' as const,
      describe: "Whether dbt's run_results.json decides which models are good enough",
    })
}

export function runOptions(argv: Argv): Argv {
  return changeOptions(argv).option('fail-fast', {
    alias: 'x',
    type: 'boolean',
    default: false,
    describe: 'Stop after the first sync that does not succeed',
  })
}

export function planOptions(argv: Argv): Argv {
  return changeOptions(argv).option('all', {
    type: 'boolean',
    default: false,
    describe: 'Print every change instead of the first ten',
  })
}
