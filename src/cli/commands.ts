import type { Io } from './io.ts'
import type { Arguments, OptionSpec } from './option.ts'
import {
  changeOptions,
  connectionOptions,
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
    name: 'ls',
    describe: 'List the syncs of the project',
    examples: [
      ['ls', 'every sync: model, object, mode'],
      ['ls --select tag:crm --output json', 'syncs of models with a tag, for machines'],
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
