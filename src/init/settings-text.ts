import { yamlText } from './ci/pipeline.ts'

/** What is known of the project for its backhaul.yml. */
export interface SettingsFacts {
  /** Target that is most likely the one to write from. */
  readonly target: string
  /** Account that the token belongs to; undefined: not known, or a sandbox. */
  readonly portalId: string | undefined
}

/** backhaul.yml of a project that has none: no target may write to a real account until somebody says so. */
export const settingsText = ({ target, portalId }: SettingsFacts): string =>
  `# Settings of Backhaul.
version: 1

# The token of HubSpot comes from the variable HUBSPOT_ACCESS_TOKEN; a .env file is read, too.

# Targets of the dbt profile that may write to a HubSpot account, each with the id of that account. All others may plan, and write
# to sandboxes only, so that no laptop writes to production by accident.
# targets:
#   ${yamlText(target)}: {portal_id: ${portalId ?? '12345678'}}
`
