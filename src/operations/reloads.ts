// What makes a server read its configuration again: a changed folder, a signal, a question on its socket; one reload at a time.
import { constants } from 'node:os'
import type { Config } from '../config/keys.ts'
import type { Logger } from '../log.ts'
import { watchConfigDir } from './config-dir.ts'
import { type ControlAnswer, controlPath, openControlSocket } from './control-socket.ts'

/** What is watched, and what is done. */
export interface ReloadsOptions {
  config: Config
  /** The port that the server got. */
  port: number
  /** `--config-dir`. */
  folder: string | undefined
  log: Logger
  /** Reads the configuration and serves with it, or says why not. */
  reload(): Promise<ControlAnswer>
}

/** Begins to watch; returns what ends it. */
export async function followReloads(options: ReloadsOptions): Promise<() => Promise<void>> {
  const { config, port, folder, log } = options
  let last: Promise<unknown> = Promise.resolve()
  /** One after another: the second sees what changed while the first ran. */
  function reload(): Promise<ControlAnswer> {
    const next = last.then(async () => {
      const answer = await options.reload()
      log[answer.ok ? 'info' : 'error']({ lines: answer.lines }, answer.ok ? 'reloaded' : 'the reload was refused')
      return answer
    })
    last = next.catch(() => {})
    return next
  }
  let pending: NodeJS.Timeout | undefined
  const changed = (): void => {
    clearTimeout(pending)
    pending = setTimeout(() => void reload(), config.reloading_grace_period_interval)
  }
  const now = (): void => void reload()
  const signals: [NodeJS.Signals, () => void][] = [['SIGHUP', now]]
  const own = config.reloading_signal_enabled ? signalOf(config.reloading_signal_number) : null
  if (own !== null && own !== 'SIGHUP') signals.push([own, changed])
  // Without a listener Node opens its inspector on this signal.
  if (own !== 'SIGUSR1')
    signals.push(['SIGUSR1', () => log.warn({}, 'SIGUSR1 came, and GOTRUE_RELOADING_SIGNAL_ENABLED is off')])
  for (const [signal, listener] of signals) process.on(signal, listener)
  const poll_ms = config.reloading_pollerenabled ? config.reloading_poller_interval : 0
  const unwatch = folder
    ? await watchConfigDir({ folder, notifies: config.reloading_notify_enabled, poll_ms, log }, changed)
    : () => {}
  const path = controlPath(config.control_socket, port)
  const control = await openControlSocket(path, (question) =>
    question === 'reload' ? reload() : Promise.resolve({ ok: false, lines: [`"${question}" is no question`] }),
  ).catch((error: unknown) => {
    log.warn({ err: error, path }, 'postern reload cannot reach this server; SIGHUP can')
    return null
  })
  return async () => {
    clearTimeout(pending)
    for (const [signal, listener] of signals) process.off(signal, listener)
    unwatch()
    await control?.close()
    await last
  }
}

/** The name of a signal; null for a number that none has. */
function signalOf(number: number): NodeJS.Signals | null {
  const found = Object.entries(constants.signals).find(([, value]) => value === number)
  return found ? (found[0] as NodeJS.Signals) : null
}
