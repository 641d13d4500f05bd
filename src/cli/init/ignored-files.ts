import { childrenIn } from '../demo/children.ts'
import type { Session } from '../session.ts'

interface Unshared {
  readonly path: string
  readonly line: string
}

/** Lines of those files that Git does not ignore yet; none outside of a repository, or without Git. */
export async function unignored(
  { io, drain, project }: Session,
  files: readonly Unshared[],
): Promise<readonly string[]> {
  const { run } = childrenIn({ cwd: project.projectDir, env: io.env, signal: drain })
  const lines: string[] = []
  for (const { path, line } of files) {
    const { exitCode } = await run('git', ['check-ignore', '--quiet', '--', path])
    // 0: ignored; 1: not; anything else: nobody can tell.
    if (exitCode === 1) lines.push(line)
  }
  return lines
}
