// postern reload: lets a server of this machine read its configuration again.
import { inspectConfig } from '../config/load.ts'
import { askServer, controlPath } from '../operations/control-socket.ts'
import { readEnvironment } from './environment.ts'
import type { Options } from './options.ts'

/** Asks the server and prints what it says; 1 when the new configuration was refused. */
export async function reload(options: Options & { socket: string | undefined }): Promise<number> {
  const { config } = inspectConfig(await readEnvironment(options))
  const path = options.socket ?? controlPath(config.control_socket, config.api_port)
  const { ok, lines } = await askServer(path, 'reload')
  for (const line of lines) (ok ? console.log : console.error)(line)
  return ok ? 0 : 1
}
