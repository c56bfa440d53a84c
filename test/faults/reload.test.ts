// A configuration that changes while the server serves: swapped whole, or refused with the reason.
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { startCommand, until } from '../support/process.ts'
import { startLoad, startServing } from '../support/serving.ts'

const isOpen = async (url: string): Promise<boolean> => {
  const settings = await fetch(`${url}/settings`).then((response) => response.json())
  return !Reflect.get(Object(settings), 'disable_signup')
}

const closed = (folder: string) => writeFileSync(join(folder, '10-signup.env'), 'GOTRUE_DISABLE_SIGNUP=true\n')

test('a changed file of --config-dir is followed under load, and no request fails', async () => {
  const serving = await startServing(
    { GOTRUE_RELOADING_GRACE_PERIOD_INTERVAL: '50ms', GOTRUE_DISABLE_SIGNUP: 'false' },
    (folder) => ['-d', folder],
  )
  const { server, folder } = serving
  try {
    assert.equal(await isOpen(server.url), true)
    const load = startLoad(`${server.url}/settings`, 500)
    await until('requests are answered', () => load.answered() > 100)
    closed(folder)
    await until('sign-up is closed', async () => !(await isOpen(server.url)))
    const { answered, failures } = await load.stop()
    assert.deepEqual(failures, [])
    assert.ok(answered > 20, `${answered} were answered`)
  } finally {
    await serving.close()
  }
})

test('a folder is looked at where the file system does not tell of changes', async () => {
  const serving = await startServing(
    {
      GOTRUE_RELOADING_NOTIFY_ENABLED: 'false',
      GOTRUE_RELOADING_POLLERENABLED: 'true',
      GOTRUE_RELOADING_POLLER_INTERVAL: '100ms',
      GOTRUE_RELOADING_GRACE_PERIOD_INTERVAL: '50ms',
    },
    (folder) => ['--config-dir', folder],
  )
  try {
    await until('the folder was seen', () => isOpen(serving.server.url))
    closed(serving.folder)
    await until('sign-up is closed', async () => !(await isOpen(serving.server.url)))
  } finally {
    await serving.close()
  }
})

test('a configuration that cannot be used is refused as a whole, with each reason, and the old one serves on', async () => {
  const serving = await startServing({}, (folder) => ['-d', folder])
  const { server, folder, env } = serving
  try {
    writeFileSync(join(folder, '20.env'), 'GOTRUE_DISABLE_SIGNUP=true\nGOTRUE_JWT_EXP=soon\nGOTRUE_SMTP_PORT=high\n')
    const { ended, output } = startCommand(['reload'], env)
    assert.equal(await ended, 1)
    assert.match(output(), /serves on with the old configuration/)
    assert.match(output(), /GOTRUE_JWT_EXP must be a whole number/)
    assert.match(output(), /GOTRUE_SMTP_PORT must be a port/)
    assert.equal(await isOpen(server.url), true)
  } finally {
    await serving.close()
  }
})

test('what cannot change at run time is named, and the rest counts', async () => {
  const serving = await startServing({}, (folder) => ['-d', folder])
  const { server, folder, env } = serving
  try {
    writeFileSync(join(folder, '30.env'), 'GOTRUE_DISABLE_SIGNUP=true\nGOTRUE_API_PORT=9\nPOSTERN_WORKERS=3\n')
    const { ended, output } = startCommand(['reload'], env)
    assert.equal(await ended, 0, output())
    assert.match(output(), /^PORT has changed; the new value counts from the next start on$/m)
    assert.match(output(), /^POSTERN_WORKERS has changed; the new value counts from the next start on$/m)
    assert.equal(await isOpen(server.url), false)
  } finally {
    await serving.close()
  }
})

for (const [signal, env] of [
  ['SIGHUP', {}],
  ['SIGUSR1', { GOTRUE_RELOADING_SIGNAL_ENABLED: 'true', GOTRUE_RELOADING_GRACE_PERIOD_INTERVAL: '10ms' }],
] as const)
  test(`${signal} makes the server read its files again, and opens no inspector`, async () => {
    const serving = await startServing({ ...env, GOTRUE_RELOADING_NOTIFY_ENABLED: 'false' }, (folder) => ['-d', folder])
    const { server, folder } = serving
    try {
      closed(folder)
      server.child.kill(signal)
      await until('sign-up is closed', async () => !(await isOpen(server.url)))
      assert.doesNotMatch(server.output(), /Debugger listening/)
      assert.equal(await server.stop(), 0)
    } finally {
      await serving.close()
    }
  })

test('where no server answers, postern reload says what tells which one is meant', async () => {
  const { ended, output } = startCommand(['reload', '--socket', '/nowhere/postern.sock'], {})
  assert.equal(await ended, 1)
  assert.match(
    output(),
    /no server answers on \/nowhere\/postern\.sock; give the --config, --port or --socket of one that/,
  )
})
