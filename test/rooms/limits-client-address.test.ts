// Who a client is: by socket, by header, behind proxies, in many spellings.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { trustedProxies } from '../../src/config/trusted-proxies.ts'
import { clientAddress, clientOf } from '../../src/limits/client-address.ts'

const plain = { rate_limit_header: '', security_sb_forwarded_for_enabled: false, trusted_proxies: [] as string[] }
const request = (headers: Record<string, string>) => (name: string) => headers[name.toLowerCase()]
const key = (headers: Record<string, string>, socket: string, config: Partial<typeof plain> = {}) =>
  clientOf(request(headers), socket, { ...plain, ...config }).key
const recorded = (headers: Record<string, string>, socket: string, config: Partial<typeof plain> = {}) =>
  clientAddress(request(headers), socket, { ...plain, ...config })

test('without configuration the socket counts, whatever headers say', () => {
  const headers = { 'x-forwarded-for': '203.0.113.1', 'x-real-ip': '203.0.113.1', 'sb-forwarded-for': '203.0.113.1' }
  assert.equal(key(headers, '198.51.100.4'), '198.51.100.4')
  assert.equal(key(headers, ''), '')
})

test('four spellings of one IPv6 address and 40 addresses of one /64 are one client', () => {
  const spellings = ['2001:db8::1', '2001:0db8:0000:0000:0000:0000:0000:0001', '2001:DB8:0:0::1', '2001:db8::0.0.0.1']
  const within = Array.from({ length: 40 }, (_, i) => `2001:db8:0:0:${(i * 977).toString(16)}::${i.toString(16)}`)
  const keys = new Set([...spellings, ...within].map((address) => key({}, address)))
  assert.deepEqual([...keys], ['2001:db8:0:0::/64'])
  assert.notEqual(key({}, '2001:db8:0:1::1'), '2001:db8:0:0::/64')
  const headers = new Set(
    [...spellings, ...within].map((address) => key({ 'x-key': address }, '::1', { rate_limit_header: 'X-Key' })),
  )
  assert.deepEqual([...headers], ['2001:db8:0:0::/64'])
})

test('IPv4 within IPv6 is the IPv4 client', () => {
  for (const address of ['::ffff:198.51.100.4', '::FFFF:c633:6404', '0:0:0:0:0:ffff:198.51.100.4'])
    assert.equal(key({}, address), '198.51.100.4')
})

test('the configured header counts by its first part, and its absence falls back to the socket', () => {
  const config = { rate_limit_header: 'X-Rate-Key' }
  assert.equal(key({ 'x-rate-key': '10.0.0.1, 10.0.0.2' }, '192.0.2.1', config), '10.0.0.1')
  assert.equal(key({ 'x-rate-key': ' 10.0.0.1 ,x' }, '192.0.2.1', config), '10.0.0.1')
  assert.equal(key({ 'x-rate-key': 'another client' }, '192.0.2.1', config), 'another client')
  for (const headers of [{} as Record<string, string>, { 'x-rate-key': '' }, { 'x-rate-key': ' , 10.0.0.1' }])
    assert.equal(key(headers, '192.0.2.1', config), '192.0.2.1')
})

test('sb-forwarded-for counts where it is on and an address', () => {
  const on = { security_sb_forwarded_for_enabled: true }
  assert.equal(key({ 'sb-forwarded-for': '203.0.113.9, 1.1.1.1' }, '192.0.2.1', on), '203.0.113.9')
  assert.equal(key({ 'sb-forwarded-for': '2001:db8::5' }, '192.0.2.1', on), '2001:db8:0:0::/64')
  assert.equal(key({ 'sb-forwarded-for': 'nonsense' }, '192.0.2.1', on), '192.0.2.1')
  assert.equal(
    recorded({ 'sb-forwarded-for': '203.0.113.9', 'x-forwarded-for': '1.1.1.1' }, '192.0.2.1', on),
    '203.0.113.9',
  )
})

test('behind proxies of known networks the right-most address that is none of them counts', () => {
  const config = { trusted_proxies: ['10.0.0.0/8', '2001:db8:ffff::/48', '192.0.2.1'] }
  const forwarded = (value: string) => ({ 'x-forwarded-for': value })
  assert.equal(key(forwarded('6.6.6.6, 203.0.113.7, 10.1.2.3'), '192.0.2.1', config), '203.0.113.7')
  assert.equal(key(forwarded('203.0.113.7:4711, 2001:db8:ffff::2'), '10.0.0.1', config), '203.0.113.7')
  assert.equal(key(forwarded('6.6.6.6'), '203.0.113.8', config), '203.0.113.8', 'the socket itself is not trusted')
  assert.equal(key(forwarded('6.6.6.6, unknown, 10.1.2.3'), '192.0.2.1', config), '10.1.2.3', 'nothing beyond nonsense')
  assert.equal(key(forwarded('10.9.9.9'), '192.0.2.1', config), '10.9.9.9')
  assert.equal(key({}, '192.0.2.1', config), '192.0.2.1')
  assert.equal(key(forwarded('203.0.113.7'), '::ffff:10.0.0.1', config), '203.0.113.7')
})

test('behind a number of proxies the address that the outermost of them saw counts', () => {
  const forwarded = { 'x-forwarded-for': '6.6.6.6, 203.0.113.7, 198.51.100.2' }
  assert.equal(key(forwarded, '192.0.2.1', { trusted_proxies: ['2'] }), '203.0.113.7')
  assert.equal(key(forwarded, '192.0.2.1', { trusted_proxies: ['1'] }), '198.51.100.2')
  assert.equal(key(forwarded, '192.0.2.1', { trusted_proxies: ['0'] }), '192.0.2.1')
  assert.equal(key({}, '192.0.2.1', { trusted_proxies: ['2'] }), '192.0.2.1')
})

test('the recorded address is the first one in X-Forwarded-For, as in the reference, until proxies are configured', () => {
  assert.equal(recorded({ 'x-forwarded-for': 'unknown, 203.0.113.7, 6.6.6.6' }, '192.0.2.1'), '203.0.113.7')
  assert.equal(recorded({ 'x-forwarded-for': '2001:DB8::0:1' }, '192.0.2.1'), '2001:db8::1')
  assert.equal(recorded({ 'x-forwarded-for': 'nonsense' }, '::ffff:192.0.2.1'), '192.0.2.1')
  assert.equal(recorded({}, ''), '')
  const config = { trusted_proxies: ['192.0.2.0/24'] }
  assert.equal(recorded({ 'x-forwarded-for': '6.6.6.6, 203.0.113.7' }, '192.0.2.1', config), '203.0.113.7')
})

test('a setting names networks, addresses or a number of hops', () => {
  for (const good of [[], ['10.0.0.0/8', '::1'], ['2'], ['::ffff:10.0.0.0/104'], ['0.0.0.0/0']])
    assert.notEqual(trustedProxies(good), null, `${good}`)
  for (const bad of [
    ['10.0.0.0/33'],
    ['proxy.example'],
    ['2', '10.0.0.1'],
    ['10.0.0.0/8/8'],
    ['::1/129'],
    ['10.0.0.0/-1'],
  ])
    assert.equal(trustedProxies(bad), null, `${bad}`)
})
