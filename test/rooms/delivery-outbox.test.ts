// The outbox against a real database and real mail servers: at least once, never too late, nothing readable at rest.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { test } from 'node:test'
import { storeOneTimeToken } from '../../src/storage/one-time-tokens.ts'
import { insertMail, leaseMails } from '../../src/storage/outbox.ts'
import { deliveryRoom, mailAbout, testDelivery, userWithToken } from '../support/delivery.ts'
import { ownPort } from '../support/own-port.ts'
import { until } from '../support/process.ts'

const { db, sink, deliver, rows, stopLast } = await deliveryRoom()

// One after the other: every delivery sends whatever is due in the database.
test('a committed mail is sent once under the id of its row, and the row is gone', async () => {
  const mails = await sink()
  const delivery = deliver({ port: mails.port })
  const id = await delivery.send()
  const mail = await mails.next('ada@example.test')
  assert.match(mail.raw, new RegExp(`^Message-ID: <${id}@auth\\.example\\.test>\r$`, 'im'))
  assert.equal(mail.subject, 'Confirm your email address')
  await delivery.idle()
  assert.deepEqual(await rows(id), [])
  await delivery.idle()
  assert.equal(mails.mails.length, 1)
})

test('nothing of a transaction that is rolled back is sent', async () => {
  const mails = await sink()
  const delivery = deliver({ port: mails.port })
  const mail = await delivery.composeMail(mailAbout({ to: 'nobody@example.test' }))
  const undone = db.transaction(async (tx) => {
    await delivery.enqueueMail(tx, mail)
    throw new Error('undone')
  })
  await assert.rejects(undone, /undone/)
  await delivery.send()
  await mails.next('ada@example.test')
  await delivery.idle()
  assert.deepEqual(
    mails.mails.map(({ to }) => to),
    [['ada@example.test']],
  )
})

test('a mail arrives after the mail server is up again', async () => {
  const port = await ownPort()
  const delivery = deliver({ port })
  const id = await delivery.send()
  const row = await until('a failed attempt', async () => (await rows(id)).find(({ attempts }) => attempts > 1))
  assert.match(row.last_error ?? '', /ECONNREFUSED/)
  const mails = await sink({ port })
  await mails.next('ada@example.test')
  await delivery.idle()
  assert.equal(mails.mails.length, 1)
})

test('with the mail server down a long queue is not tried mail by mail at once', async () => {
  let connections = 0
  const listener = createServer((socket) => {
    connections++
    socket.end('421 not now\r\n')
  }).listen(0, '127.0.0.1')
  await once(listener, 'listening')
  stopLast(() => listener.close())
  const address = listener.address()
  assert(address && typeof address === 'object')
  const delivery = deliver({ port: address.port, times: { poll_ms: 60_000, backoff_ms: 60_000 } })
  const queued = await Promise.all(Array.from({ length: 40 }, () => delivery.composeMail(mailAbout())))
  await db.transaction(async (tx) => {
    for (const mail of queued) await delivery.enqueueMail(tx, mail)
  })
  delivery.kick()
  await until('a failure', () => delivery.log.length > 0)
  await delivery.stop()
  const [untouched] = await db.query<{ n: number }>('select count(*)::int as n from postern.outbox where attempts = 0')
  assert.ok((untouched?.n ?? 0) >= 20, `${untouched?.n} of 40 were left alone, over ${connections} connections`)
})

test('a mail that waited until it expired is never sent', async () => {
  const mails = await sink()
  const delivery = deliver({ port: mails.port })
  const mail = await delivery.composeMail(mailAbout({ to: 'late@example.test', expires_in_s: 0 }))
  await db.transaction((tx) => delivery.enqueueMail(tx, mail))
  await delivery.idle()
  assert.deepEqual(await rows(mail.id), [])
  assert.deepEqual(mails.mails, [])
})

test('a mail whose token was replaced or used is never sent, one whose token stands is', async () => {
  const mails = await sink()
  const delivery = deliver({ port: mails.port })
  const replaced = await userWithToken(db, 'first')
  const used = await userWithToken(db, 'spent')
  const pending = await userWithToken(db, 'stands')
  const about = [
    { to: 'replaced@example.test', user_id: replaced, token_hashes: ['first'] },
    { to: 'used@example.test', user_id: used, token_hashes: ['spent'] },
    // Another account's pending token of the same name does not count.
    { to: 'other@example.test', user_id: used, token_hashes: ['stands'] },
    { to: 'pending@example.test', user_id: pending, token_hashes: ['stands'] },
  ]
  await storeOneTimeToken(db, {
    user_id: replaced,
    type: 'confirmation_token',
    token_hash: 'second',
    link_hash: 'hash of a link',
    relates_to: 'replaced@example.test',
  })
  await db.query('delete from auth.one_time_tokens where user_id = $1', [used])
  for (const one of about) await delivery.send(one)
  await mails.next('pending@example.test')
  await delivery.idle()
  assert.deepEqual(
    mails.mails.map(({ to }) => to),
    [['pending@example.test']],
  )
  assert.deepEqual(await db.query('select from postern.outbox'), [])
})

