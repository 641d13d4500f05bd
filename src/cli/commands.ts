import type { Io } from './command-line/io.ts'
import type { Arguments, OptionSpec, PositionalSpec } from './command-line/option.ts'
import { lockFileOption, offlineOption } from './lock/options.ts'
import {
  againstOption,
  changeOptions,
  connectionOptions,
  debugRequestsOption,
  documentOptions,
  failFastOption,
  logOptions,
  outOption,
  outputOption,
  planFileOption,
  progressOption,
  projectOptions,
  selectionOptions,
} from './options.ts'

export interface CommandModule {
  /** @returns the exit code */
  handle(args: Arguments, io: Io): Promise<number>
}

/** A command as data; its code is loaded only when it is asked for. */
export interface CommandSpec {
  readonly name: string
  readonly describe: string
  /** What else the documentation says, in Markdown. */
  readonly details?: string
  /** `backhaul` is put before each line. */
  readonly examples: readonly (readonly [line: string, meaning: string])[]
  /** Words behind the name, in order; required ones first. */
  readonly positionals?: readonly PositionalSpec[]
  readonly options: readonly OptionSpec[]
  readonly load: () => Promise<CommandModule>
}

const project = [...projectOptions, ...connectionOptions]

/**
 * Every command, in the order in which help and documentation tell of them. One long list on purpose: it is data, nothing in it is
 * computed, and what reads it (help, docs, completion of options) reads all of it.
 */
