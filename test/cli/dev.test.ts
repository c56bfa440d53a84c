// postern dev does what it says: databases that it may touch, ports, a PostgreSQL that ends, beginning anew, the site.
import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, realpathSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { testDatabase } from '../support/database.ts'
import { removeState } from '../support/embedded-server.ts'
import { ownPort } from '../support/own-port.ts'
import { type DevProcess, startCommand, startDev, until } from '../support/process.ts'

const folders: string[] = []
after(() => folders.forEach(removeState))
function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'postern-dev-'))
  folders.push(folder)
  return folder
}

/** Runs a command to its end. */
async function run(args: string[], env: Record<string, string> = {}) {
  const { output, ended } = startCommand(args, env)
  return { code: await ended, output: output() }
}

const signUp = (dev: DevProcess, email: string): Promise<Response> =>
  fetch(`${dev.url}/auth/v1/signup`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email, password: 'correct horse battery staple' }),
  })

/** Sends a form as a browser does, whose headers `fetch` would not let through, and returns where it is sent on to. */
function press(url: URL, form: URLSearchParams, given: Record<string, string>): Promise<string> {
  const headers = { 'content-type': 'application/x-www-form-urlencoded', ...given }
  return new Promise((resolve, reject) => {
    const call = request(url, { method: 'POST', headers }, (response) => {
      response.resume()
      resolve(response.headers.location ?? `status ${response.statusCode}`)
    })
    call.once('error', reject).end(form.toString())
  })
}

describe('the database', () => {
  test('one that the environment names is not touched, and the way to use it is told', async () => {
    const database = await testDatabase({ migrated: false })
    const dev = await startDev({ state_dir: newFolder(), env: { DATABASE_URL: database.url } })
    try {
      assert.match(dev.output(), /^DATABASE_URL not used: .* --database-url URL takes another$/m)
      assert.notEqual(dev.database_url, database.url)
      assert.equal((await signUp(dev, 'own@example.com')).status, 200)
      const [found] = await database.db.query(
        `select to_regclass('auth.users') as users, to_regnamespace('postern') as own`,
      )
      assert.deepEqual(found, { users: null, own: null })
    } finally {
      await dev.stop()
      await database.drop()
    }
  })

  test('one of the command line is used, is what is printed, and is what admin in that folder uses', async () => {
    const database = await testDatabase({ migrated: false })
    const state_dir = newFolder()
    const dev = await startDev({ state_dir, args: ['--database-url', database.url] })
    const create = (email: string) =>
      run(['admin', 'users', 'create', '--email', email, '--state', state_dir, '--json'])
    const count = async () =>
      (await database.db.query<{ email: string }>('select email from auth.users')).map((row) => row.email)
    try {
      const { password } = new URL(database.url)
      assert.equal(dev.database_url, database.url.replace(`:${password}@`, ':***@'))
      assert.equal(existsSync(join(state_dir, 'postgres')), false)
      assert.equal((await create('running@example.com')).code, 0)
      await dev.stop()
      assert.equal((await create('stopped@example.com')).code, 0)
      assert.deepEqual((await count()).sort(), ['running@example.com', 'stopped@example.com'])
    } finally {
      await dev.stop()
      await database.drop()
    }
  })

  test('PostgreSQL that is killed is told of and started again, with what was committed', async () => {
    const state_dir = newFolder()
    const dev = await startDev({ state_dir })
    try {
      assert.equal((await signUp(dev, 'before@example.com')).status, 200)
      const pid = readFileSync(join(state_dir, 'postgres', 'data', 'postmaster.pid'), 'utf8').split('\n')[0]
      process.kill(Number(pid), 'SIGKILL')
      await until('it is told', () => dev.output().includes('PostgreSQL has ended; it is started again'))
      await until('it runs again', () => /PostgreSQL runs again on port \d+/.test(dev.output()), 120_000)
      await until('sign-up works', async () => (await signUp(dev, 'after@example.com')).status === 200)
      const { output } = await run(['admin', 'users', 'list', '--json', '--state', state_dir])
      assert.match(output, /before@example\.com/)
    } finally {
      assert.equal(await dev.stop(), 0)
    }
  })
})

describe('ports', () => {
  const listening = createServer()
  let taken: number
  before(() => new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve)))
  before(() => {
    taken = Object(listening.address()).port
  })
  after(() => listening.close())

  const refused: [what: string, args: string[], env: Record<string, string>, says: RegExp][] = [
    ['no number', ['--port', 'abc'], {}, /^postern: --port must be a port, 0 to 65535/],
    ['too large', ['--port', '65536'], {}, /^postern: --port must be a port, 0 to 65535/],
    ['too large in the environment', [], { PORT: '99999' }, /^postern: PORT must be a port, 0 to 65535/],
  ]
  for (const [what, args, env, says] of refused)
    test(`one that is ${what} is refused before anything is made`, async () => {
      const state_dir = newFolder()
      const { code, output } = await run(['dev', '--state', state_dir, ...args], env)
      assert.notEqual(code, 0)
      assert.match(output, says)
      assert.equal(output.trim().split('\n').length, 1)
      assert.equal(existsSync(join(state_dir, 'secrets.json')), false)
    })

  test('one that is given and taken is refused at once, in one line', async () => {
    const state_dir = newFolder()
    const { code, output } = await run(['dev', '--state', state_dir, '--port', String(taken)])
    assert.equal(code, 1)
    assert.equal(
      output,
      `postern: port ${taken} is taken by another program: end it, or set another with PORT or --port\n`,
    )
    assert.equal(existsSync(join(state_dir, 'secrets.json')), false)
  })

  test('the usual one, if taken, gives way to a later one with a line that says so', async () => {
    const usual = createServer()
    await new Promise<void>((resolve) => usual.once('error', () => resolve()).listen(54_321, '127.0.0.1', resolve))
    const state_dir = newFolder()
    const { child, output, ended } = startCommand(['dev', '--state', state_dir], {})
    try {
      await until('it is ready', () => output().includes('Ready after'))
      const [, port] =
        /^Port 54321 is taken, so this server has (\d+); --port N asks for a certain one$/m.exec(output()) ?? []
      assert.match(output(), new RegExp(`API URL +http://127.0.0.1:${port}\n`))
    } finally {
      child.kill()
      await ended
      usual.close()
    }
  })
})

