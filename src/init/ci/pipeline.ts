/** What a file for CI has to know of the project. */
export interface PipelineFacts {
  /** Version of Backhaul to install, e.g. `0.1.0`. */
  readonly version: string
  /** dbt's adapter type, e.g. `postgres`. */
  readonly adapter: string
  /** Version of dbt that wrote the manifest, e.g. `1.11`; undefined where it is none that pip installs. */
  readonly dbtVersion: string | undefined
  /** Target that writes to HubSpot. */
  readonly target: string
  /** Folder of the project in the repository; empty for its root. */
  readonly folder: string
  /** Folder of profiles.yml in the repository; undefined where it is elsewhere. */
  readonly profilesFolder: string | undefined
  /** Variables that profiles.yml reads. */
  readonly variables: readonly string[]
  readonly branch: string
  /** File that holds the state, where it is a file. */
  readonly stateFile: string | undefined
}

/** A file for one provider. */
export interface PipelineFile {
  /** In the repository. */
  readonly path: string
  readonly text: string
}

/** The token of a plan, which needs scopes that read and no others. */
export const readToken = 'HUBSPOT_READ_TOKEN'

/** Variables that the profile reads. */
export const profileVariables = ({ variables }: PipelineFacts): readonly string[] => [
  ...new Set(variables.filter((name) => name !== 'HUBSPOT_ACCESS_TOKEN')),
]

/** What has to be set, in one sentence. */
export const variablesNote = (facts: PipelineFacts, where: string): string =>
  `# Needs ${where}: ${readToken} (scopes that read are enough), ${['HUBSPOT_ACCESS_TOKEN', ...profileVariables(facts)].join(', ')}.`

export const dbtPackages = ({ adapter, dbtVersion }: PipelineFacts): string =>
  `"dbt-core${dbtVersion === undefined ? '' : `~=${dbtVersion}.0`}" ${word(`dbt-${adapter}`)}`

/** Above the check that needs no token; without a lock it checks what needs no HubSpot. */
export const lockNote =
  'Checked against hubspot.lock.yml, without a token: `backhaul lock` writes it, `backhaul lock --check` on a schedule says when HubSpot has moved.'

/** A word of a command. */
export const word = (text: string): string =>
  /^[\w./@=~-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`

/** A value in YAML: in quotes where it could be anything else. */
export const yamlText = (text: string): string =>
  /^[A-Za-z_$/][\w$./{} -]*$/.test(text) && !/ $|^(true|false|null|yes|no|on|off|y|n)$/i.test(text)
    ? text
    : JSON.stringify(text)

/** A command in YAML, in which `: ` and ` #` would end it. */
export const commandText = (command: string): string =>
  /:(\s|$)|\s#|[\r\n]/.test(command) ? JSON.stringify(command) : command

/** Folder of profiles.yml below the variable that holds the repository's. */
export const profilesBelow = (variable: string, { profilesFolder }: PipelineFacts): string =>
  profilesFolder === '' ? variable : `${variable}/${profilesFolder}`

/** What whoever reads the file has to do before it works, as comments. */
export const pipelineNotes = (facts: PipelineFacts): readonly string[] => [
  ...(facts.profilesFolder === undefined
    ? [
        '# profiles.yml is not in this repository: add one that reads secrets by env_var(), and its folder as DBT_PROFILES_DIR.',
      ]
    : []),
  ...(facts.stateFile === undefined
    ? []
    : [
        `# The state is in ${facts.stateFile}: keep that file between runs. Without it every row is new, and is sent again.`,
      ]),
]
