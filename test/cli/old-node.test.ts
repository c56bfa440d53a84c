// Another Node than the one that is needed: one line, and no stack, in a checkout too.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const root = new URL('../../', import.meta.url)
const command = fileURLToPath(new URL('bin/postern.js', root))

/** Runs the command while Node says that it is another version. */
const asNode = (version: string) => {
  const claim = `Object.defineProperties(process, { version: { value: 'v${version}' }, versions: { value: { ...process.versions, node: '${version}' } } })`
  const args = ['--import', `data:text/javascript,${encodeURIComponent(claim)}`, command, 'version']
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  return { status, stdout, stderr }
}

test('a Node that is too old gets one line, a newer one the command', () => {
  for (const version of ['16.20.2', '20.19.5', '22.17.1'])
    assert.deepEqual(asNode(version), {
      status: 1,
      stdout: '',
      stderr: `postern needs Node 22.18 or newer; this is v${version}\n`,
    })
  for (const version of ['22.18.0', '24.0.0', '26.1.0'])
    assert.deepEqual([asNode(version).status, asNode(version).stderr], [0, ''], version)
})

test('README, package and command say the same version', async () => {
  const [readme, manifest, code] = await Promise.all(
    ['README.md', 'package.json', 'bin/postern.js'].map((name) => readFile(new URL(name, root), 'utf8')),
  )
  assert.match(readme ?? '', /Node 22\.18 or newer/)
  assert.equal(JSON.parse(manifest ?? '').engines.node, '>=22.18')
  assert.match(code ?? '', /Node 22\.18 or newer/)
})
