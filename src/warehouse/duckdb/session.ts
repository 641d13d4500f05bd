import type { DuckDBConnection } from '@duckdb/node-api'
import { quoteLiteral, quoteStandard } from '../knex-compiler.ts'
import type { OpenOptions } from '../open.ts'
import { textSetting } from '../settings.ts'
import type { Connection } from '../warehouse.ts'

/** Settings of the profile that decide where files are read from. Those that decide what SQL means stay ours. */
const harmlessSetting =
  /^(s3_\w+|http_\w+|azure_\w+|ca_cert_file|enable_http_metadata_cache|threads|binary_as_string)$/

/** Puts a connection into the state that the dialect counts on, then applies what is harmless of the profile. */
export async function prepareSession(
  session: DuckDBConnection,
  connection: Connection,
  options: OpenOptions,
): Promise<void> {
  await session.run("set timezone = 'UTC'")
  // Where order matters our SQL says so; without this, large inserts are buffered to keep the order of their source.
  await session.run('set preserve_insertion_order = false')
  await session.run(`set file_search_path = ${quoteLiteral(connection.projectDir)}`)
  await loadExtensions(session, connection, options)
  const profile = connection.settings['settings']
  const settings = (typeof profile === 'object' && profile !== null ? profile : {}) as Readonly<
    Record<string, unknown>
  >
  for (const name of Object.keys(settings)) {
    const value = textSetting(settings, name)
    if (value === undefined || !harmlessSetting.test(name)) continue
    await tolerate(options, name, () => session.run(`set ${name} = ${quoteLiteral(value)}`))
  }
}

/** Loads extensions that are installed; installing is dbt's. */
async function loadExtensions(
  session: DuckDBConnection,
  connection: Connection,
  options: OpenOptions,
): Promise<void> {
  const wanted = connection.settings['extensions']
  if (!Array.isArray(wanted)) return
  for (const entry of wanted as readonly unknown[]) {
    const name = textSetting(
      typeof entry === 'object' && entry !== null ? { ...entry } : { name: entry },
      'name',
    )
    if (name === undefined) continue
    const found = await session.runAndReadAll(
      'select 1 from duckdb_extensions() where extension_name = $1 and installed and not loaded',
      [name],
    )
    if (found.currentRowCount === 0) continue
    await tolerate(options, name, () => session.run(`load ${quoteStandard(name)}`))
  }
}

async function tolerate(
  options: OpenOptions,
  name: string,
  work: () => Promise<unknown>,
): Promise<void> {
  try {
    await work()
  } catch {
    options.log.warn('A setting or extension of the profile could not be applied', { name })
  }
}
