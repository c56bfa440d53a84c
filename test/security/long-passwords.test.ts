// Passwords of a megabyte cost what every wrong one costs, whatever hash the account has (security REV-09).
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { hash as argon2 } from '@node-rs/argon2'
import { hash as bcrypt } from '@node-rs/bcrypt'
import { createPasswordHasher } from '../../src/crypto/password-hash.ts'
import { cpuTime } from '../support/cpu-time.ts'
import { startTestServer, type TestServer } from '../support/server.ts'

let server: TestServer

before(async () => {
  server = await startTestServer()
})
after(() => server.close())

const megabyte = 'x'.repeat(1_000_000)
const firebase =
  '$fbscrypt$v=1,n=14,r=8,p=1,ss=Bw==,sk=ou9tdYTGyYm8kuR6Dt0Bp0kDuAYoXrK16mbZO4yGwAn3oLspjnN0/c41v8xZnO1n14J3MjKj1b2g6AUCAlFwMw==$C0sHCg9ek77hsg==$zKVTMvnWVw5BBOZNUdnsalx4c4c7y/w7IS5p6Ut2+CfEFFlz37J9huyQfov4iizN8dbjvEJlM5tQaJP84+hfTw=='

const hashes: Record<string, () => Promise<string>> = {
  bcrypt: () => bcrypt('right', { cost: 10, version: '2a' }),
  argon2id: () => argon2('right', { memoryCost: 16_384, timeCost: 2, parallelism: 1 }),
  fbscrypt: async () => firebase,
}
for (const [name, make] of Object.entries(hashes))
  test(`REV-09 ${name}: a password of a megabyte is answered as any wrong one, in the same time`, async () => {
    const email = `${name}@example.com`
    const made = await server.request('POST', '/admin/users', {
      as: 'service_role',
      body: { email, email_confirm: true, password_hash: await make() },
    })
    assert.equal(made.status, 200, made.text)
    const attempt = async (password: string) => {
      let text = ''
      const { process_ms } = await cpuTime(async () => {
        const answer = await server.request('POST', '/token?grant_type=password', { body: { email, password } })
        assert.equal(answer.status, 400)
        text = String(answer.body.msg)
      })
      return { text, process_ms }
    }
    const median = (times: number[]) => times.sort((a, b) => a - b)[3] ?? 0
    await attempt('warm')
    assert.equal((await attempt(megabyte)).text, (await attempt('wrong')).text)
    const times: { long: number[]; wrong: number[] } = { long: [], wrong: [] }
    // By turns, for a processor is slower at times.
    for (let turn = 0; turn < 7; turn++) {
      times.long.push((await attempt(megabyte)).process_ms)
      times.wrong.push((await attempt('wrong')).process_ms)
    }
    const [long, wrong] = [median(times.long), median(times.wrong)]
    // Reading a megabyte of JSON costs a few milliseconds on top.
    assert.ok(long < wrong * 1.3 + 15, `${long} ms against ${wrong} ms`)
  })

test('REV-09 nothing over 1,024 bytes matches, nothing over 72 matches bcrypt, and accounts without a password are no other', async () => {
  const hasher = createPasswordHasher({ concurrency: 1, queue_ms: 60_000 })
  const long = 'x'.repeat(1024)
  const stored = await argon2(long, { memoryCost: 8192, timeCost: 1 })
  assert.equal(await hasher.verify(long, stored), true)
  assert.equal(await hasher.verify(`${long}x`, stored), false)
  const short = await bcrypt('x'.repeat(72), { cost: 4 })
  assert.equal(await hasher.verify('x'.repeat(72), short), true)
  assert.equal(await hasher.verify('x'.repeat(73), short), false)
  assert.equal(await hasher.verify(`${'x'.repeat(71)}é`, await bcrypt(`${'x'.repeat(71)}é`, { cost: 4 })), false)
  const { process_ms } = await cpuTime(() => hasher.verifyNothing(megabyte))
  assert.ok(process_ms < 1000, `${process_ms} ms`)
})