describe('a server in its folder', () => {
  let dev: DevProcess
  const state_dir = newFolder()
  before(async () => {
    dev = await startDev({ state_dir })
  })
  after(() => dev.stop())

  test('with port 0 sends links that work', async () => {
    await signUp(dev, 'links@example.com')
    const { link } = await dev.nextMail('links@example.com')
    assert.equal(new URL(link).origin, dev.url)
    assert.equal((await fetch(link)).status, 200)
  })

  test('an invitation of postern admin arrives in its inbox, with a link of its port', async () => {
    const { code } = await run(['admin', 'users', 'invite', 'guest@example.com', '--state', state_dir])
    assert.equal(code, 0)
    assert.equal(new URL((await dev.nextMail('guest@example.com')).link).origin, dev.url)
  })

  test('a browser that is sent to a site which is not there gets a page; a program gets the address', async () => {
    const site = `http://127.0.0.1:${await ownPort()}/welcome?plan=pro`
    const follow = async (email: string, headers: Record<string, string>): Promise<string> => {
      const address = `${dev.url}/auth/v1/otp?redirect_to=${encodeURIComponent(site)}`
      await fetch(address, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ email }),
      })
      const { link } = await dev.nextMail(email)
      return press(new URL('/auth/v1/verify/confirm', link), new URLSearchParams(new URL(link).search), headers)
    }
    assert.ok((await follow('program@example.com', {})).startsWith(`${site}#access_token=`))
    const visit = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document', 'sec-fetch-site': 'same-origin' }
    const address = await follow('person@example.com', visit)
    // No origin: the page of the button, from where forms lead nowhere else, may have another name of the machine.
    assert.ok(address.startsWith(`/__site?at=${encodeURIComponent(site)}#access_token=`), address)
    const page = await fetch(new URL(address, dev.url))
    assert.equal(page.status, 200)
    assert.ok((await page.text()).includes(`href="http://127.0.0.1:${new URL(site).port}/welcome?plan=pro"`))
    for (const at of ['https://evil.example/', 'javascript:alert(1)', dev.url, ''])
      assert.equal((await fetch(`${dev.url}/__site?at=${encodeURIComponent(at)}`)).status, 404, at)
  })

  test('a message to a phone arrives in its inbox', async () => {
    const phone = '4915112345678'
    const asked = await fetch(`${dev.url}/auth/v1/otp`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ phone: `+${phone}` }),
    })
    assert.equal(asked.status, 200)
    assert.match((await dev.nextMail(`+${phone}`)).subject, /\d{6}/)
  })

  test('a browser at its address reads what is there; a program gets what every server answers', async () => {
    const visit = { accept: 'text/html,*/*;q=0.8', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }
    for (const path of ['/', '/auth/v1', '/auth/v1/']) {
      const page = await fetch(`${dev.url}${path}`, { headers: visit })
      assert.deepEqual([page.status, page.headers.get('content-type')], [200, 'text/html; charset=utf-8'], path)
      const text = await page.text()
      for (const way of ['/__inbox', '/pages/sign-in', '/console', '/openapi.json', `createClient('${dev.url}'`])
        assert.ok(text.includes(way), way)
      assert.ok(!text.includes('link=') && !text.includes(dev.anon_key))
      const program = await fetch(`${dev.url}${path}`)
      assert.equal(program.status, 404)
      assert.ok(!(await program.text()).includes('<'))
    }
    const fromElsewhere = await fetch(dev.url, { headers: { ...visit, origin: 'https://evil.example' } })
    assert.equal(fromElsewhere.status, 404)
  })

  test('--reset is refused while it runs; then it begins anew, and keeps what is not its own', async () => {
    writeFileSync(join(state_dir, 'notes.txt'), 'mine')
    const before = {
      secrets: readFileSync(join(state_dir, 'secrets.json'), 'utf8'),
      place: realpathSync(join(state_dir, 'postgres')),
    }
    const refused = await run(['dev', '--state', state_dir, '--reset'])
    assert.equal(refused.code, 1)
    assert.match(
      refused.output,
      /^postern: the folder .+ is in use by process \d+: stop that process, or choose another folder\n$/,
    )
    assert.equal(readFileSync(join(state_dir, 'secrets.json'), 'utf8'), before.secrets)
    await dev.stop()
    dev = await startDev({ state_dir, args: ['--reset'] })
    assert.notEqual(readFileSync(join(state_dir, 'secrets.json'), 'utf8'), before.secrets)
    assert.equal(readFileSync(join(state_dir, 'notes.txt'), 'utf8'), 'mine')
    if (process.getuid?.() === 0) assert.equal(existsSync(before.place), false)
    const { output } = await run(['admin', 'users', 'list', '--json', '--state', state_dir])
    assert.deepEqual(JSON.parse(output), [])
  })
})
