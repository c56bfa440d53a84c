// The URL of a database, read as libpq reads it.
import assert from 'node:assert/strict'
import type { Server } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { parseDatabaseUrl } from '../../src/config/database-url.ts'
import { type TestDatabase, testDatabase } from '../support/database.ts'

let shared: TestDatabase

before(async () => {
  shared = await testDatabase({ migrated: false })
  await shared.db.script('create table auth.things (id int primary key, name text)')
})

const servers: Server[] = []

after(async () => {
  for (const server of servers) server.close()
  await shared.drop()
})

describe('the URL of a database', () => {
  const plain = { host: ['h'], port: [5432], path: undefined, user: 'u', password: 'p', database: 'd', ssl: 'prefer' }
  const urls: { url: string; read: Record<string, unknown> }[] = [
    { url: 'postgres://u:p@h/d', read: plain },
    { url: 'postgresql://u:p@h:6543/d?sslmode=disable', read: { ...plain, port: [6543], ssl: false } },
    { url: 'postgres://u:p%40%2F%25x@h/d', read: { ...plain, password: 'p@/%x' } },
    { url: 'postgres://u:100%@h/d', read: { ...plain, password: '100%' } },
    { url: 'postgres://u:p@a:1,b:2/d', read: { ...plain, host: ['a', 'b'], port: [1, 2] } },
    { url: 'postgres://u:p@[::1]:6543/d', read: { ...plain, host: ['::1'], port: [6543] } },
    {
      url: 'postgres://u:p@/d?host=/run/pg',
      read: { ...plain, host: ['/run/pg'], path: '/run/pg/.s.PGSQL.5432', ssl: false },
    },
    { url: 'postgres://u:p@h/d?sslmode=require', read: { ...plain, ssl: 'require' } },
    { url: 'postgres://u:p@h/d?sslmode=verify-full', read: { ...plain, ssl: 'verify-full' } },
    { url: 'postgres://u@h', read: { ...plain, password: '', database: 'u' } },
  ]
  for (const { url, read } of urls) {
    test(`${url} is read as libpq reads it`, () => {
      const { settings, target_session_attrs, ...target } = parseDatabaseUrl(url)
      assert.deepEqual(target, read)
      assert.deepEqual([settings, target_session_attrs], [{}, undefined])
    })
  }

  test('what is no URL is refused without repeating it', () => {
    assert.throws(
      () => parseDatabaseUrl('mysql://u:secret@h/d'),
      (error: Error) => !error.message.includes('secret'),
    )
  })
})
