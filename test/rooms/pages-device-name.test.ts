// The words for devices and places on the account page.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deviceName, placeName } from '../../src/pages/parts/device-name.ts'
import { wordsIn } from '../../src/pages/words/words.ts'

const ctx = { words: wordsIn('en') }

test('a user agent is a browser on a system, a program, or nobody knows what', () => {
  const agents: Record<string, string> = {
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36':
      'Chrome on Windows',
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36 Edg/141.0.0.0':
      'Edge on Windows',
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15':
      'Safari on macOS',
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/141.0 Mobile/15E148 Safari/604.1':
      'Chrome on iPhone',
    'Mozilla/5.0 (iPad; CPU OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1':
      'Safari on iPad',
    'Mozilla/5.0 (Linux; Android 15; SM-S921B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36':
      'Samsung Internet on Android',
    'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0': 'Firefox on Linux',
    'Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36':
      'Chrome on ChromeOS',
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36 OPR/120.0.0.0':
      'Opera on Windows',
    'curl/8.5.0': 'curl',
    node: 'node',
    'okhttp/4.12.0': 'okhttp',
    'Mozilla/5.0': 'Unknown device',
    '<script>alert(1)</script>': 'Unknown device',
    '': 'Unknown device',
  }
  for (const [agent, name] of Object.entries(agents)) assert.equal(deviceName(ctx, agent), name, agent)
  assert.equal(deviceName(ctx, null), 'Unknown device')
})

test('a place is this computer, the local network, or its address', () => {
  const places: Record<string, string> = {
    '127.0.0.1': 'this computer',
    '::1': 'this computer',
    '192.168.1.20': 'your local network (192.168.1.20)',
    'fd00::7': 'your local network (fd00::7)',
    '172.32.0.1': '172.32.0.1',
    '203.0.113.9': '203.0.113.9',
    '2001:db8::1': '2001:db8::1',
    '': 'unknown place',
  }
  for (const [ip, place] of Object.entries(places)) assert.equal(placeName(ctx, ip), place, ip)
})
