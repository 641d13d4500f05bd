import type { Io } from './io.ts'
import type { Arguments, OptionSpec, PositionalSpec } from './option.ts'
import {
  changeOptions,
  connectionOptions,
  documentOptions,
  failFastOption,
  logOptions,
  outputOption,
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

export const commands: readonly CommandSpec[] = [
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
    ],
    options: [
      ...selectionOptions,
      ...changeOptions,
      failFastOption,
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
      'Creates, updates per property (old → new), removals and rejects, the calls they need and how long those take. Works for every target. `--output json` prints one JSON document per line: `{"kind": "plan", …}` per sync, each followed by its `{"kind": "change", …}`; see [output](output.md).',
    examples: [
      ['plan', 'counts and the first ten changes of each sync'],
      ['plan --select contacts --row 42', 'what would become of one row'],
      ['plan --all --output json', 'every change, for machines'],
    ],
    options: [
      ...selectionOptions,
      ...changeOptions,
      { name: 'all', kind: 'flag', describe: 'Print every change instead of the first ten' },
      outputOption,
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
      ...changeOptions.filter(({ name }) => ['limit', 'row', 'force-guard', 'gate'].includes(name)),
      ...documentOptions,
      ...project,
      ...logOptions,
    ],
    load: () => import('./commands/adopt.ts'),
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
      ['validate --offline', 'only the files: needs no token and no warehouse'],
    ],
    options: [
      ...selectionOptions,
      {
        name: 'offline',
        kind: 'flag',
        describe: 'Only what the files say: no warehouse, no HubSpot',
      },
      outputOption,
      ...project,
      ...logOptions,
    ],
    load: () => import('./commands/validate.ts'),
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
    describe: 'Print the JSON Schema of syncs, or of backhaul.yml, for editors',
    details:
      "Draft-07, with a description, a default and examples for every key. That of syncs says something about `meta.hubspot` of dbt's YAML only, so that it stands beside dbt's own schema. Needs no project. See [editors](editors.md).",
    examples: [
      ['schema', 'print the one of syncs'],
      ['schema --output-file .vscode/backhaul.schema.json', 'write it'],
      ['schema settings --output-file .vscode/backhaul-settings.schema.json', 'for backhaul.yml'],
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
      ...logOptions,
    ],
    load: () => import('./commands/demo.ts'),
  },
  {
    name: 'forget',
    describe: 'Erase one person from state, plan, audit, request bodies and files',
    details:
      "Found by primary key, or by match value in every sync. Rows of the state are deleted; `changes` keeps that something was done and when, without key, record id, values and messages. Says what was erased where, and what stays: HubSpot, dbt's tables, what the warehouse keeps of deleted rows. Refused while a run is under way. May be repeated.",
    examples: [
      ['forget contacts 42 --dry-run', 'what is kept of this row?'],
      ['forget contacts 42', 'erase it'],
      ['forget --match ada@shop.example', 'whoever has this match value, in every sync'],
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
