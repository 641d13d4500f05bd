import { version } from '../../src/cli/version.ts'
import type { CliResult } from './cli.ts'
import type { TestProject } from './project.ts'

/** What a command printed on standard error, without what differs between two runs of the same. */
export function messageOf(
  result: Pick<CliResult, 'exitCode' | 'stderr'>,
  project?: Pick<TestProject, 'dir' | 'schema'>,
): string {
  return `exit ${result.exitCode}\n${steady(result.stderr, project)}`.trimEnd()
}

/** Text without folders, ports, ids and times of this run. */
export function steady(text: string, project?: Pick<TestProject, 'dir' | 'schema'>): string {
  const local = project === undefined ? text : text.replaceAll(project.dir, '<project>')
  return (
    local
      .replaceAll(
        project === undefined || project.schema === 'main' ? '\0' : project.schema,
        '<schema>',
      )
      .replaceAll(version(), '<version>')
      .replaceAll(/\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, '<id>')
      .replaceAll(/(127\.0\.0\.1|0\.0\.0\.0|localhost)(:| port |, port )\d+/g, '$1$2<port>')
      .replaceAll(/^\d\d:\d\d:\d\d {2}/gm, '')
      .replaceAll(/^Warehouse: [\d,]+ statements?\n/gm, '')
      // Progress is told by the clock: a command that waits has more of it on a slow machine.
      .replaceAll(/^\S+: [\d,]+ of [\d,]+ \w+ sent .*\n/gm, '')
      .replaceAll(/ in \d+\.\d\ds\]/g, ' in <time>]')
      .replaceAll(/\bprocess \d+\b/g, (found) => found.replace(/\d+/, '<pid>'))
      .replaceAll(/DuckDB v[\d.]+/g, 'DuckDB <version>')
  )
}