export const commands: readonly CommandSpec[] = [
  {
    name: 'init',
    describe: 'Set a dbt project up: a first sync, backhaul.yml, CI and editor; ends with a plan',
    details:
      "Asks for model, object, primary key and match, reads the portal's properties and the model's columns, and proposes a mapping by name and type. Shows what it would write: the sync in the model's YAML, where only lines are added; `backhaul.yml`, in which no target may write yet; a file for CI; the JSON Schemas for editors; lines of `.gitignore`; on DuckDB the `attach` entry of the profile. A file that is there is added to, or left as it is. Without a token the mapping is proposed from HubSpot's standard properties, and planned against a local HubSpot. Where dbt is on PATH (or named by `BACKHAUL_DBT`) it reads the project again, and the sync is planned. A model that has a sync keeps it. Answers may come from a pipe, one per line, or from options; asked is only what they do not say.",
    examples: [
      ['init', 'asks four questions, and shows what it would write'],
      [
        'init --model hubspot_contacts --object contacts --key customer_id --match "email: email"',
        'asks nothing',
      ],
      ['init --model hubspot_contacts --yes --dry-run', 'what would be proposed'],
    ],
    options: [
      {
        name: 'model',
        kind: 'text',
        value: 'MODEL',
        describe: 'The model, seed or snapshot whose rows go to HubSpot',
      },
      {
        name: 'object',
        kind: 'text',
        value: 'OBJECT',
        describe: 'The HubSpot object that they become',
      },
      {
        name: 'key',
        kind: 'text',
        value: 'COLUMNS',
        describe: 'Primary key; several columns with commas',
      },
      {
        name: 'match',
        kind: 'text',
        value: 'PROPERTY:COLUMN',
        describe: 'Which property finds the record, and the column that has its value',
      },
      {
        name: 'name',
        kind: 'text',
        value: 'SYNC',
        describe: "Name of the sync; default: the object's, or the model's where that is taken",
      },
      { name: 'another', kind: 'flag', describe: 'Add a second sync to a model that has one' },
      {
        name: 'ci',
        kind: 'text',
        choices: ['github', 'gitlab', 'bitbucket', 'none'],
        describe: 'Whose file for CI to write; default: by what the repository has, else github',
      },
      {
        name: 'editor',
        kind: 'text',
        choices: ['vscode', 'none'],
        default: 'vscode',
        describe: 'Whose settings to write',
      },
      {
        name: 'attach',
        kind: 'flag',
        describe: 'On DuckDB: add the entry to a profiles.yml outside of the repository, too',
      },
      {
        name: 'sandbox',
        kind: 'flag',
        describe: 'Use a local HubSpot with the standard properties even where there is a token',
      },
      { name: 'yes', alias: 'y', kind: 'flag', describe: 'Take what is proposed, and ask nothing' },
      { name: 'dry-run', kind: 'flag', describe: 'Show what would be written, and write nothing' },
      { name: 'force', kind: 'flag', describe: 'Write over a CI workflow that is there' },
      ...project,
      ...logOptions,
    ],
    load: () => import('./commands/init.ts'),
  },
  {
    name: 'run',
    describe: 'Send what changed to HubSpot',
    details:
      "Reads dbt's manifest, lets the warehouse compute what changed since the last run, sends only that, and records every outcome. A target that `backhaul.yml` does not list may write to a sandbox only. Results are also in `target/backhaul/run_results.json`, which `--output json` prints; see [output](output.md).",
    examples: [
      ['run', 'every sync of the project'],
      ['run --select contacts --target prod', 'one sync, to the portal of the target prod'],
      ['run --select contacts --limit 10', 'try ten rows first'],
      ['run --gate require', 'only what the last dbt build brought out well'],
      ['run --plan plan.json', 'just what was planned, or nothing'],
    ],
    options: [
      ...selectionOptions,
      ...changeOptions,
      planFileOption,
      failFastOption,
      debugRequestsOption,
      progressOption,
      outputOption,
      ...project,
      ...logOptions,
    ],
    load: () => import('./commands/run.ts'),
  },
  {
    name: 'plan',
    describe: 'Show what a run would do; writes nothing to HubSpot',
    details:
      'Creates, updates per property (old → new), removals and rejects, the calls they need and how long those take. Works for every target. `--output json` prints one JSON document per line: `{"kind": "plan", …}` per sync, each followed by its `{"kind": "change", …}`; `--output markdown` one document for a pull request, folded per sync and short enough for a comment; see [output](output.md).',
    examples: [
      ['plan', 'counts and the first ten changes of each sync'],
      ['plan --select contacts --row 42', 'what would become of one row'],
      ['plan --all --output json', 'every change, for machines'],
      ['plan --output markdown', 'for a comment on a pull request'],
      ['plan --target ci --against prod', "which of prod's records this build would touch"],
      ['plan --out plan.json', 'keep what was planned, for `run --plan plan.json`'],
      ['plan --offline', 'by hubspot.lock.yml: needs no token'],
    ],
    options: [
      ...selectionOptions,
      ...changeOptions,
      { name: 'all', kind: 'flag', describe: 'Print every change instead of the first ten' },
      {
        name: 'counts-only',
        kind: 'flag',
        describe: 'Print no change at all: for a place that many read, such as a pull request',
      },
      againstOption,
      outOption,
      offlineOption,
      lockFileOption,
      debugRequestsOption,
      { ...outputOption, choices: ['text', 'json', 'markdown'] },
      ...project,
      ...logOptions,
    ],
    load: () => import('./commands/plan.ts'),
  },
  {
    name: 'status',
    describe: 'Say how each sync stands: last run, rows, errors, what to do next',
    details:
      'Asks the warehouse only: it needs no token and changes nothing. Exit code 1 when a sync needs somebody: its last run did not succeed or was cut short, or rows are unknown. A run under way, parked rows and syncs that never ran are no reason. A run with `--row` or `--limit` counts only where it did not succeed: it says nothing about the other rows.',
    examples: [
      ['status', 'every sync of the project'],
      ['status --select contacts --json', 'one sync, for machines'],
    ],
    options: [...selectionOptions, ...documentOptions, ...project, ...logOptions],
    load: () => import('./commands/status.ts'),
  },
  {
    name: 'show',
    describe: 'Say why one row is, or is not, in HubSpot',
    details:
      'Model values, what HubSpot was last sent, what the next run does, the record, and every attempt with its request. Where HubSpot cannot be reached, what the warehouse knows. Values as `audit.values` allows. Exit code 1 when neither model nor state has the row.',
    examples: [
      ['show contacts 42', 'the row with the primary key 42'],
      ['show contacts \'["de", 4711]\' --json', 'a key of several columns, for machines'],
    ],
    positionals: [
      { name: 'SYNC', isRequired: true, describe: 'The sync' },
      {
        name: 'KEY',
        isRequired: true,
        describe: 'Primary key of the row; of several columns a JSON list',
      },
    ],
    options: [
      { name: 'all', kind: 'flag', describe: 'Print every attempt instead of the last ten' },
      ...documentOptions,
      ...project,
      ...logOptions,
    ],
    load: () => import('./commands/show.ts'),
  },
  {
    name: 'report',
    describe: 'Write a page that shows runs, changes, problems and API calls',
    details:
      'One file that any browser opens: runs over time, what each sync changed, what was rejected and what to do about it, every change with its old and new values as `audit.values` allows, API calls as `audit.requests` keeps them. Asks the warehouse only: it needs no token and changes nothing. With `--serve` the page is at an address of this machine that only who has it can open, and shows runs of this project as they happen. See [report](report.md).',
    examples: [
      ['report', 'the last 30 days, into target/backhaul/report.html'],
      ['report --days 1 --select contacts --out contacts.html', 'a day of one sync'],
      ['report --serve', 'watch runs of this project as they happen, until Ctrl-C'],
    ],
    options: [
      {
        name: 'out',
        kind: 'text',
        value: 'FILE',
        describe: 'Where to write it; default: target/backhaul/report.html',
      },
      { name: 'days', kind: 'count', describe: 'Runs of so many days; default: 30' },
      {
        name: 'max-changes',
        kind: 'count',
        describe: 'At most so many changes, the newest; default: 100000',
      },
      {
        name: 'serve',
        kind: 'flag',
        describe: 'Serve the page to this machine instead, live while runs are under way',
      },
      { name: 'port', kind: 'count', describe: 'With --serve: port; default: a free one' },
      { name: 'open', kind: 'flag', describe: 'Open the page in the browser, at a terminal' },
      ...selectionOptions,
      ...documentOptions,
      ...project,
      ...logOptions,
    ],
    load: () => import('./commands/report.ts'),
  },
  {
    name: 'requests',
    describe: 'Show the API calls that the audit kept, or one of them whole',
    details:
      'The latest calls, oldest first; with an id what was sent and received, and the rows whose outcome it decided. Asks the warehouse only. What is kept `audit.requests` says: calls that failed, unless you say otherwise; bodies with `full`, where `audit.values` is `full`, too. To watch calls as they happen: `backhaul run --debug-requests`.',
    examples: [
      ['requests', 'the last fifty'],
      ['requests --failed --limit 200', 'what went wrong lately'],
      [
        'requests --run 0199f3c2-7c1e-7a41-9d2e-0f6f3f1a2b3c',
        'those of one run, by its id or that of its invocation',
      ],
      ['requests 0199f3c2-7d', 'one call, by how its id begins'],
    ],
    positionals: [{ name: 'ID', describe: 'Id of a call, as `changes` has it, or how it begins' }],
    options: [
      {
        name: 'run',
        kind: 'text',
        value: 'ID',
        describe: 'Only calls of this run, or of this invocation',
      },
      { name: 'failed', kind: 'flag', describe: 'Only calls that failed' },
      { name: 'limit', kind: 'count', describe: 'At most this many calls; default: 50' },
      ...documentOptions,
      ...project,
      ...logOptions,
    ],
    load: () => import('./commands/requests.ts'),
  },
  {
    name: 'alert',
    describe: 'Try the alerts of backhaul.yml, list them, or look for stale syncs',
    details:
      '`test` sends a marked message through each alert, or the one that is named, whatever its `targets`, and prints what each channel answered; exit code 1 when one did not take it. Needs no warehouse. `list` shows the alerts and what they were told that is not over yet. `check` looks for stale syncs, tells what earlier runs could not, closes what alerts that left backhaul.yml have open, and ends with 0 whatever it found: for a cron that watches whether the other job still runs. None of them asks HubSpot. See [alerts](alerts.md).',
    examples: [
      ['alert test', 'a test through every alert'],
      ['alert test data-team', 'through one of them'],
      ['alert list --target prod', 'who is told of what, and what is open'],
      ['alert check --target prod', 'every hour, from another place than the runs'],
    ],
    positionals: [
      {
        name: 'ACTION',
        isRequired: true,
        choices: ['test', 'list', 'check'],
        describe: 'What to do',
      },
      { name: 'NAME', describe: 'For test: only this alert' },
    ],
    options: [...documentOptions, ...project, ...logOptions],
    load: () => import('./commands/alert.ts'),
  },
  {
    name: 'adopt',
    describe:
      'Take the records that HubSpot already has for those of the rows, before the first run',
    details:
      'Looks up the rows that have no record yet, 100 a call, and keeps the ids of their records and what those hold: the next run sends real differences only, and its plan shows old and new values. Writes nothing to HubSpot. Rows without a record stay as they are, and so do rows that are known. May be repeated. For syncs of mode upsert and update; writes state only where `backhaul run` may. Exit code 1 when rows were rejected. See [operating](operating.md#starting-on-a-portal-that-already-has-data).',
    examples: [
      ['adopt contacts --dry-run', 'how many rows would be looked up, and in how many calls'],
      ['adopt contacts', 'then look at the plan: backhaul plan --select contacts'],
      ['adopt contacts --limit 100', 'try a hundred rows first'],
    ],
    positionals: [{ name: 'SYNC', isRequired: true, describe: 'The sync' }],
    options: [
      {
        name: 'dry-run',
        kind: 'flag',
        describe: 'Say what would be looked up, and look up nothing',
      },
      ...changeOptions.filter(({ name }) =>
        ['limit', 'row', 'force-guard', 'gate', 'run-results'].includes(name),
      ),
      debugRequestsOption,
      ...documentOptions,
      ...project,
      ...logOptions,
    ],
    load: () => import('./commands/adopt.ts'),
  },
  {
    name: 'drift',
    describe: 'Compare what was sent with what HubSpot holds, and say who changed it',
    details:
      'Reads the records of the rows, 100 a call, and lists what somebody changed since: values with who and when, records that were archived, merged or are gone, links that were taken off or lost a label, members that were taken off a list. How many calls that takes is said first. What HubSpot owns after the first write (`create_only`, `if_empty`, mode insert) is no drift. Writes nothing, unless asked to. `--fix` marks what differs and sends it by an ordinary run; `--accept` takes what HubSpot holds, so that a run leaves it until the row changes. Exit code 1 when there is drift, 0 when there is none or it was dealt with. See [drift](drift.md).',
    examples: [
      ['drift --select contacts', 'what was changed by hand, by whom and when'],
      ['drift --dry-run', 'how many calls it would take'],
      ['drift --sample 1000', 'a thousand rows of each sync, chosen by chance'],
      ['drift --select contacts --fix', 'send again what was sent'],
      ['drift --select contacts --row 42 --accept', 'leave this row as it is until it changes'],
    ],
    options: [
      ...selectionOptions,
      {
        name: 'row',
        kind: 'list',
        value: 'KEY',
        describe:
          'Only the row with this primary key; a key of several columns is a JSON list, \'["de", 4711]\'',
      },
      {
        name: 'sample',
        kind: 'count',
        describe: 'As many rows of each sync, chosen by chance',
      },
      { name: 'all', kind: 'flag', describe: 'List every difference, not only the first ten' },
      { name: 'fix', kind: 'flag', describe: 'Send again what was sent' },
      {
        name: 'accept',
        kind: 'flag',
        describe: 'Take what HubSpot holds: it is left alone until the row changes',
      },
      {
        name: 'dry-run',
        kind: 'flag',
        describe: 'Say how many calls it takes, and compare nothing',
      },
      ...changeOptions.filter(({ name }) => ['force-guard', 'gate', 'run-results'].includes(name)),
      debugRequestsOption,
      ...documentOptions,
      ...project,
      ...logOptions,
    ],
    load: () => import('./commands/drift.ts'),
  },
  {
    name: 'retry',
    describe: 'Let the next run try parked rows again',
    details:
      'Rows are parked when HubSpot refused the same values `max_attempts` times. Sends nothing itself, and may be repeated.',
    examples: [
      ['retry', 'every parked row of the project'],
      ['retry contacts --row 42', 'one row'],
      ['retry contacts --error CONFLICT', 'rows that were parked for one reason'],
    ],
    positionals: [{ name: 'SYNC', describe: 'Only this sync' }],
    options: [
      {
        name: 'row',
        kind: 'list',
        value: 'KEY',
        describe:
          'Only the row with this primary key; a key of several columns is a JSON list, \'["de", 4711]\'',
      },
      {
        name: 'error',
        kind: 'list',
        value: 'CATEGORY',
        describe: 'Only rows that were parked for this error_category',
      },
      ...project,
      ...logOptions,
    ],
    load: () => import('./commands/retry.ts'),
  },
  {
    name: 'resolve',
    describe: 'List rows that may be in HubSpot already, and say what became of one',
    details:
      'Rows are `unknown` when the answer to a create was lost and looking did not settle it. Without a key it lists them. `--record` binds the row to the record, which is read first: it has to exist, and belong to no other row. `--resend` lets the next run send the row. Either leaves a row in `changes`. Writes nothing to HubSpot.',
    examples: [
      ['resolve', 'rows of which nobody knows whether HubSpot has them'],
      ['resolve deals 42 --record 9876543210', 'this record is the row of key 42'],
      ['resolve deals 42 --resend', 'HubSpot does not have it: send it'],
    ],
    positionals: [
      { name: 'SYNC', describe: 'The sync' },
      { name: 'KEY', describe: 'Primary key of the row; of several columns a JSON list' },
    ],
    options: [
      { name: 'record', kind: 'text', value: 'ID', describe: "HubSpot's id of the row's record" },
      { name: 'resend', kind: 'flag', describe: 'HubSpot does not have the row: send it again' },
      ...documentOptions,
      ...project,
      ...logOptions,
    ],
    load: () => import('./commands/resolve.ts'),
  },
  {
    name: 'ls',
    describe: 'List the syncs of the project',
    examples: [
      ['ls', 'every sync: model, object, mode'],
      ['ls --select tag:crm --output json', 'syncs of models with a tag, for machines'],
      ['ls --select +hubspot_deals', 'syncs of a model and of all that it is built from'],
    ],
    options: [...selectionOptions, outputOption, ...project, ...logOptions],
    load: () => import('./commands/ls.ts'),
  },
  {
    name: 'validate',
    describe: 'Check all syncs: files, model columns and HubSpot properties',
    examples: [
      ['validate', 'against the warehouse and the portal'],
      ['validate --offline', 'files and hubspot.lock.yml: needs no token and no warehouse'],
    ],
    options: [
      ...selectionOptions,
      {
        name: 'offline',
        kind: 'flag',
        describe: 'Only what the files say, hubspot.lock.yml among them: no warehouse, no HubSpot',
      },
      lockFileOption,
      outputOption,
      ...project,
      ...logOptions,
    ],
    load: () => import('./commands/validate.ts'),
  },
  {
    name: 'lock',
    describe: 'Write down what HubSpot says of what the syncs use, for checks without a token',
    details:
      'Writes `hubspot.lock.yml`, a part for each portal: of each mapped property the type, options, flags and rules; pipelines and stages; types and labels of associations; definitions of events; lists. No token, no record, no person. With it, `validate` and `plan` need no token: see [lock](lock.md). It is of all enabled syncs, and asks the warehouse only where one of them is of a list. `--check` writes nothing and compares: exit code 1 where a difference breaks a sync.',
    examples: [
      ['lock', 'writes hubspot.lock.yml, to be committed'],
      ['lock --check', 'has HubSpot moved, and which syncs break'],
      ['lock --target staging', 'the part of the portal of another target'],
    ],
    options: [
      { name: 'check', kind: 'flag', describe: 'Compare HubSpot with the file, and write nothing' },
      lockFileOption,
      ...documentOptions,
      ...project,
      ...logOptions,
    ],
    load: () => import('./commands/lock.ts'),
  },
  {
    name: 'debug',
    describe: 'Check project, profile, warehouse, grants, token, portal, scopes and mappings',
    details:
      'Checks one thing after the other and says what to do about each that is not right. Changes nothing, in the warehouse or in HubSpot. Exit code 1 when a check failed.',
    examples: [
      ['debug', 'everything that a run needs'],
      ['debug --target prod --select contacts', 'for one target and one sync'],
    ],
    options: [...selectionOptions, outputOption, ...project, ...logOptions],
    load: () => import('./commands/debug.ts'),
  },
  {
    name: 'inspect',
    describe:
      'Show the portal as a mapping needs it: objects, properties, associations, events, lists, owners, limits, scopes',
    details:
      'Internal names, labels, types and options; what is required, unique, read-only and why, hidden or archived; types and labels of associations, in each direction; behavioural events, what they are about and their properties; lists with their ids and sizes, and which can be written; owners with their ids; the limits, and how much of the day is used; the scopes that the selected syncs need, and which of them the token lacks (exit code 1). Reads only, and needs no warehouse. Documents of `--json`: see [output](output.md).',
    examples: [
      ['inspect objects', 'what `object:` may say'],
      ['inspect properties contacts', 'every property of contacts'],
      ['inspect properties contacts lifecyclestage', 'one property, with its options'],
      ['inspect associations contacts companies', 'labels and type ids, both ways'],
      ['inspect events job_done', 'one event, with its properties'],
      ['inspect lists contacts', 'the lists of contacts, with their ids'],
      ['inspect scopes --select contacts', 'what the token needs for one sync'],
    ],
    positionals: [
      {
        name: 'WHAT',
        isRequired: true,
        choices: [
          'objects',
          'properties',
          'associations',
          'events',
          'lists',
          'owners',
          'limits',
          'scopes',
        ],
        describe: 'What to show',
      },
      {
        name: 'OBJECT',
        describe:
          'Only this object, or event; needed for properties; of associations the object that they lead from',
      },
      {
        name: 'PROPERTY',
        describe:
          'Only this property, with its options; of associations the object that they lead to',
      },
    ],
    options: [
      ...selectionOptions,
      { name: 'all', kind: 'flag', describe: 'Deactivated owners, too' },
      ...documentOptions,
      ...project,
      ...logOptions,
    ],
    load: () => import('./commands/inspect.ts'),
  },
  {
    name: 'properties',
    describe: 'Create the HubSpot properties that the selected syncs lack',
    details:
      'Properties that the mappings name and HubSpot does not have, with the type that `type:`, `as:` or the column says, and the group when there is none. What is there already is left as it is, so it may be repeated. Writes only where `backhaul run` may. A name that is close to one that exists is taken for a mistake, unless its mapping says `create_missing: true`.',
    examples: [
      ['properties create --dry-run', 'what would be created'],
      ['properties create --select contacts', 'what one sync lacks'],
    ],
    positionals: [
      { name: 'ACTION', isRequired: true, describe: 'What to do', choices: ['create'] },
    ],
    options: [
      ...selectionOptions,
      { name: 'dry-run', kind: 'flag', describe: 'Say what would be created, and create nothing' },
      outputOption,
      ...project,
      ...logOptions,
    ],
    load: () => import('./commands/properties.ts'),
  },
  {
    name: 'exposures',
    describe: 'Write the syncs down as dbt exposures, so that HubSpot is in the lineage',
    details:
      "One exposure per sync, which depends on the sync's model: its name is `hubspot_sync_` and the sync's, so `dbt build -s +exposure:hubspot_sync_contacts` builds what `backhaul run --select contacts` sends. Owners come from `meta.owner` of the model, else from its dbt group, else from `--default-owner`; `maturity` from `meta.maturity`. URLs lead to the portal that backhaul.yml names. Syncs that are declared on an exposure get none, nor do disabled ones, or those of private models, which dbt keeps to their group. Reads dbt's manifest and asks neither warehouse nor HubSpot; the file is the same for every target. Only a file that this command wrote is written over. With `--check` nothing is written, and the exit code is 1 where the file would change. See [lineage](lineage.md).",
    examples: [
      ['exposures', 'then dbt parse, and commit the file'],
      ['exposures --check', 'in CI, after dbt parse: does the file say what the syncs say?'],
      [
        'exposures --portal 12345678 --ui-domain app-eu1.hubspot.com',
        'with URLs of this account, in Europe',
      ],
    ],
    options: [
      {
        name: 'check',
        kind: 'flag',
        describe: 'Write nothing; exit code 1 where the file would change, with what would',
      },
      {
        name: 'output-file',
        kind: 'text',
        value: 'FILE',
        describe:
          "File to write, in one of dbt's model-paths; default: backhaul_exposures.yml in the first of them",
      },
      { name: 'force', kind: 'flag', describe: 'Write over a file that Backhaul did not write' },
      {
        name: 'default-owner',
        kind: 'text',
        value: 'OWNER',
        describe: 'Owner of syncs whose models name none: a name, an address, or Name <address>',
      },
      {
        name: 'portal',
        kind: 'text',
        value: 'ID',
        describe:
          'Account that URLs lead to; default: the portal_id in backhaul.yml, where it names one only',
      },
      {
        name: 'ui-domain',
        kind: 'text',
        value: 'HOST',
        default: 'app.hubspot.com',
        describe: "Host of HubSpot's app, which differs by region",
      },
      ...selectionOptions,
      ...project,
      ...logOptions,
    ],
    load: () => import('./commands/exposures.ts'),
  },
  {
    name: 'schema',
    describe: 'Print the JSON Schema of syncs, of backhaul.yml, or of what plan and run write',
    details:
      "Draft-07, with a description, a default and examples for every key. That of syncs says something about `meta.hubspot` of dbt's YAML only, so that it stands beside dbt's own schema. Needs no project. See [editors](editors.md). `--artifact` prints that of `target/backhaul/plan.json` or `run_results.json`, in draft 2020-12, for whoever reads them; see [output](output.md).",
    examples: [
      ['schema', 'print the one of syncs'],
      ['schema --output-file .vscode/backhaul.schema.json', 'write it'],
      ['schema settings --output-file .vscode/backhaul-settings.schema.json', 'for backhaul.yml'],
      ['schema --artifact run_results', 'of what a run leaves'],
    ],
    positionals: [
      {
        name: 'WHAT',
        choices: ['syncs', 'settings'],
        describe: "Syncs in dbt's YAML (default), or the settings in backhaul.yml",
      },
    ],
    options: [
      {
        name: 'artifact',
        kind: 'text',
        choices: ['plan', 'run_results'],
        describe: 'The schema of this file in target/backhaul instead',
      },
      {
        name: 'output-file',
        kind: 'text',
        value: 'FILE',
        describe: 'File to write instead of printing',
      },
      { name: 'force', kind: 'flag', describe: 'Write over a file that Backhaul did not write' },
      ...logOptions,
    ],
    load: () => import('./commands/schema.ts'),
  },
  {
    name: 'auth',
    describe: 'Connect an OAuth app to a portal, and print its refresh token',
    details:
      'Only for OAuth apps (`hubspot.oauth` in backhaul.yml); the token of a private app or a service key needs none of this. Reads `HUBSPOT_CLIENT_ID` and `HUBSPOT_CLIENT_SECRET` (the nearest `.env` is read, too), prints the address of the page to open, and waits for its answer on this machine. The app has to list the redirect URL `http://localhost:8976/oauth-callback`. Standard output gets one line, `HUBSPOT_REFRESH_TOKEN=…`: a secret, to be kept where your secrets are.',
    examples: [
      ['auth login >> .env', 'keep the refresh token in .env'],
      [
        'auth login --scope crm.objects.contacts.write',
        'ask for this scope instead of the usual ones',
      ],
    ],
    positionals: [{ name: 'ACTION', isRequired: true, describe: 'What to do', choices: ['login'] }],
    options: [
      {
        name: 'scope',
        kind: 'list',
        value: 'SCOPE',
        describe:
          'Scopes to ask for; default: reading and writing contacts, companies and deals. `backhaul inspect scopes` says what the syncs need',
      },
      {
        name: 'port',
        kind: 'count',
        default: 8976,
        describe: 'Port of the redirect URL',
      },
    ],
    load: () => import('./commands/auth.ts'),
  },
  {
    name: 'hook',
    describe: 'Listen to webhooks of the dbt platform, and sync what its jobs built',
    details:
      "Answers each webhook when its job is on disk, then fetches the run's artifacts from the dbt platform and runs the syncs of the models that it built, as `backhaul run --gate require` would; one job at a time, again where that can help, and none lost by a restart. Serves until Ctrl-C or SIGTERM: what is under way is finished or stays in the queue. `POST /webhook` takes webhooks, `GET /healthz` says whether all is well. `DBT_CLOUD_WEBHOOK_SECRET` and `DBT_CLOUD_TOKEN` have to be set; what else there is stands in `hook:` of [backhaul.yml](reference.md#backhaulyml). See [hook](hook.md).",
    examples: [
      ['hook --job 67890 --target prod', 'the host and the account are in backhaul.yml'],
      [
        'hook --dbt-host ab123.us1.dbt.com --account 12345 --environment 4321 --target prod',
        'every job of an environment',
      ],
      ['hook --list', 'what is queued, and how the last jobs ended'],
      ['hook --run 70471 --target prod', 'what one run built, without a server: for CI'],
      ['hook --again 70471', 'a run that failed goes into the queue once more'],
    ],
    options: [
      {
        name: 'job',
        kind: 'list',
        value: 'ID',
        describe: 'Runs of this job of the dbt platform count',
      },
      {
        name: 'environment',
        kind: 'list',
        value: 'ID',
        describe: 'Runs of every job of this environment count',
      },
      {
        name: 'dbt-host',
        kind: 'text',
        value: 'HOST',
        describe: 'Access URL of the dbt platform account; else DBT_CLOUD_HOST_URL',
      },
      {
        name: 'account',
        kind: 'text',
        value: 'ID',
        describe: 'Account of the dbt platform; else DBT_CLOUD_ACCOUNT_ID',
      },
      {
        name: 'host',
        kind: 'text',
        value: 'ADDRESS',
        describe: 'Address to listen on; default: 127.0.0.1, this machine only',
      },
      {
        name: 'port',
        kind: 'count',
        describe: 'Port to listen on; default: 8580, and 0 takes a free one',
      },
      {
        name: 'queue-dir',
        kind: 'text',
        value: 'DIR',
        describe: "Folder of the queue, relative to the project's; default: .backhaul/hook",
      },
      {
        name: 'run',
        kind: 'text',
        value: 'RUN',
        describe: 'Sync what this run built, and end: needs no webhook and no queue',
      },
      { name: 'list', kind: 'flag', describe: 'Show the queue and how jobs ended, and end' },
      {
        name: 'again',
        kind: 'list',
        value: 'RUN',
        describe: 'Put a run that ended into the queue once more, and end',
      },
      ...selectionOptions.filter(({ name }) => name !== 'state'),
      ...documentOptions,
      ...project,
      ...logOptions,
    ],
    load: () => import('./commands/hook.ts'),
  },
  {
    name: 'sandbox',
    describe: 'Start a local HubSpot to try things on',
    details:
      'Stateful, with the limits, error bodies and quirks of the real one; in memory only. Set the two variables it prints, and every command talks to it.',
    examples: [
      ['sandbox', 'prints the two variables to set, runs until Ctrl-C'],
      ['sandbox --port 0 --properties properties.json', 'on a free port, with own properties'],
      ['sandbox --fault status:503:every=10', 'every tenth request fails'],
    ],
    options: [
      { name: 'port', kind: 'count', default: 4010, describe: 'Port; 0 takes a free one' },
      {
        name: 'host',
        kind: 'text',
        value: 'ADDRESS',
        describe:
          'Address to listen on; default: 127.0.0.1, this machine only. Elsewhere `/_sandbox/` is not served: it needs no token',
      },
      {
        name: 'tier',
        kind: 'text',
        choices: ['starter', 'professional', 'enterprise', 'unlimited'],
        default: 'professional',
        describe: 'Whose limits apply',
      },
      {
        name: 'latency',
        kind: 'count',
        value: 'MS',
        default: 0,
        describe: 'Milliseconds that each answer takes at least',
      },
      {
        name: 'search-delay',
        kind: 'count',
        value: 'MS',
        default: 0,
        describe: 'Milliseconds until search shows what was written',
      },
      {
        name: 'seed',
        kind: 'count',
        default: 1,
        describe: 'Decides the order of results and random faults',
      },
      {
        name: 'properties',
        kind: 'text',
        value: 'FILE',
        describe: 'JSON file with properties to create: {object: [definition, …]}',
      },
      {
        name: 'owner',
        kind: 'list',
        value: 'EMAIL',
        describe: 'An owner that the account has, for `as: owner_email`',
      },
      {
        name: 'label',
        kind: 'list',
        value: 'FROM:TO:LABEL',
        describe: 'A label of associations; seen from the other object: FROM:TO:LABEL:INVERSE',
      },
      {
        name: 'fault',
        kind: 'list',
        value: 'FAULT',
        describe:
          'KIND[:STATUS][:every=N|nth=N|probability=P|times=N|path=TEXT|delay=MS|retry-after=S]',
      },
      ...logOptions,
    ],
    load: () => import('./commands/sandbox.ts'),
  },
  {
    name: 'demo',
    describe: 'Show the whole story on the example project: plan, run, run again, change, run',
    examples: [['demo', 'needs nothing: DuckDB and a local HubSpot are inside']],
    options: [
      { name: 'keep', kind: 'flag', describe: 'Keep the folder with the project and its database' },
      {
        name: 'report',
        kind: 'text',
        value: 'FILE',
        describe: 'Leave the report of its runs there',
      },
      ...logOptions,
    ],
    load: () => import('./commands/demo.ts'),
  },
  {
    name: 'forget',
    describe: 'Erase one person from state, plan, audit, request bodies and files',
    details:
      "Found by primary key or by match value, and from there in every sync: rows of the same HubSpot record, events and members of lists that name it, and links of other rows that lead to it. Rows of the state are deleted; `changes` keeps that something was done and when, without key, record id, values and messages. Says what was erased where, and what stays: HubSpot, dbt's tables, what the warehouse keeps of deleted rows. Refused while a run is under way. May be repeated.",
    examples: [
      ['forget contacts 42 --dry-run', 'what is kept of this row?'],
      ['forget contacts 42', 'erase it, here and in every other sync'],
      ['forget --match ada@shop.example', 'whoever has this match value'],
    ],
    positionals: [
      { name: 'SYNC', describe: 'The sync; every one with --match alone' },
      { name: 'KEY', describe: 'Primary key of the row; of several columns a JSON list' },
    ],
    options: [
      {
        name: 'match',
        kind: 'text',
        value: 'VALUE',
        describe: 'Rows with this match value, e.g. an e-mail address, instead of a key',
      },
      { name: 'dry-run', kind: 'flag', describe: 'Say what would be erased, and erase nothing' },
      ...documentOptions,
      ...project,
      ...logOptions,
    ],
    load: () => import('./commands/forget.ts'),
  },
  {
    name: 'state',
    describe:
      'Export the state of syncs to a file, import it, or move it to another schema or engine',
    details:
      '`export` writes lines of JSON that hold property values, and no secrets; see [output](output.md). `import` takes such a file where the syncs have no state yet: portal, object, key and match property have to be the same. `move` copies from another schema or target, and removes the old state once the new one counts; cut short, it is finished by another move. Nothing is sent again. Audit rows stay where they are.',
    examples: [
      ['state export state.ndjson', 'every sync that has a state'],
      ['state import state.ndjson --target prod', 'into the schema of another target'],
      [
        'state move --from-schema analytics_backhaul',
        'after `schema:` in backhaul.yml was changed',
      ],
      [
        'state move --from-target dev --select contacts',
        "one sync, from another target's warehouse",
      ],
    ],
    positionals: [
      {
        name: 'ACTION',
        isRequired: true,
        choices: ['export', 'import', 'move'],
        describe: 'What to do',
      },
      { name: 'FILE', describe: 'For export and import' },
    ],
    options: [
      ...selectionOptions,
      {
        name: 'from-schema',
        kind: 'text',
        value: 'SCHEMA',
        describe:
          "Move: schema that holds the state now, in the target's own warehouse or that of --from-target",
      },
      {
        name: 'from-target',
        kind: 'text',
        value: 'NAME',
        describe: 'Move: target of the profile whose state it is now',
      },
      ...project,
      ...logOptions,
    ],
    load: () => import('./commands/state.ts'),
  },
  {
    name: 'clean',
    describe: 'Remove old audit rows, and on request all that is known of a sync',
    examples: [
      ['clean', 'audit rows older than audit.retention_days'],
      ['clean --sync old_contacts', 'forget a sync that is gone from the project'],
    ],
    options: [
      {
        name: 'sync',
        kind: 'list',
        value: 'NAME',
        describe: 'Drop the state of this sync; HubSpot is not touched',
      },
      ...project,
      ...logOptions,
    ],
    load: () => import('./commands/clean.ts'),
  },
]
