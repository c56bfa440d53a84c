// Which addresses a flow may lead to, of the site and of the allow-list, as the recorded server tells it.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { isAllowedRedirect } from '../../src/flows/steps/answers/allowed-redirect.ts'

const site = 'https://app.example'
const cases: [what: string, site: string, list: string[], allowed: string[], refused: string[]][] = [
  [
    'the site of a web application is its scheme, host and port',
    site,
    [],
    ['https://app.example', 'https://app.example/a?b#c', 'HTTPS://app.example/'],
    ['http://app.example/', 'https://app.example:8443/', 'https://a.app.example/', 'https://app.example.evil.example/'],
  ],
  [
    'what a browser reads as another address than it is written is refused',
    site,
    ['https://app.example/**'],
    ['https://app.example/%7Ea'],
    [
      ...['https:app.example', 'https:/app.example', 'https:///app.example', 'https://app.example/%zz'],
      ...[
        'https://app.example/#%zz',
        'https://app.example:x/',
        'https://app.example\\@evil.example/',
        '//app.example/',
      ],
      ...[' https://app.example/', 'https://app.example/\n', 'https://u:p@app.example/', 'path', '/path', ''],
    ],
  ],
  [
    'this machine is allowed, by the addresses that are its own and as they are written',
    site,
    [],
    ['http://127.0.0.1:3000/x', 'http://127.1.2.3/', 'http://[::1]:5000/cb', 'https://[0:0:0:0:0:0:0:1]/'],
    [
      ...['http://0.0.0.0:3000/', 'http://[::]:3000/', 'http://192.168.1.1/', 'http://localhost:3000/'],
      ...['http://2130706433/', 'http://0x7f000001/', 'http://127.1/', 'http://0177.0.0.1/'],
    ],
  ],
  [
    'a number that means the site on this machine is none',
    'http://127.0.0.1:3000',
    [],
    ['http://127.0.0.1:9999/'],
    ['http://2130706433/', 'http://0x7f.1/'],
  ],
  ['a site on any address of this machine', 'http://0.0.0.0:3000', [], ['http://0.0.0.0:3001/'], []],
  [
    'the scheme alone is the site of an application on a phone',
    'myapp://',
    [],
    ['myapp://', 'myapp:/', 'myapp:///cb', 'myapp:'],
    ['myapp://cb', 'other://', 'https://'],
  ],
  [
    'schemes of applications, of the list',
    'com.example.app://callback',
    ['exp://**', 'io.flutter://login/', 'exp+app://**', 'cap://localhost'],
    [
      ...[
        'com.example.app://callback?x=1#y',
        'exp://exp.host/@me/app',
        'exp://u.expo.dev:80/--/cb?a=1',
        'exp://a.b/--/c',
      ],
      ...['io.flutter://login/', 'io.flutter://login/#x', 'exp+app://client/?url=http%3A%2F%2Fx', 'cap://localhost'],
    ],
    ['com.example.app://other', 'io.flutter://login', 'io.flutter://login/?x', 'cap://localhost/', 'exps://x'],
  ],
  [
    'globs',
    site,
    ['https://a.example/**/cb', 'https://b.example/*/cb', 'https://c?.example/[!x]/{a,b}', 'https://*--d.example/**'],
    [
      ...['https://a.example/cb', 'https://a.example/x/cb', 'https://a.example/x/y.z/cb#f', 'https://b.example/x/cb'],
      ...['https://c1.example/y/b', 'https://pr-1--d.example/x?y=z/w'],
    ],
    [
      ...['https://a.example/cbx', 'https://a.example/xcb', 'https://b.example/cb', 'https://b.example/x/y/cb'],
      ...['https://c.example/y/b', 'https://c1.example/x/b', 'https://e.f--d.example/', 'https://a.example/cb?x=1'],
    ],
  ],
]

describe('redirects', () => {
  for (const [what, of, list, allowed, refused] of cases)
    test(what, () => {
      for (const address of allowed) assert.equal(isAllowedRedirect(address, of, list), true, address)
      for (const address of refused) assert.equal(isAllowedRedirect(address, of, list), false, address)
    })
})
