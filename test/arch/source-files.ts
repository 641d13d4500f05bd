import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { posix } from 'node:path'

/** One import, export-from, `import()` or `import('…').Type` in a source file. */
export interface SourceImport {
  readonly specifier: string
  readonly line: number
  /** By `import()`: loaded when called, so it closes no cycle. */
  readonly isLazy: boolean
  /** `import type`: gone when it runs. */
  readonly isType: boolean
}

/** Files below a folder whose name matches, sorted, with `/` on every system. A missing folder has none. */
export function listFiles(folder: string, name: RegExp): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && name.test(entry.name))
    .map((entry) => posix.join(entry.parentPath.replaceAll('\\', '/'), entry.name))
    .sort()
}

/**
 * Reads the imports of a file. The formatter puts statements at the start of a line, so no parser is needed.
 * An `import()` of something that is no literal is returned as `<computed>`: no row of the table allows it.
 */
export function importsOf(file: string): SourceImport[] {
  return findImports(readFileSync(file, 'utf8'))
}

export function findImports(text: string): SourceImport[] {
  // Comments at the start of a line go; their line breaks stay, so that line numbers are right.
  const code = text
    .replace(/^[ \t]*\/\*[\s\S]*?\*\//gm, (comment) => comment.replace(/[^\n]/g, ' '))
    .replace(/^[ \t]*\/\/.*$/gm, '')
  const patterns = [
    /^(?:import|export)\b[^'";]*?\bfrom\s*(['"])(?<specifier>[^'"]+)\1/gm,
    /^import\s*(['"])(?<specifier>[^'"]+)\1/gm,
    /\bimport\(\s*(['"])(?<specifier>[^'"]+)\1/g,
    /(?<!['"`\w.])import\(\s*(?!['"\s])(?<specifier>)/g,
  ]
  return patterns
    .flatMap((pattern) => [...code.matchAll(pattern)])
    .map((match) => ({
      specifier: match.groups?.['specifier'] || '<computed>',
      line: code.slice(0, match.index).split('\n').length,
      isLazy: match[0].includes('('),
      isType: match[0].startsWith('import type'),
    }))
    .sort((a, b) => a.line - b.line)
}

/** The first cycle of a graph as a path that ends where it starts, or undefined. */
export function findCycle(graph: ReadonlyMap<string, readonly string[]>): string[] | undefined {
  const done = new Set<string>()
  const visit = (node: string, path: readonly string[]): string[] | undefined => {
    const seenAt = path.indexOf(node)
    if (seenAt >= 0) return [...path.slice(seenAt), node]
    if (done.has(node)) return undefined
    for (const next of graph.get(node) ?? []) {
      const cycle = visit(next, [...path, node])
      if (cycle !== undefined) return cycle
    }
    done.add(node)
    return undefined
  }
  for (const node of graph.keys()) {
    const cycle = visit(node, [])
    if (cycle !== undefined) return cycle
  }
  return undefined
}

/** All nodes that can be reached from one, itself included. */
export function reachable(graph: ReadonlyMap<string, readonly string[]>, start: string): string[] {
  const found = new Set([start])
  for (const node of found) for (const next of graph.get(node) ?? []) found.add(next)
  return [...found]
}
