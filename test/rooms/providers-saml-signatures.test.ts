// Signatures that others made: messages which libxml2 canonicalized and OpenSSL signed, in the forms in which providers write.
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import type { Element } from '@xmldom/xmldom'
import { childrenOf, parseXml } from '../../src/providers/saml/parse-xml.ts'
import { keysOf, signedElement } from '../../src/providers/saml/signed-element.ts'

interface Signed {
  name: string
  xml: string
  /** Id of the element that is signed. */
  target: string
  cert: string
}
const fixture = new URL('../fixtures/saml-signed-elsewhere.json', import.meta.url)
const cases: Signed[] = JSON.parse(await readFile(fixture, 'utf8'))

const find = (xml: string, target: string): Element => {
  const root = parseXml(xml)
  const found = [root, ...childrenOf(root, 'saml', 'Assertion')].find((node) => node.getAttribute('ID') === target)
  return found ?? assert.fail(`no element ${target}`)
}

for (const { name, xml, target, cert } of cases)
  test(name, () => {
    const keys = keysOf([cert])
    assert.equal(signedElement(find(xml, target), keys)?.getAttribute('ID'), target)
    for (const [from, to] of [
      ['>x<', '>y<'],
      ['Version="2.0"', 'Version="2.1"'],
      [`URI="#${target}"`, 'URI=""'],
    ] as const)
      assert.throws(() => signedElement(find(xml.replaceAll(from, to), target), keys), { name: 'SamlError' }, from)
    assert.throws(() => signedElement(find(xml, target), []), { name: 'SamlError' })
  })

test('certificates of weak keys, and texts that are none, are no keys', () => {
  assert.deepEqual(keysOf(['', 'AAAA', 'no base64']), [])
})
