// Servers as processes of their own: `postern serve` and `postern dev`, to be killed, stopped and started again.
import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))

/** A process that answers on a port. */
export interface ServerProcess {
  url: string
  child: ChildProcess
  output(): string
  /** Its exit code, once it has ended by itself or otherwise, and all that it printed is read. */
  ended: Promise<number | null>
  /** Ends it at once, as a crash would. */
  kill(): Promise<void>
  /** Asks it to end and waits. */
  stop(): Promise<number | null>
}

/** A command that runs. */
export interface RunningCommand {
  child: ChildProcess
  output(): string
  /** Its exit code, once it has ended and everything that it printed is read. */
  ended: Promise<number | null>
  /** Once it has ended, though processes that it started may still print. */
  gone: Promise<unknown>
}

/** Starts a command of the checkout and collects what it prints. */
export function startCommand(args: string[], env: Record<string, string>, cwd?: string): RunningCommand {
  let output = ''
  const child = spawn(process.execPath, [main, ...args], {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
    ...(cwd && { cwd }),
  })
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk
    })
  const ended = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)))
  const gone = new Promise((resolve) => child.once('exit', resolve))
  return { child, output: () => output, ended, gone }
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

/** @throws Error with what it printed, when it has ended */
function requireAlive({ child, output }: RunningCommand): void {
  if (child.exitCode !== null || child.signalCode !== null) throw new Error(`the server ended:\n${output()}`)
}

/** What waits for a server, which must not outlive it where it waits in vain. */
const orKilled = <T>({ child }: RunningCommand, waiting: Promise<T>): Promise<T> =>
  waiting.catch((error: unknown) => {
    child.kill('SIGKILL')
    throw error
  })

/** The address of a server, once it listens and is healthy. */
async function whenHealthy(command: RunningCommand): Promise<string> {
  const port = await until('the server listens', () => {
    requireAlive(command)
    return /"port":(\d+),"msg":"postern is listening"/.exec(command.output())?.[1]
  })
  const url = `http://127.0.0.1:${port}`
  await until('the server becomes healthy', async () => {
    requireAlive(command)
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
  const command = startCommand(['serve', ...args], { ...env, ...where })
  const { child, output, ended, gone } = command
  const url = await orKilled(command, whenHealthy(command))
  return {
    url,
    child,
    output,
    ended,
    async kill() {
      child.kill('SIGKILL')
      await gone
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
  /** Opens a link of a mail, presses the button of the page that stands before it, and returns where it leads. */
  pressButton(link: string): Promise<string | null>
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

/** As a browser does: with the cookies and the origin of the page. */
async function pressButton(link: string): Promise<string | null> {
  const cookies = new Map<string, string>()
  const visit = async (address: string, init: RequestInit = {}): Promise<Response> => {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const answer = await fetch(address, { ...init, redirect: 'manual', headers: { ...init.headers, cookie } })
    for (const line of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      cookies.set(name, value)
    }
    return answer
  }
  let address = link
  let answer = await visit(address)
  for (let hops = 0; answer.status >= 300 && answer.status < 400 && hops < 3; hops++) {
    address = new URL(answer.headers.get('location') ?? '', address).href
    if (address.includes('#')) return address
    answer = await visit(address)
  }
  const page = await answer.text()
  const [form = ''] = /<form\b[^>]*method="post"[^>]*>[\s\S]*?<\/form>/i.exec(page) ?? []
  const read = (tag: string, name: string): string =>
    (new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1] ?? '').replaceAll('&amp;', '&')
  const body = new URLSearchParams(
    [...form.matchAll(/<input\b[^>]*type="hidden"[^>]*>/g)].map(([tag]): [string, string] => [
      read(tag, 'name'),
      read(tag, 'value'),
    ]),
  )
  const action = new URL(read(/<form\b[^>]*>/.exec(form)?.[0] ?? '', 'action') || address, address)
  const pressed = await visit(action.href, { method: 'POST', body, headers: { origin: action.origin } })
  return pressed.headers.get('location')
}

/** Starts `postern dev` in a state folder and waits until it says that it is ready. */
export async function startDev(options: {
  state_dir: string
  env?: Record<string, string>
  args?: string[]
}): Promise<DevProcess> {
  const args = ['dev', '--state', options.state_dir, '--port', '0', ...(options.args ?? [])]
  const command = startCommand(args, options.env ?? {})
  const { child, output, ended, gone } = command
  const isReady = () => {
    requireAlive(command)
    return output().includes('Ready after')
  }
  await orKilled(command, until('the server says that it is ready', isReady))
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
    pressButton,
    async kill() {
      child.kill('SIGKILL')
      await gone
    },
    async stop() {
      child.kill('SIGTERM')
      return ended
    },
  }
}
