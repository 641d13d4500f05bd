import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { ConnectionOptions } from 'node:tls'
import { UserError } from '../../errors.ts'
import { fileOf, textSetting, unreadable } from '../settings.ts'
import type { Connection } from '../warehouse.ts'

/** What to offer the server, in this order: TLS options, or `false` for plain text. */
export type TlsAttempts = readonly (ConnectionOptions | false)[]

const modes = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'] as const
type Mode = (typeof modes)[number]

/** `sslmode`, `sslcert`, `sslkey` and `sslrootcert` as libpq means them. */
export async function tlsAttempts(connection: Connection): Promise<TlsAttempts> {
  const { settings } = connection
  const mode = textSetting(settings, 'sslmode') ?? 'prefer'
  if (!isMode(mode)) {
    throw new UserError({
      message: `sslmode of the profile's output is none of ${modes.join(', ')}`,
    })
  }
  // A socket file has no TLS.
  if (mode === 'disable' || textSetting(settings, 'host')?.startsWith('/')) return [false]
  const rootcert = await authority(connection)
  const tls: ConnectionOptions = {
    ...(await clientCertificate(connection)),
    ...(rootcert === undefined ? {} : { ca: rootcert }),
    ...verification(
      mode,
      rootcert !== undefined || textSetting(settings, 'sslrootcert') === 'system',
    ),
  }
  if (mode === 'allow') return [false, tls]
  return mode === 'prefer' ? [tls, false] : [tls]
}

const isMode = (text: string): text is Mode => (modes as readonly string[]).includes(text)

function verification(mode: Mode, hasAuthority: boolean): ConnectionOptions {
  if (mode === 'verify-full') return { rejectUnauthorized: true }
  // libpq: `require` with a root certificate verifies as `verify-ca` does.
  const verifiesAuthority = mode === 'verify-ca' || (mode === 'require' && hasAuthority)
  return verifiesAuthority
    ? { rejectUnauthorized: true, checkServerIdentity: () => undefined }
    : { rejectUnauthorized: false }
}

async function authority(connection: Connection): Promise<string | undefined> {
  const named = textSetting(connection.settings, 'sslrootcert')
  if (named === 'system') return undefined
  return readCertificate(connection, 'sslrootcert', named, 'root.crt')
}

async function clientCertificate(connection: Connection): Promise<ConnectionOptions> {
  const { settings } = connection
  const cert = await readCertificate(
    connection,
    'sslcert',
    textSetting(settings, 'sslcert'),
    'postgresql.crt',
  )
  if (cert === undefined) return {}
  const key = await readCertificate(
    connection,
    'sslkey',
    textSetting(settings, 'sslkey'),
    'postgresql.key',
  )
  return key === undefined ? { cert } : { cert, key }
}

/** A file that the profile names must be there; the one in libpq's folder may be. */
async function readCertificate(
  connection: Connection,
  setting: string,
  named: string | undefined,
  fallback: string,
): Promise<string | undefined> {
  const path =
    named === undefined ? join(homedir(), '.postgresql', fallback) : fileOf(connection, named)
  if (named === undefined && !existsSync(path)) return undefined
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    throw unreadable(setting, error, connection.projectDir)
  }
}
