// Who sits at the shell, for the audit log.
import { userInfo } from 'node:os'
import { processEnvironment } from '../config/load.ts'

/** The name of the system user; behind sudo, of who called it. */
export function operatorName(): string {
  const { SUDO_USER: asked } = processEnvironment()
  const name = nameOfProcess()
  return asked && name === 'root' ? asked : name
}

/** A container may run under a number that has no name. */
function nameOfProcess(): string {
  try {
    return userInfo().username
  } catch {
    return `uid ${process.getuid?.() ?? 'unknown'}`
  }
}
