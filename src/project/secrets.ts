/** Which values must never be printed, and how they are kept out of a text. */

const SECRET_KEYS =
  /^(pass(word)?|token|.*_token|secret|.*_secret|private_key|private_key_passphrase|keyfile_json|sslpassword)$/

/** True for keys of a profile or of backhaul.yml whose values must not be shown. */
export const isSecretKey = (key: string): boolean => SECRET_KEYS.test(key)

const SECRET_VARIABLES =
  /TOKEN|SECRET|PASS(WORD|WD|PHRASE)?(_|$)|PWD(_|$)|PRIVATE_KEY|API_?KEY|CREDENTIAL/i

/** True for environment variables that by their name hold a secret. */
export const isSecretVariable = (name: string): boolean => SECRET_VARIABLES.test(name)

/** Shorter values would blot out half of every message. */
const SHORTEST_SECRET = 4

/** Replaces secrets wherever they turn up. */
export function hideSecrets(text: string, secrets: readonly string[]): string {
  return secrets
    .filter((secret) => secret.length >= SHORTEST_SECRET)
    .reduce((hidden, secret) => hidden.replaceAll(secret, '*****'), text)
}

/** Adds the values of secret keys at any depth; not those that the settings also hold in the open. */
export function collectSecrets(settings: unknown, secrets: Set<string>): void {
  const hidden = new Set<string>()
  const open = new Set<string>()
  const visit = (value: unknown, isSecret: boolean): void => {
    if (typeof value === 'string') (isSecret ? hidden : open).add(value)
    else if (typeof value === 'object' && value !== null) {
      for (const [key, entry] of Object.entries(value)) {
        visit(entry, isSecret || isSecretKey(key))
      }
    }
  }
  visit(settings, false)
  for (const value of hidden) {
    if (value.length >= SHORTEST_SECRET && !open.has(value)) secrets.add(value)
  }
}