test('what a waiting mail says cannot be read in its row', async () => {
  const delivery = testDelivery({ db, port: 1, times: { poll_ms: 60_000 } })
  const mail = await delivery.composeMail(
    mailAbout({ kind: 'reauthentication', token: 'a code like no id', token_hash: 'a hash like no id' }),
  )
  assert.match(mail.subject, /a code like no id/)
  await db.transaction((tx) => delivery.enqueueMail(tx, mail))
  const [row] = await rows(mail.id)
  const bytes = Buffer.from(row?.sealed ?? '', 'base64url')
  for (const secret of ['a code', 'a hash', 'verification', '<h2>'])
    assert.ok(!JSON.stringify(row).includes(secret) && !bytes.includes(secret), secret)
})

test('two processes on one database send every mail once', async () => {
  const mails = await sink()
  const [one, two] = [deliver({ port: mails.port }), deliver({ port: mails.port })]
  const addresses = Array.from({ length: 40 }, (_, n) => `person${n}@example.test`)
  await Promise.all(addresses.map((to, n) => (n % 2 ? one : two).send({ to })))
  await Promise.all([one.idle(), two.idle()])
  assert.deepEqual(mails.mails.flatMap(({ to }) => to).sort(), [...addresses].sort())
})

test('a mail that a dead process had leased is sent when the lease is over, not before', async () => {
  const mails = await sink()
  const composer = testDelivery({ db, port: mails.port, times: { poll_ms: 60_000 } })
  const mail = await composer.composeMail(mailAbout())
  await db.transaction((tx) => composer.enqueueMail(tx, mail))
  await composer.stop()
  const leased = await leaseMails(db, 10, 3600)
  assert.deepEqual(
    leased.map(({ id }) => id),
    [mail.id],
  )
  assert.deepEqual(await leaseMails(db, 10, 3600), [])
  const delivery = deliver({ port: mails.port })
  for (const to of ['grace@example.test', 'mary@example.test']) {
    await delivery.send({ to })
    await mails.next(to)
  }
  assert.equal(mails.mails.length, 2, 'the lease was respected')
  await db.query('update postern.outbox set locked_until = now() where id = $1', [mail.id])
  await mails.next('ada@example.test')
  await delivery.idle()
  assert.equal(mails.mails.length, 3)
})

test('a mail whose row could not be deleted after it was sent is not sent again by this process', async () => {
  const mails = await sink()
  let failures = 1
  const flaky: typeof db = {
    ...db,
    query: (text, params) =>
      text.startsWith('delete from postern.outbox') && failures-- > 0
        ? Promise.reject(new Error('the connection is gone'))
        : db.query(text, params),
  }
  const delivery = deliver({ db: flaky, port: mails.port })
  const id = await delivery.send()
  await until('the row could not be deleted', () => delivery.log.length > 0)
  await db.query('update postern.outbox set locked_until = now()')
  await until('the row is gone', async () => (await rows(id)).length === 0)
  assert.equal(mails.mails.length, 1)
})

test('stopping waits for the mail that is being sent', async () => {
  let release = () => {}
  const held = new Promise<void>((resolve) => {
    release = resolve
  })
  let reached = false
  const mails = await sink({
    accept: () => {
      reached = true
      return held
    },
  })
  const delivery = deliver({ port: mails.port })
  const id = await delivery.send()
  await until('the mail is on its way', () => reached)
  const stopped = delivery.stop()
  release()
  await stopped
  assert.equal(mails.mails.length, 1)
  assert.deepEqual(await rows(id), [])
})

test('without a mail server mails are dropped with a counted warning', async () => {
  const delivery = testDelivery({ db })
  assert.equal(delivery.configured, false)
  const ids = [await delivery.send(), await delivery.send()]
  await delivery.idle()
  for (const id of ids) assert.deepEqual(await rows(id), [])
  assert.deepEqual(
    delivery.log.map(({ level, dropped }) => [level, dropped]),
    [
      ['warn', 1],
      ['warn', 2],
    ],
  )
})

test('a row that another key has sealed is kept for whoever has that key', async () => {
  const mails = await sink()
  const id = '6f0b8c1e-0000-4000-8000-000000000001'
  await insertMail(db, {
    id,
    kind: 'confirmation',
    recipient: 'ada@example.test',
    user_id: id,
    sealed: Buffer.alloc(64).toString('base64url'),
    token_hashes: [],
    expires_in_s: 60,
  })
  deliver({ port: mails.port })
  await until('a failed attempt', async () => (await rows(id)).some(({ attempts }) => attempts > 0))
  assert.deepEqual(mails.mails, [])
})
