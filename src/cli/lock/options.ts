import type { OptionSpec } from '../command-line/option.ts'

export const LOCK_FILE = 'hubspot.lock.yml'

/** Where the lock is, for all commands that write or read one. */
export const lockFileOption: OptionSpec = {
  name: 'lock-file',
  kind: 'text',
  value: 'FILE',
  describe: `The lock; default: ${LOCK_FILE} beside dbt_project.yml`,
}

/** `--offline` of a plan. */
export const offlineOption: OptionSpec = {
  name: 'offline',
  kind: 'flag',
  describe: `Ask ${LOCK_FILE} in place of HubSpot; so is done, too, where there is no token`,
}
