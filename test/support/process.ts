// Servers as processes of their own: `postern serve` and `postern dev`, to be killed, stopped and started again.
import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))

/** A process that answers on a port. */
export interface ServerProcess {
  url: string
  child: ChildProcess
  output(): string
  /** Ends it at once, as a crash would. */
  kill(): Promise<void>
  /** Asks it to end and waits. */
  stop(): Promise<number | null>
}

/** Starts a command of the checkout and collects what it prints. */
export function startCommand(
  args: string[],
  env: Record<string, string>,
  cwd?: string,
): { child: ChildProcess; output(): string; ended: Promise<number | null> } {
  let output = ''
  const child = spawn(process.execPath, [main, ...args], {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
    ...(cwd && { cwd }),
  })
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      output += chunk
    })
  const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)))
  return { child, output: () => output, ended }
}

/** Waits until a condition holds. */
export async function until<T>(
  what: string,
  condition: () => T | Promise<T>,
  limit_ms = 90_000,
): Promise<NonNullable<T>> {
  const deadline = Date.now() + limit_ms
  for (;;) {
    const value = await condition()
    if (value) return value as NonNullable<T>
    if (Date.now() > deadline) throw new Error(`${what} did not happen within ${limit_ms} ms`)
    await new Promise((wake) => setTimeout(wake, 25))
  }
}

/** The address of a server, once it listens and is healthy. */
async function whenHealthy(child: ChildProcess, output: () => string): Promise<string> {
  const requireAlive = () => {
    if (child.exitCode !== null) throw new Error(`the server ended:\n${output()}`)
  }
  const port = await until('the server listens', () => {
    requireAlive()
    return /"port":(\d+),"msg":"postern is listening"/.exec(output())?.[1]
  })
  const url = `http://127.0.0.1:${port}`
  await until('the server becomes healthy', async () => {
    requireAlive()
    return fetch(`${url}/health`).then(
      (response) => response.ok,
      () => false,
    )
  })
  return url
}

/** Starts `postern serve` with variables, on the port that it says it got, and waits until it is healthy. */
export async function startServe(env: Record<string, string>, args: string[] = []): Promise<ServerProcess> {
  const where = { GOTRUE_API_HOST: '127.0.0.1', PORT: '0', GOTRUE_LOG_LEVEL: 'info' }
  const { child, output, ended } = startCommand(['serve', ...args], { ...env, ...where })
  // A server that never listens must not outlive the test that waits for it.
  const url = await whenHealthy(child, output).catch((error: unknown) => {
    child.kill('SIGKILL')
    throw error
  })
  return {
    url,
    child,
    output,
    async kill() {
      child.kill('SIGKILL')
      await ended
    },
    async stop() {
      child.kill('SIGTERM')
      return ended
    },
  }
}

/** A running `postern dev`. */
export interface DevProcess {
  url: string
  anon_key: string
  service_role_key: string
  database_url: string
  child: ChildProcess
  output(): string
  nextMail(to: string, subject?: string): Promise<{ subject: string; link: string; html: string }>
  /** Presses the button of a page that stands before a link, and returns where it leads. */
  pressButton(address: string, page: string): Promise<string | null>
  kill(): Promise<void>
  stop(): Promise<number | null>
}

interface Entry {
  id: string
  to: string[]
  subject: string
  html: string
  links: string[]
}

/** Starts `postern dev` in a state folder and waits until it says that it is ready. */
export async function startDev(options: {
  state_dir: string
  env?: Record<string, string>
  args?: string[]
}): Promise<DevProcess> {
  const args = ['dev', '--state', options.state_dir, '--port', '0', ...(options.args ?? [])]
  const { child, output, ended } = startCommand(args, options.env ?? {})
  await until(
    'the server says that it is ready',
    () => {
      if (child.exitCode !== null) throw new Error(`the server ended:\n${output()}`)
      return output().includes('Ready after')
    },
    60_000,
  )
  const fact = (name: string) => new RegExp(`${name} +(\\S+)`).exec(output())?.[1] ?? ''
  const url = fact('API URL')
  const taken = new Set<string>()
  return {
    url,
    anon_key: fact('anon key'),
    service_role_key: fact('service_role key'),
    database_url: fact('Database URL'),
    child,
    output,
    async nextMail(to, subject) {
      const mail = await until(`a mail to ${to}`, async () => {
        const entries = (await fetch(`${url}/__inbox/api/mails?to=${encodeURIComponent(to)}`).then((r) =>
          r.json(),
        )) as Entry[]
        return entries.find((entry) => !taken.has(entry.id) && (subject === undefined || entry.subject === subject))
      })
      taken.add(mail.id)
      return { subject: mail.subject, link: mail.links[0] ?? '', html: mail.html }
    },
    async pressButton(address, page) {
      const fields = [...page.matchAll(/<input type="hidden" name="(\w+)" value="([^"]*)">/g)]
      const action = /<form method="post" action="([^"]*)"/.exec(page)?.[1]?.replaceAll('&amp;', '&') ?? address
      const body = new URLSearchParams(
        fields.map(([, name = '', value = '']): [string, string] => [name, value.replaceAll('&amp;', '&')]),
      )
      const response = await fetch(new URL(action, address), { method: 'POST', body, redirect: 'manual' })
      return response.headers.get('location')
    },
    async kill() {
      child.kill('SIGKILL')
      await ended
    },
    async stop() {
      child.kill('SIGTERM')
      return ended
    },
  }
}
