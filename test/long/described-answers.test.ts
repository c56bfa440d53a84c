// Answers that no recording has are as docs/openapi.json describes them: the tests of those endpoints run once more, and every
// answer in them is held against the document.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))
const files = {
  api: [
    ...['user-sessions', 'user-identities-token', 'admin-users-sessions', 'admin-users-list', 'admin-audit', 'verify'],
    ...['factors-recovery-codes', 'passkeys', 'health-ready', 'sso-logout', 'sso-metadata', 'oauth-logout'],
    ...['scim-protocol', 'scim-okta', 'scim-entra'],
  ],
  security: [
    ...['devices', 'dpop', 'oauth-endpoints', 'oauth-server', 'oauth-logout', 'trusted-devices', 'scim', 'scim-input'],
  ],
}

test('sessions, recovery codes, passkeys, SCIM, devices, pushed requests, introspection, logout and the rest', async () => {
  const paths = Object.entries(files).flatMap(([room, names]) => names.map((name) => `test/${room}/${name}.test.ts`))
  // What this runner tells its own children is not for those of another.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env
  const { code, output } = await new Promise<{ code: number; output: string }>((resolve) => {
    const args = ['--import', './test/support/no-network.ts', '--test', '--test-reporter=tap', ...paths]
    const child = execFile(
      process.execPath,
      args,
      { cwd: root, env: { ...env, POSTERN_TEST_DESCRIBED: '1' }, maxBuffer: 2 ** 26 },
      (_error, stdout) => resolve({ code: child.exitCode ?? 1, output: stdout }),
    )
  })
  const problems = [...output.matchAll(/not as docs\/openapi\.json says: .*/g)].map(([line]) => line)
  assert.deepEqual([...new Set(problems)], [])
  assert.equal(code, 0, output.slice(-4000))
})
