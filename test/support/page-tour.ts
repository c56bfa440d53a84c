// What every page must hold in a real browser: no violation of axe-core in light and dark, nothing to scroll sideways at 360
// pixels, and a picture of each look in test/screenshots, to be looked at.
import assert from 'node:assert/strict'
import { mkdir } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import axe from 'axe-core'
import type { Browser, BrowserContext, Page } from 'playwright-core'

const folder = fileURLToPath(new URL('../screenshots/', import.meta.url))

interface Look {
  name: string
  width: number
  colorScheme: 'light' | 'dark'
}

const wide = (width: number): Look[] => [
  { name: 'light', width, colorScheme: 'light' },
  { name: 'dark', width, colorScheme: 'dark' },
]
const narrow: Look = { name: 'narrow', width: 360, colorScheme: 'light' }

/**
 * Looks at the page that is open, in every look, and at 1024 pixels afterwards again.
 * @param name the name of its pictures; for one that shows personal data of the test, whatever it shows
 */
export async function tourPage(page: Page, name: string, { width = 1024 }: { width?: number } = {}): Promise<void> {
  for (const look of [narrow, ...wide(width)]) {
    await page.setViewportSize({ width: look.width, height: 760 })
    await page.emulateMedia({ colorScheme: look.colorScheme, reducedMotion: 'reduce' })
    await lookAt(page, `${name}-${look.name}`)
  }
}

/** Opens an address in Arabic, from right to left, and looks at it; the browser reads English afterwards again. */
export async function tourInArabic(page: Page, address: string, name: string): Promise<void> {
  await page.goto(withLocale(address, 'ar'))
  assert.equal(await page.locator('html').getAttribute('dir'), 'rtl')
  await lookAt(page, `${name}-arabic`)
  await page.goto(withLocale(address, 'en'))
}

/** Takes a picture of the page as it is, which fits its window and breaks no rule of axe-core. */
async function lookAt(page: Page, picture: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  await page.waitForLoadState()
  await page.screenshot({ path: `${folder}${picture}.png`, fullPage: true })
  await fitsWindow(page, picture)
  assert.deepEqual(await violationsOf(page), [], picture)
}

/** Nothing has to be scrolled sideways. */
export async function fitsWindow(page: Page, picture: string): Promise<void> {
  const wide = await page.evaluate('document.documentElement.scrollWidth')
  const { width = 0 } = page.viewportSize() ?? {}
  assert.ok(Number(wide) <= width, `${picture} is ${wide} pixels wide at ${width}`)
}

/** The address of the same page in a language. */
export const withLocale = (address: string, locale: string): string => {
  const url = new URL(address)
  url.searchParams.set('ui_locales', locale)
  return url.href
}

/** What axe-core finds wrong: each rule with the elements that break it. */
async function violationsOf(page: Page): Promise<string[]> {
  await page.evaluate(axe.source)
  const { violations } = (await page.evaluate('axe.run()')) as axe.AxeResults
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 200)).join(' | ')}`)
}

/** Opens a new browser window for a test, and fails it for whatever the browser complains about. */
export async function withWindow(
  browser: Browser,
  work: (page: Page, context: BrowserContext) => Promise<void>,
  { expects = [], ...options }: { expects?: RegExp[]; javaScriptEnabled?: boolean; locale?: string } = {},
): Promise<void> {
  const context = await browser.newContext({ locale: 'en-GB', ...options })
  const page = await context.newPage()
  const complaints: string[] = []
  // A refused form is a page with a status of 4xx, which the browser mentions.
  const usual = [/the server responded with a status of 4\d\d/, ...expects]
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
  page.on('pageerror', (error) => complaints.push(error.message))
  try {
    await work(page, context)
    assert.deepEqual(
      complaints.filter((text) => !usual.some((pattern) => pattern.test(text))),
      [],
    )
  } finally {
    await context.close()
  }
}
