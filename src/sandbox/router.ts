import type { Route } from './routes/route.ts'

/** A route with the parameters of the path that led to it. */
export interface Match {
  readonly route: Route
  readonly params: Readonly<Record<string, string>>
}

/** Finds the route of a request; a trailing slash does not count. */
export type Router = (method: string, path: string) => Match | undefined

/** Prepares a table of routes for look-up; the first that fits wins. */
export function createRouter(routes: readonly Route[]): Router {
  const byShape = new Map<string, { route: Route; segments: readonly string[] }[]>()
  for (const route of routes) {
    for (const path of route.paths) {
      const segments = segmentsOf(path)
      const shape = `${route.method} ${segments.length}`
      const known = byShape.get(shape) ?? []
      known.push({ route, segments })
      byShape.set(shape, known)
    }
  }
  return (method, path) => {
    const segments = segmentsOf(path)
    for (const { route, segments: pattern } of byShape.get(`${method} ${segments.length}`) ?? []) {
      const params = paramsOf(pattern, segments)
      if (params !== undefined) return { route, params }
    }
    return undefined
  }
}

function segmentsOf(path: string): readonly string[] {
  return path.split('/').filter((segment) => segment !== '')
}

function paramsOf(
  pattern: readonly string[],
  segments: readonly string[],
): Record<string, string> | undefined {
  const params: Record<string, string> = {}
  for (const [place, part] of pattern.entries()) {
    const segment = segments[place] ?? ''
    if (part.startsWith('{')) params[part.slice(1, -1)] = decode(segment)
    else if (part !== segment) return undefined
  }
  return params
}

/** Broken escapes stand for themselves: no record or type has such a name. */
function decode(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}
