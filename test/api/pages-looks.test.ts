// Name, logo, colour and stylesheet of an operator on pages.
import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { startTestServer, type TestServer } from '../support/server.ts'

let server: TestServer
let folder: string

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'looks-'))
  await writeFile(join(folder, 'own.css'), ':root { --card: linen; }\n')
  server = await startTestServer({
    env: {
      POSTERN_PAGES: 'true',
      POSTERN_PAGES_NAME: 'Ada & <Co>',
      POSTERN_PAGES_LOGO_URL: 'https://cdn.example/logo.png?a=1&b=2',
      POSTERN_PAGES_COLOR: '#ffd600',
      POSTERN_PAGES_STYLESHEET: join(folder, 'own.css'),
    },
  })
})

after(async () => {
  await server.close()
  await rm(folder, { recursive: true })
})

test('a page has the name as text, and the logo, whose origin alone may be loaded from elsewhere', async () => {
  const { text, headers } = await server.request('GET', '/pages/sign-in')
  assert.match(text, /<title>Sign in · Ada &amp; &lt;Co&gt;<\/title>/)
  assert.match(text, /<img src="https:\/\/cdn\.example\/logo\.png\?a=1&amp;b=2" alt=""/)
  assert.match(text, /<link rel="icon" href="https:\/\/cdn\.example\/logo\.png\?a=1&amp;b=2">/)
  const policy = headers.get('content-security-policy') ?? ''
  assert.match(policy, /img-src 'self' data: https:\/\/cdn\.example;/)
  assert.match(policy, /style-src 'self';/)
})

test('the stylesheet ends with the shades of the colour and the file of the operator, and is kept by browsers', async () => {
  const { text } = await server.request('GET', '/pages/sign-in')
  const path = /<link rel="stylesheet" href="([^"]+)"/.exec(text)?.[1] ?? assert.fail('no stylesheet')
  const sheet = await server.request('GET', path)
  assert.equal(sheet.headers.get('cache-control'), 'public, max-age=31536000, immutable')
  const [own, shades] = sheet.text.trimEnd().split('\n').reverse()
  assert.equal(own, ':root { --card: linen; }')
  assert.match(shades ?? '', /--brand: rgb\(255, 214, 0\); --on-brand: rgb\(0, 0, 0\);/)
})

test('without a logo the icon of a tab is a gate in the colour of the operator, so that browsers ask for none elsewhere', async () => {
  const plain = await startTestServer({
    database: server.database,
    env: { POSTERN_PAGES: 'true', POSTERN_PAGES_COLOR: '#ffd600' },
  })
  try {
    const { text } = await plain.request('GET', '/pages/sign-in')
    const path = /<link rel="icon" href="([^"]+)"/.exec(text)?.[1] ?? assert.fail('no icon')
    const icon = await plain.request('GET', path)
    assert.equal(icon.headers.get('content-type'), 'image/svg+xml')
    assert.match(icon.text, /^<svg .*<rect [^>]*fill="rgb\(255, 214, 0\)"\/>/)
  } finally {
    await plain.close()
  }
})
