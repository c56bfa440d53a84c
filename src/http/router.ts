// Finds the row of the route table for a method and path.
import { RegExpRouter } from 'hono/router/reg-exp-router'
import { SmartRouter } from 'hono/router/smart-router'
import { TrieRouter } from 'hono/router/trie-router'
import { percentDecoded } from '../percent-decoded.ts'
import type { Route } from './route.ts'

/** What a path leads to: a route with its parameters, the methods it allows, or nothing; or it holds a percent sign that begins no byte. */
export type Match =
  | { kind: 'route'; route: Route; path_params: Record<string, string> }
  | { kind: 'wrong method'; allowed: string[] }
  | { kind: 'unknown' }
  | { kind: 'unreadable' }

/** Stands for a segment without a text, which names a parameter's empty value, as in the reference; no address has it in its path. */
const nothing = '\0'

/** Builds the router once; a trailing slash matches where the row says so. */
export function createRouter(routes: readonly Route[]): (method: string, path: string, grant?: string | null) => Match {
  const router = new SmartRouter<Route>({ routers: [new RegExpRouter(), new TrieRouter()] })
  const methods = new Set<string>()
  for (const row of routes) {
    methods.add(row.method)
    router.add(row.method, row.path, row)
    if (row.slash) router.add(row.method, `${row.path}/`, row)
  }
  // A path without parameters that nothing with parameters matches leads to the same rows each time.
  const plain = new Map<string, Route[]>()
  const find = (method: string, path: string, grant?: string | null): Match | null => {
    const known = plain.get(method + path)?.find((row) => row.grant === undefined || row.grant === grant)
    if (known) return { kind: 'route', route: known, path_params: {} }
    const filled = path.includes('//') ? path.replaceAll('//', `/${nothing}/`) : path
    const [handlers, values] = router.match(method, filled)
    const chosen = handlers.find(([row]) => row.grant === undefined || row.grant === grant)
    if (!chosen) return null
    const [row, places] = chosen
    const path_params: Record<string, string> = {}
    for (const [name, place] of Object.entries(places)) {
      const value = typeof place === 'number' ? values?.[place] : place
      path_params[name] = value === nothing ? '' : percentDecoded(value ?? '')
    }
    return { kind: 'route', route: row, path_params }
  }
  for (const { method, path } of routes) {
    if (path.includes(':')) continue
    const rows = router.match(method, path)[0].map(([row]) => row)
    if (rows.every((row) => row.path === path)) plain.set(method + path, rows)
  }
  return (method, path, grant) => {
    if (path.includes('%') && /%(?![\da-f]{2})/i.test(path)) return { kind: 'unreadable' }
    const found = find(method, path, grant)
    if (found) return found
    const allowed = [...methods].filter((other) => find(other, path))
    return allowed.length > 0 ? { kind: 'wrong method', allowed } : { kind: 'unknown' }
  }
}
