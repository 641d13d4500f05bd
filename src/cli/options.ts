import type { Arguments, OptionSpec } from './command-line/option.ts'

/** Where the project is; dbt's names, and dbt's variables when a flag is not given. */
export const projectOptions: readonly OptionSpec[] = [
  {
    name: 'project-dir',
    kind: 'text',
    value: 'DIR',
    env: 'PROJECT_DIR',
    describe: 'Folder of dbt_project.yml; default: here or the nearest folder above',
  },
  {
    name: 'target-path',
    kind: 'text',
    value: 'DIR',
    env: 'TARGET_PATH',
    describe: "Folder of dbt's artifacts; default: target",
  },
  {
    name: 'vars',
    kind: 'text',
    value: 'YAML',
    describe: 'Variables for Jinja in profiles.yml, as YAML',
  },
]

/** Which warehouse, and as whom. */
export const connectionOptions: readonly OptionSpec[] = [
  {
    name: 'profiles-dir',
    kind: 'text',
    value: 'DIR',
    env: 'PROFILES_DIR',
    describe: 'Folder of profiles.yml; default: here, then ~/.dbt',
  },
  { name: 'profile', kind: 'text', value: 'NAME', env: 'PROFILE', describe: 'Profile to use' },
  {
    name: 'target',
    alias: 't',
    kind: 'text',
    value: 'NAME',
    env: 'TARGET',
    describe: 'Target of the profile',
  },
]

/** Which syncs. Never from the environment: a forgotten variable would send or leave out rows unseen. */
export const selectionOptions: readonly OptionSpec[] = [
  {
    name: 'select',
    alias: 's',
    kind: 'list',
    value: 'NAME',
    describe:
      "Models or syncs to take, in dbt's selector grammar: name, tag:x, path:x, +x, state:modified+ and so on, and sync:x, object:x, mode:x",
  },
  {
    name: 'exclude',
    kind: 'list',
    value: 'NAME',
    describe: 'Models or syncs to leave out, in the same grammar',
  },
  {
    name: 'selector',
    kind: 'text',
    value: 'NAME',
    describe: 'Take what this selector of selectors.yml means, instead of --select and --exclude',
  },
  {
    name: 'state',
    kind: 'text',
    value: 'DIR',
    env: 'STATE',
    describe:
      'Folder with the artifacts of an earlier dbt run, for state:, result: and source_status:',
  },
]

export const outputOption: OptionSpec = {
  name: 'output',
  kind: 'text',
  choices: ['text', 'json'],
  default: 'text',
  describe: 'What goes to standard output',
}

/** `--output`, and its short form. */
export const documentOptions: readonly OptionSpec[] = [
  outputOption,
  { name: 'json', kind: 'flag', describe: 'Short for --output json' },
]

/** One JSON document is asked for instead of tables. */
export const asksForJson = (args: Arguments): boolean =>
  args['json'] === true || args['output'] === 'json'

export const logOptions: readonly OptionSpec[] = [
  {
    name: 'log-format',
    kind: 'text',
    choices: ['text', 'json'],
    env: 'LOG_FORMAT',
    describe: 'Form of the log on standard error; default: text',
  },
  {
    name: 'log-level',
    kind: 'text',
    choices: ['debug', 'info', 'warn', 'error', 'none'],
    env: 'LOG_LEVEL',
    describe: 'From which level on lines are logged; default: info',
  },
  {
    name: 'debug',
    alias: 'd',
    kind: 'flag',
    env: 'DEBUG',
    describe: 'Log SQL, requests and retries; never values or tokens',
  },
  { name: 'quiet', alias: 'q', kind: 'flag', env: 'QUIET', describe: 'Log only errors' },
  {
    name: 'use-colors',
    kind: 'flag',
    env: 'USE_COLORS',
    describe: 'Colours; default: on a terminal, unless NO_COLOR is set',
  },
  {
    name: 'annotations',
    kind: 'flag',
    isNegatable: true,
    describe:
      'Show what went wrong at its file and line, and fold details, on GitHub; default: where GITHUB_ACTIONS is true and the log is text',
  },
]

/** What `run` and `plan` share. */
export const changeOptions: readonly OptionSpec[] = [
  {
    name: 'limit',
    kind: 'count',
    describe: 'At most this many rows per sync; removes nothing',
  },
  {
    name: 'row',
    kind: 'list',
    value: 'KEY',
    describe:
      'Only the row with this primary key, and say what becomes of it; a key of several columns is a JSON list, \'["de", 4711]\'; removes nothing',
  },
  {
    name: 'full-refresh',
    alias: 'f',
    kind: 'flag',
    describe: 'Send every mapped value again, changed or not; clears and archives nothing',
  },
  {
    name: 'rekey',
    kind: 'flag',
    describe:
      'Say that another primary_key is meant: known rows are found by their match value and keep their records',
  },
  {
    name: 'rematch',
    kind: 'flag',
    describe:
      'Say that another match property is meant: known rows are looked up by it, and go to the records found',
  },
  {
    name: 'force-guard',
    kind: 'list',
    value: 'GUARD',
    describe: 'Let this guard pass once: empty_model, min_rows, max_deletes or max_changes',
  },
  {
    name: 'gate',
    kind: 'text',
    choices: ['auto', 'require', 'off'],
    default: 'auto',
    describe: "Whether dbt's run_results.json decides which models are good enough",
  },
  {
    name: 'run-results',
    kind: 'list',
    value: 'FILE',
    describe:
      "Results of dbt's steps of one job, for the gate: files, or folders with a run_results.json; default: the one in the target folder",
  },
]

export const debugRequestsOption: OptionSpec = {
  name: 'debug-requests',
  kind: 'flag',
  describe: 'Print each API call as it happens, its bodies without values',
}

/** Of `plan`. Never from the environment: which portal is read is to be seen. */
export const againstOption: OptionSpec = {
  name: 'against',
  kind: 'text',
  value: 'TARGET',
  describe:
    "Compare the models of this target with the state of that one, and say what they would do to its records; reads only, with that target's token",
}

/** Of `plan`. */
export const outOption: OptionSpec = {
  name: 'out',
  kind: 'text',
  value: 'FILE',
  describe: 'Also write what is planned to a file, as counts and digests, for `run --plan`',
}

/** Of `run`. Never from the environment: which file is meant is to be seen. */
export const planFileOption: OptionSpec = {
  name: 'plan',
  kind: 'text',
  value: 'FILE',
  describe:
    'Run the syncs of this file, made by `plan --out`, and send nothing unless all of them are planned as it says',
}

export const progressOption: OptionSpec = {
  name: 'progress-interval',
  kind: 'count',
  value: 'SECONDS',
  default: 30,
  describe: 'Where there is no terminal for bars, seconds between lines on progress; 0: no lines',
}

export const failFastOption: OptionSpec = {
  name: 'fail-fast',
  alias: 'x',
  kind: 'flag',
  env: 'FAIL_FAST',
  describe: 'Stop after the first sync that does not succeed',
}

/** Options of every command. */
export const generalOptions: readonly OptionSpec[] = [
  { name: 'help', alias: 'h', kind: 'flag', describe: 'Show help' },
  { name: 'version', kind: 'flag', describe: 'Show the version' },
]

/** Flags that also can be said no to: dbt's `--no-use-colors`, or a variable that switches them on. */
export const isNegatable = (option: OptionSpec): boolean =>
  option.kind === 'flag' && (option.env !== undefined || option.isNegatable === true)
