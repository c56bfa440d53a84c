// What pages are made of: fields, notices, addresses.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ownPagePath, pageAddress, pagePath } from '../../src/config/pages-address.ts'
import { siteName } from '../../src/config/site-name.ts'
import type { PageCtx } from '../../src/pages/page.ts'
import { checkField, hiddenField, inputField, selectField, textField } from '../../src/pages/parts/form.ts'
import { errorSummary } from '../../src/pages/parts/notice.ts'
import { wordsIn } from '../../src/pages/words/words.ts'
import { load, problemsOf, warningsOf } from '../support/config.ts'

const hostile = `"><script>alert('x')</script>&`

test('whatever stands in a field, a choice or an error is text, never HTML', async () => {
  const errors = [{ field: 'name', text: hostile }]
  const parts = [
    inputField({ name: 'name', label: hostile, value: hostile, hint: hostile, placeholder: hostile }, errors),
    textField({ name: 'name', label: hostile, value: hostile, hint: hostile }, errors),
    selectField({ name: 'name', label: hostile, options: [[hostile, hostile]] }, errors),
    checkField({ name: 'name', label: hostile, value: hostile }),
    hiddenField('name', hostile),
    errorSummary({ words: wordsIn('en') } as PageCtx, errors),
  ]
  for (const part of parts) {
    const text = String(await part)
    assert.doesNotMatch(text, /<script|="[^"]*">alert/)
    assert.match(text, /&quot;&gt;&lt;script&gt;alert/)
  }
})

test('a wrong field is named by label, hint and error, and the summary leads to it', async () => {
  const field = String(
    await inputField({ name: 'email', label: 'Email', hint: 'Yours' }, [{ field: 'email', text: 'Enter one' }]),
  )
  assert.match(field, /<label for="email">Email<\/label>/)
  assert.match(field, /aria-describedby="email-hint email-error" aria-invalid="true"/)
  assert.match(field, /<p class="error" id="email-error">Enter one<\/p>/)
  const summary = String(
    await errorSummary({ words: wordsIn('en') } as PageCtx, [{ field: 'email', text: 'Enter one' }]),
  )
  assert.match(summary, /<a href="#email">Enter one<\/a>/)
})

test('pages lie below POSTERN_PAGES_URL, or else below API_EXTERNAL_URL with its path', () => {
  const behind = load({ API_EXTERNAL_URL: 'https://api.example.com/auth/v1', POSTERN_PAGES: 'true' })
  assert.equal(pageAddress(behind, '/pages/sign-in'), 'https://api.example.com/auth/v1/pages/sign-in')
  assert.equal(pagePath(behind, '/pages/sign-in'), '/auth/v1/pages/sign-in')
  const own = load({ POSTERN_PAGES: 'true', POSTERN_PAGES_URL: 'https://me.example.com/' })
  assert.equal(pageAddress(own, '/pages/sign-in'), 'https://me.example.com/pages/sign-in')
  assert.equal(pagePath(own, '/pages/sign-in'), '/pages/sign-in')
})

test('an address is one of our own pages only at their origin and below their path', () => {
  const config = load({ API_EXTERNAL_URL: 'https://api.example.com/auth/v1', POSTERN_PAGES: 'true' })
  assert.equal(ownPagePath(config, 'https://api.example.com/auth/v1/pages/account?a=1'), '/pages/account?a=1')
  for (const address of [
    'https://api.example.com/pages/account',
    'https://api.example.com/auth/v1/pages/../../x',
    'https://evil.example/auth/v1/pages/account',
    'https://me@api.example.com/auth/v1/pages/account',
    '/pages/account',
    'javascript:alert(1)',
  ])
    assert.equal(ownPagePath(config, address), null, address)
  assert.equal(ownPagePath(load(), 'https://auth.example.com/pages/account'), null)
})

test('variables of pages that cannot hold together keep a server from starting', () => {
  assert.match(problemsOf({ POSTERN_CONSOLE: 'true' }).join(), /^POSTERN_CONSOLE needs POSTERN_PAGES/)
  const behind = { API_EXTERNAL_URL: 'https://api.example.com/auth/v1', POSTERN_PAGES: 'true' }
  assert.deepEqual(problemsOf(behind), [])
  assert.match(
    problemsOf({ ...behind, POSTERN_CONSOLE: 'true' }).join(),
    /^POSTERN_PAGES_URL must be an address without/,
  )
  assert.deepEqual(problemsOf({ ...behind, POSTERN_CONSOLE: 'true', POSTERN_PAGES_URL: 'https://me.example.com' }), [])
  assert.match(problemsOf({ POSTERN_PAGES_COLOR: 'red; } body { display: none' }).join(), /^POSTERN_PAGES_COLOR/)
  assert.match(problemsOf({ POSTERN_PAGES_STYLESHEET: '/nowhere.css' }).join(), /^POSTERN_PAGES_STYLESHEET/)
})

test('pages have the name that the operator gives them, or the host of the site', () => {
  assert.equal(siteName(load()), 'app.example.com')
  assert.equal(siteName(load({ POSTERN_PAGES_NAME: 'Example' })), 'Example')
})

test('pages that lack something warn, and name the variable', () => {
  const pagesOf = (env: Record<string, string>) =>
    warningsOf({ POSTERN_PAGES: 'true', ...env }).filter((text) => /PAGES|CAPTCHA/.test(text))
  assert.deepEqual(pagesOf({}), [])
  assert.match(pagesOf({ API_EXTERNAL_URL: 'http://auth.example.com' }).join(), /without https/)
  assert.deepEqual(pagesOf({ API_EXTERNAL_URL: 'http://localhost:8081' }), [])
  const captcha = { GOTRUE_SECURITY_CAPTCHA_ENABLED: 'true', GOTRUE_SECURITY_CAPTCHA_SECRET: 'x' }
  assert.match(pagesOf(captcha).join(), /^POSTERN_CAPTCHA_SITE_KEY is not set/)
  assert.deepEqual(pagesOf({ ...captcha, POSTERN_CAPTCHA_SITE_KEY: 'key' }), [])
  assert.match(pagesOf({ GOTRUE_PASSKEY_ENABLED: 'true' }).join(), /^POSTERN_PAGES_URL is no page of app\.example\.com/)
  assert.deepEqual(pagesOf({ GOTRUE_PASSKEY_ENABLED: 'true', GOTRUE_WEBAUTHN_RP_ID: 'example.com' }), [])
})
