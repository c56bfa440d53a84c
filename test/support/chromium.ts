// A real browser: Debian's chromium, driven by playwright-core.
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'

const executablePath = '/usr/bin/chromium'

/** Starts a browser; text says why there can be none. */
export async function testBrowser(): Promise<Browser | string> {
  const missing = findOrInstall()
  if (missing !== null) return missing
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage'] })
}

function findOrInstall(): string | null {
  if (existsSync(executablePath)) return null
  if (process.platform !== 'linux' || process.getuid?.() !== 0)
    return 'chromium is not installed, and only root can install it'
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  try {
    for (const args of [['update'], ['install', '-y', '--no-install-recommends', 'chromium']])
      execFileSync('apt-get', args, { stdio: 'ignore', timeout: 300_000, env })
  } catch {
    return 'chromium is not installed, and apt-get could not install it'
  }
  return existsSync(executablePath) ? null : 'chromium is not installed'
}
