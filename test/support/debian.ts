// Programs of Debian that tests run: found, or installed where the tests run as root.
import { execFileSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const path = `${process.env.PATH}:/usr/sbin`

/** The environment that finds programs of administrators too. */
export const debianEnvironment = { ...process.env, PATH: path, DEBIAN_FRONTEND: 'noninteractive' }

/** Makes sure that a program is there; text says why it cannot be. Test files that install wait for each other. */
export function requireProgram(program: string, debian_package = program): string | null {
  if (isInstalled(program)) return null
  if (process.platform !== 'linux' || process.getuid?.() !== 0)
    return `${program} is not installed, and only root can install it`
  const install = `command -v ${program} || { apt-get update && apt-get install -y --no-install-recommends ${debian_package}; }`
  try {
    execFileSync('flock', [join(tmpdir(), 'postern-apt.lock'), 'sh', '-c', install], {
      stdio: 'ignore',
      timeout: 600_000,
      env: debianEnvironment,
    })
  } catch {
    return `${program} is not installed, and apt-get could not install it`
  }
  return isInstalled(program) ? null : `${program} is not installed`
}

function isInstalled(program: string): boolean {
  try {
    execFileSync('sh', ['-c', `command -v ${program}`], { stdio: 'ignore', env: debianEnvironment })
    return true
  } catch {
    return false
  }
}
