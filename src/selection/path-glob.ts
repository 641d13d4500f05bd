import { UserError } from '../errors.ts'
import { fnmatch } from './fnmatch.ts'
import type { GraphNode } from './node.ts'

/**
 * Files and folders of the project that a pattern means, and by them nodes. dbt looks for the pattern in the project's folder,
 * so a package's file counts only where the project has one of that path, or a folder above it. Here the folder is what the
 * project's own nodes say of it, so that a manifest is enough.
 */
export function matchesPath(
  pattern: string,
  nodes: Iterable<GraphNode>,
  projectName: string | undefined,
): (node: GraphNode) => boolean {
  const wanted = partsOf(pattern)
  const verdicts = new Map<string, boolean>()
  for (const node of nodes) {
    if (projectName !== undefined && node.packageName !== projectName) continue
    for (const file of [node.path, node.patchPath]) {
      for (const path of file === undefined ? [] : withFolders(file)) {
        if (!verdicts.has(path)) verdicts.set(path, matchesParts(wanted, splitPath(path)))
      }
    }
  }
  const isMeant = (path: string) => verdicts.get(path) === true
  return ({ path, patchPath }) =>
    withFolders(path).some(isMeant) || (patchPath !== undefined && isMeant(patchPath))
}

function partsOf(pattern: string): readonly string[] {
  const text = pattern.replaceAll('\\', '/')
  if (text === '' || text.startsWith('/')) {
    throw new UserError(
      {
        message: `Invalid path selector value "${pattern}"`,
        hint: 'Write it relative to the project folder, for example path:models/marts.',
      },
      { exitCode: 2 },
    )
  }
  return splitPath(text)
}

const splitPath = (path: string): readonly string[] =>
  path.split('/').filter((part) => part !== '' && part !== '.')

/** The path, and every folder above it; the project's own folder is the empty text. */
function withFolders(path: string): readonly string[] {
  const parts = path.split('/')
  return ['', ...parts.map((_, index) => parts.slice(0, index + 1).join('/'))]
}

/** `**` stands for any number of folders. */
function matchesParts(wanted: readonly string[], parts: readonly string[]): boolean {
  const [first, ...rest] = wanted
  if (first === undefined) return parts.length === 0
  if (first === '**') {
    return matchesParts(rest, parts) || (parts.length > 0 && matchesParts(wanted, parts.slice(1)))
  }
  const [part, ...below] = parts
  return part !== undefined && fnmatch(part, first) && matchesParts(rest, below)
}
