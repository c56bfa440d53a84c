// What the variables of a mail's template stand for: what a kind of mail does not have is empty.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { templateValues } from '../../src/delivery/template-values.ts'
import { load } from '../support/config.ts'
import { mailAbout } from '../support/delivery.ts'

const config = load()
const about = { token: '123456', token_hash: 'ab'.repeat(28), redirect_to: 'http://site.example/in' }

test('a mail with a link has its parts', () => {
  const values = templateValues(config, mailAbout({ ...about, kind: 'recovery' }), 'en')
  assert.deepEqual(
    [values.Token, values.TokenHash, values.RedirectTo],
    [about.token, about.token_hash, about.redirect_to],
  )
  assert.match(String(values.ConfirmationURL), /type=recovery/)
})

test('a reauthentication has a code, and neither link nor hash nor target', () => {
  const values = templateValues(config, mailAbout({ ...about, kind: 'reauthentication' }), 'en')
  assert.equal(values.Token, about.token)
  for (const name of ['TokenHash', 'RedirectTo', 'ConfirmationURL', 'NewEmail']) assert.equal(values[name], undefined)
})
