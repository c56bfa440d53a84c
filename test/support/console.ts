// The console in tests: somebody who came by a link, and every page with its address.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { makeConsoleLink } from '../../src/flows/console/make-console-link.ts'
import { pagesForOperators } from '../../src/pages/page-table.ts'
import type { TestServer } from './server.ts'
import { newVisitor, type Visitor } from './visitor.ts'

/** Variables of a server with a console. */
export const consoleEnv = {
  POSTERN_PAGES: 'true',
  POSTERN_CONSOLE: 'true',
  GOTRUE_OAUTH_SERVER_ENABLED: 'true',
  GOTRUE_CUSTOM_OAUTH_ENABLED: 'true',
}

/** Every row of the console behind its guard. */
export const guardedPages = pagesForOperators.filter(({ guard }) => guard === 'operator')

/** The address of a row, about one account. */
export const filledPath = (path: string, id: string): string =>
  path
    .replace(':id', id)
    .replaceAll(/:(part|kind|name)/g, (_, name) => ({ kind: 'recovery', name: 'github' })[String(name)] ?? id)

/** The secret of a link for an operator of the machine. */
export const newConsoleLink = (server: TestServer, name = 'grace'): Promise<string> =>
  makeConsoleLink({ db: server.database.db, random: randomBytes }, name)

/** A browser that opened the console by a link. */
export async function byConsoleLink(server: TestServer, name = 'grace'): Promise<Visitor> {
  const visitor = newVisitor(server)
  const page = await visitor.get(`/console/enter?link=${await newConsoleLink(server, name)}`)
  const entered = await visitor.submit(page, '/console/enter')
  assert.equal(entered.location, '/console')
  return visitor
}
