import { existsSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { UserError, WarehouseError } from '../../errors.ts'
import { quoteLiteral, quoteStandard } from '../knex-compiler.ts'
import { fileOf, textSetting } from '../settings.ts'
import type { Connection } from '../warehouse.ts'

/** A database of the user's that is attached, read-only, while a snapshot lasts. */
export interface Attachment {
  readonly path: string
  readonly alias: string
  /** The statement that attaches it. */
  readonly sql: string
  /** The one that the models live in: without it nothing can be read. */
  readonly isMain: boolean
}

/** The files of a dbt-duckdb profile and ours beside them. */
export interface Place {
  readonly userFile: string
  readonly stateFile: string
  /** The state is another target's: it is not written, and not made. */
  readonly isReadOnly: boolean
  readonly attachments: readonly Attachment[]
}

/** DuckDB names a database by its file, up to the first dot. */
const databaseName = (path: string) => basename(path).split(/[.?]/, 1)[0] ?? ''

function stateFileOf(connection: Connection): string {
  const userFile = fileOf(connection, localPath(connection))
  const stem = basename(userFile).replace(/\.[^.]*$/, '')
  return join(dirname(userFile), `${stem.replaceAll(/[.?]/g, '_')}_backhaul.duckdb`)
}

/** Reads `path`, `database` and `attach` of the profile. */
export function readPlace(connection: Connection): Place {
  const { settings } = connection
  const userFile = fileOf(connection, localPath(connection))
  const stateFile = stateFileOf(connection.stateOf ?? connection)
  if (!existsSync(userFile)) {
    throw new WarehouseError({
      action: `Opening ${userFile}`,
      detail: 'the file does not exist',
      disposition: 'terminal',
      hint: 'Run `dbt build` first: it makes the file. Or check `path:` in profiles.yml.',
    })
  }
  const main: Attachment = {
    path: userFile,
    alias: textSetting(settings, 'database') ?? databaseName(userFile),
    sql: '',
    isMain: true,
  }
  const others = listOf(settings['attach']).flatMap((entry) => attachment(entry, connection))
  const attachments = [main, ...others.filter((other) => other.path !== stateFile)]
  return {
    userFile,
    stateFile,
    isReadOnly: connection.stateOf !== undefined,
    attachments: attachments.map(withStatement),
  }
}

function withStatement(attachment: Attachment): Attachment {
  const options = attachment.sql === '' ? 'read_only' : `type ${attachment.sql}, read_only`
  const sql = `attach if not exists ${quoteLiteral(attachment.path)} as ${quoteStandard(attachment.alias)} (${options})`
  return { ...attachment, sql }
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

/** `sql` holds the type for now. */
function attachment(entry: unknown, connection: Connection): Attachment[] {
  if (typeof entry !== 'object' || entry === null) return []
  const keys = entry as Readonly<Record<string, unknown>>
  const path = textSetting(keys, 'path')
  if (path === undefined) return []
  const isLocal = !isRemote(path)
  const full = isLocal ? fileOf(connection, stripScheme(path)) : path
  const type = textSetting(keys, 'type')?.replaceAll(/\W/g, '') ?? ''
  return [
    {
      path: full,
      alias: textSetting(keys, 'alias') ?? databaseName(full),
      sql: type,
      isMain: false,
    },
  ]
}

const stripScheme = (path: string) => path.replace(/^(duckdb|file):(\/\/(?=\/))?/, '')

const isRemote = (path: string) =>
  /^([a-z][a-z0-9+.-]+:\/\/|md:|motherduck:|ducklake:)/i.test(stripScheme(path))

function localPath({ settings }: Connection): string {
  const path = stripScheme(textSetting(settings, 'path') ?? ':memory:')
  if (path === ':memory:') {
    throw new UserError({
      message:
        "The profile's DuckDB database is in memory (path `:memory:`), so its models are gone when dbt has ended",
      hint: 'Set `path:` to a file in profiles.yml, e.g. `path: warehouse.duckdb`, and run `dbt build`.',
    })
  }
  if (isRemote(path) || textSetting(settings, 'is_ducklake') === 'true') {
    throw new UserError({
      message: `The profile's DuckDB database is not a local file: ${path.split('?', 1)[0]}`,
      hint: 'Backhaul works with DuckDB files on this machine. Build the models into a file, or choose another target with --target.',
    })
  }
  return path
}
