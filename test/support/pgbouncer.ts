// A PgBouncer of a test's own in transaction mode: Debian's pgbouncer on a port of its own of the loopback.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { debianEnvironment, requireProgram } from './debian.ts'
import { ownPort } from './own-port.ts'
import { until } from './process.ts'

/** A running pooler. */
export interface TestPooler {
  /** Leads to the database through it. */
  url: string
  stop(): Promise<void>
}

/** Starts a pooler in front of a database; text says why there can be none. */
export async function testPooler(database_url: string): Promise<TestPooler | string> {
  const missing = requireProgram('pgbouncer')
  if (missing !== null) return missing
  const target = new URL(database_url)
  const port = await ownPort()
  const folder = await mkdtemp(join(tmpdir(), 'postern-pooler-'))
  const file = join(folder, 'pgbouncer.ini')
  const { hostname, port: target_port, username, password } = target
  await writeFile(
    file,
    [
      '[databases]',
      `* = host=${hostname} port=${target_port} user=${username} password=${password}`,
      '[pgbouncer]',
      'listen_addr = 127.0.0.1',
      `listen_port = ${port}`,
      'unix_socket_dir =',
      'auth_type = any',
      'pool_mode = transaction',
      'default_pool_size = 3',
      'max_client_conn = 100',
    ].join('\n'),
  )
  await chmod(folder, 0o755)
  const as = process.getuid?.() === 0 ? ['-u', 'nobody'] : []
  const child = spawn('pgbouncer', ['-q', ...as, file], {
    stdio: 'ignore',
    env: debianEnvironment,
  })
  const answers = () =>
    new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(socket.destroy() !== null))
      socket.on('error', () => resolve(false))
    })
  await until('pgbouncer answers', answers)
  const pooled = new URL(database_url)
  pooled.port = String(port)
  return {
    url: pooled.href,
    async stop() {
      const ended = once(child, 'exit')
      child.kill('SIGKILL')
      await ended
      await rm(folder, { recursive: true, force: true })
    },
  }
}
