import type { Argv } from 'yargs'
import type { Io } from './io.ts'
import {
  connectionOptions,
  logOptions,
  planOptions,
  projectOptions,
  runOptions,
  selectionOptions,
} from './options.ts'

/** Arguments as yargs leaves them; each command reads its own. */
export type Arguments = Readonly<Record<string, unknown>>

export interface CommandModule {
  /** @returns the exit code */
  handle(args: Arguments, io: Io): Promise<number>
}

/** A command as data; its code is loaded only when it is asked for. */
export interface CommandSpec {
  readonly name: string
  readonly describe: string
  readonly examples: readonly (readonly [line: string, meaning: string])[]
  readonly builder: (argv: Argv) => Argv
  readonly load: () => Promise<CommandModule>
}

const project = (argv: Argv) => logOptions(connectionOptions(projectOptions(argv)))

export const commands: readonly CommandSpec[] = [
  {
    name: 'run',
    describe: 'Send what changed to HubSpot',
    examples: [
      ['$0 run', 'every sync of the project'],
      ['$0 run --select contacts --target prod', 'one sync'],
      ['$0 run --select contacts --limit 10', 'try ten rows first'],
    ],
    builder: (argv) => runOptions(selectionOptions(project(argv))),
    load: () => import('./commands/run.ts'),
  },
  {
    name: 'plan',
    describe: 'Show what a run would do; writes nothing to HubSpot',
    examples: [
      ['$0 plan', 'counts and the first changes'],
      ['$0 plan --all --output json', 'every change, for machines'],
    ],
    builder: (argv) => planOptions(selectionOptions(project(argv))),
    load: () => import('./commands/plan.ts'),
  },
  {
    name: 'ls',
    describe: 'List the syncs of the project',
    examples: [['$0 ls --select tag:crm', 'syncs of models with a tag']],
    builder: (argv) => selectionOptions(logOptions(projectOptions(argv))),
    load: () => import('./commands/ls.ts'),
  },
  {
    name: 'validate',
    describe: 'Check all syncs; with a token and a warehouse also against what exists there',
    examples: [
      ['$0 validate', 'syncs, model columns and HubSpot properties'],
      ['$0 validate --offline', 'without warehouse and HubSpot'],
    ],
    builder: (argv) =>
      selectionOptions(project(argv)).option('offline', {
        type: 'boolean',
        default: false,
        describe: 'Only what the files say: no warehouse, no HubSpot',
      }),
    load: () => import('./commands/validate.ts'),
  },
  {
    name: 'debug',
    describe: 'Check profile, warehouse, grants, token, portal and scopes',
    examples: [['$0 debug --target prod', 'says what to do about each thing that is not right']],
    builder: project,
    load: () => import('./commands/debug.ts'),
  },
  {
    name: 'sandbox',
    describe: 'Start a local HubSpot to try things on',
    examples: [
      ['$0 sandbox', 'prints the two variables to set, runs until Ctrl-C'],
      ['$0 sandbox --port 4010 --fault "status:503:every=10"', 'every tenth request fails'],
    ],
    builder: (argv) =>
      logOptions(argv)
        .option('port', { type: 'number', default: 4010, describe: 'Port; 0 takes a free one' })
        .option('tier', {
          choices: ['starter', 'professional', 'enterprise', 'unlimited'] as const,
          default: 'professional' as const,
          describe: 'Whose limits apply',
        })
        .option('latency', {
          type: 'number',
          default: 0,
          describe: 'Milliseconds each answer takes at least',
        })
        .option('seed', {
          type: 'number',
          default: 1,
          describe: 'Decides order of results and random faults',
        })
        .option('properties', {
          type: 'string',
          describe: 'JSON file with properties to create: {object: [definition, …]}',
        })
        .option('fault', {
          type: 'string',
          array: true,
          default: [] as string[],
          describe: 'KIND[:STATUS][:every=N|nth=N|probability=P|times=N|path=TEXT], repeatable',
        }),
    load: () => import('./commands/sandbox.ts'),
  },
  {
    name: 'demo',
    describe: 'Show the whole story on the example project: dbt, plan, run, run again, change, run',
    examples: [['$0 demo', 'needs nothing: DuckDB and a local HubSpot are inside']],
    builder: (argv) =>
      logOptions(argv).option('keep', {
        type: 'boolean',
        default: false,
        describe: 'Keep the folder with the project and its database',
      }),
    load: () => import('./commands/demo.ts'),
  },
  {
    name: 'clean',
    describe: 'Remove old audit rows, and on request all that is known of a sync',
    examples: [
      ['$0 clean', 'audit rows older than audit.retention_days'],
      ['$0 clean --sync old_contacts', 'forget a sync that is gone from the project'],
    ],
    builder: (argv) =>
      project(argv).option('sync', {
        type: 'string',
        array: true,
        default: [] as string[],
        describe: 'Drop the state of this sync; HubSpot is not touched',
      }),
    load: () => import('./commands/clean.ts'),
  },
]
