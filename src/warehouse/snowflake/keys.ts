import { createPrivateKey } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { UserError } from '../../errors.ts'
import { fileOf, textSetting, unreadable } from '../settings.ts'
import type { Connection } from '../warehouse.ts'

/**
 * The private key of a profile, decrypted, as PEM: `private_key` (PEM, or DER in base64) or `private_key_path`, with
 * `private_key_passphrase`. Undefined when the profile has neither.
 *
 * @throws UserError for both at once, a file that cannot be read, a key that cannot be opened
 */
export function privateKeyOf(connection: Connection): string | undefined {
  const { settings } = connection
  const inline = textSetting(settings, 'private_key')
  const path = textSetting(settings, 'private_key_path')
  if (inline !== undefined && path !== undefined) {
    throw new UserError({
      message: 'The profile has both private_key and private_key_path',
      hint: 'Keep one of them, as dbt demands.',
    })
  }
  const passphrase = textSetting(settings, 'private_key_passphrase')
  if (path !== undefined) return opened(readKey(connection, path), passphrase)
  if (inline === undefined) return undefined
  // An environment variable often holds the lines of a PEM as `\n`.
  return opened(
    inline.trimStart().startsWith('-')
      ? inline.replaceAll('\\n', '\n')
      : Buffer.from(inline, 'base64'),
    passphrase,
  )
}

function readKey(connection: Connection, path: string): string {
  const file = fileOf(connection, path)
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw unreadable('private_key_path', error, connection.projectDir)
  }
}

function opened(key: string | Buffer, passphrase: string | undefined): string {
  const secret = passphrase === undefined ? {} : { passphrase }
  try {
    const parsed =
      typeof key === 'string'
        ? createPrivateKey({ key, ...secret })
        : createPrivateKey({ key, format: 'der', type: 'pkcs8', ...secret })
    return String(parsed.export({ format: 'pem', type: 'pkcs8' }))
  } catch {
    // biome-ignore lint/style/useErrorCause: the cause may quote the key
    throw new UserError({
      message: "The private key of the profile's output cannot be opened",
      hint: 'It must be PKCS#8, in PEM or as base64 of DER; give private_key_passphrase if it is encrypted.',
    })
  }
}
