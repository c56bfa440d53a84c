// What answers say of tokens is what was signed, and what two sides must agree to needs both.
import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:http'
import { after, before, test } from 'node:test'
import { linkOf } from '../support/mail-sink.ts'
import { until } from '../support/process.ts'
import { startTestServer, type TestServer } from '../support/server.ts'

const password = 'correct horse battery staple'
let hook: Server
let isSlow = false
let server: TestServer

before(async () => {
  hook = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    const { claims } = JSON.parse(body)
    if (isSlow) await until('the next second', () => Date.now() / 1000 >= claims.iat + 1)
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify({ claims: { ...claims, exp: claims.iat + 120 } }))
  })
  await new Promise<void>((resolve) => hook.listen(0, '127.0.0.1', resolve))
  server = await startTestServer({
    env: {
      GOTRUE_HOOK_CUSTOM_ACCESS_TOKEN_ENABLED: 'true',
      GOTRUE_HOOK_CUSTOM_ACCESS_TOKEN_URI: `http://127.0.0.1:${Object(hook.address()).port}/`,
      GOTRUE_HOOK_CUSTOM_ACCESS_TOKEN_SECRETS: `v1,whsec_${Buffer.alloc(32, 1).toString('base64')}`,
    },
  })
})
after(async () => {
  await server.close()
  hook.closeAllConnections()
  hook.close()
})

const claimsOf = (token: unknown) => JSON.parse(Buffer.from(String(token).split('.')[1] ?? '', 'base64url').toString())

for (const pace of ['at once', 'a second later'])
  test(`expires_in and expires_at follow the exp that a hook set ${pace}: sign-in, refresh, links`, async () => {
    isSlow = pace !== 'at once'
    const { user } = await server.user({ email: `exp-${isSlow}@example.com`, password })
    const signedIn = await server.request('POST', '/token?grant_type=password', {
      body: { email: user.email, password },
    })
    const { refresh_token } = signedIn.body
    const refreshed = await server.request('POST', '/token?grant_type=refresh_token', { body: { refresh_token } })
    for (const { body } of [signedIn, refreshed]) {
      const { exp } = claimsOf(body.access_token)
      assert.deepEqual([body.expires_in, body.expires_at], [120, exp])
    }
    await server.request('POST', '/recover', { body: { email: user.email } })
    const { pathname, search } = new URL(linkOf(await server.nextMail(user.email)))
    const { location } = await server.request('GET', pathname + search)
    const fragment = new URLSearchParams(location?.split('#')[1])
    assert.equal(fragment.get('expires_in'), '120')
    assert.equal(fragment.get('expires_at'), String(claimsOf(fragment.get('access_token')).exp))
    isSlow = false
  })

for (const autoconfirm of ['true', 'false'])
  for (const order of ['new first', 'current first'])
    test(`a secure change of address needs both sides, ${order}, with autoconfirm=${autoconfirm}`, async () => {
      const strict = await startTestServer({
        env: { GOTRUE_MAILER_AUTOCONFIRM: autoconfirm, GOTRUE_MAILER_SECURE_EMAIL_CHANGE_ENABLED: 'true' },
      })
      try {
        const { access_token, user } = await strict.user({ email: 'old@example.com' })
        await strict.request('PUT', '/user', { token: access_token, body: { email: 'new@example.com' } })
        const mails = [await strict.nextMail('new@example.com'), await strict.nextMail('old@example.com')]
        const follow = async (mail: (typeof mails)[0] | undefined) => {
          const { pathname, search } = new URL(linkOf(mail ?? { html: '' }))
          await strict.request('GET', pathname + search)
          return (await strict.sql<{ email: string }>('select email from auth.users where id = $1', [user.id]))[0]
            ?.email
        }
        if (order === 'current first') mails.reverse()
        assert.equal(await follow(mails[0]), 'old@example.com')
        assert.equal(await follow(mails[1]), 'new@example.com')
      } finally {
        await strict.close()
      }
    })
