// A real browser: Debian's chromium, driven by playwright-core.
import { type Browser, chromium } from 'playwright-core'
import { requireProgram } from './debian.ts'

const executablePath = '/usr/bin/chromium'

/** Starts a browser; text says why there can be none. */
export async function testBrowser(): Promise<Browser | string> {
  const missing = requireProgram('chromium')
  if (missing !== null) return missing
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage'], timeout: 120_000 })
}
