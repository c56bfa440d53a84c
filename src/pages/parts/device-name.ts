// What a device and a place are called, from the user agent and the address that a session has: a short table, no database.
import type { PageCtx } from '../page.ts'

/** Browsers by the product that names them (RFC 9110 §10.1.5); the first that fits, since most name others beside themselves. */
const browsers: readonly (readonly [RegExp, string])[] = [
  [/\bEdgA?(?:iOS)?\//, 'Edge'],
  [/\bOPR\/|\bOpera\b/, 'Opera'],
  [/\bSamsungBrowser\//, 'Samsung Internet'],
  [/\bVivaldi\//, 'Vivaldi'],
  [/\bDuckDuckGo\/|\bDdg\//, 'DuckDuckGo'],
  [/\bFirefox\/|\bFxiOS\//, 'Firefox'],
  [/\bHeadlessChrome\/|\bChrome\/|\bCriOS\/|\bChromium\//, 'Chrome'],
  [/\bVersion\/[\d.]+.*\bSafari\//, 'Safari'],
]

const systems: readonly (readonly [RegExp, string])[] = [
  [/\biPhone\b/, 'iPhone'],
  [/\biPad\b/, 'iPad'],
  [/\bAndroid\b/, 'Android'],
  [/\bWindows\b/, 'Windows'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bMacintosh\b|\bMac OS X\b/, 'macOS'],
  [/\bLinux\b/, 'Linux'],
]

const nameIn = (table: typeof browsers, text: string): string => table.find(([form]) => form.test(text))?.[1] ?? ''

/** A device in words: `Firefox on Windows`, the program that says its name, or that nobody knows. */
export function deviceName({ words }: Pick<PageCtx, 'words'>, user_agent: string | null): string {
  const text = (user_agent ?? '').slice(0, 512)
  const browser = nameIn(browsers, text)
  const system = nameIn(systems, text)
  if (browser !== '' && system !== '') return words('account.device_on', { browser, system })
  if (browser !== '' || system !== '') return browser || system
  const [, program = ''] = /^([A-Za-z][\w.-]{1,40})(?:\/|$)/.exec(text) ?? []
  return program === '' || program === 'Mozilla' ? words('account.device_unknown') : program
}

/** Where a session is from: words for the nearest networks, else the address itself. */
export function placeName({ words }: Pick<PageCtx, 'words'>, ip: string | null): string {
  const text = ip ?? ''
  if (text === '') return words('account.place_unknown')
  if (/^127\.|^::1$|^::ffff:127\./i.test(text)) return words('account.place_here')
  const isNear = /^(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|169\.254\.|f[cd][\da-f]{2}:|fe[89ab][\da-f]:)/i.test(text)
  return isNear ? words('account.place_near', { address: text }) : text
}
