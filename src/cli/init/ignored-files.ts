import { childrenIn } from '../demo/children.ts'
import type { Session } from '../session.ts'

/** A file that a commit must not take along. */
export interface Unshared {
  readonly path: string
  /** Folder of the .gitignore that names it. */
  readonly folder: string
  readonly line: string
}

/** Those files that Git does not ignore yet; none outside of a repository, or without Git. */
export async function unignored(
  { io, drain, project }: Session,
  files: readonly Unshared[],
): Promise<readonly Unshared[]> {
  const { run } = childrenIn({ cwd: project.projectDir, env: io.env, signal: drain })
  const found: Unshared[] = []
  for (const file of files) {
    const { exitCode } = await run('git', ['check-ignore', '--quiet', '--', file.path])
    // 0: ignored; 1: not; anything else: nobody can tell.
    if (exitCode === 1) found.push(file)
  }
  return found
}
