// XML of SAML messages, read strictly: without a DOCTYPE, entities and instructions, of bounded size and depth.
import { DOMParser, type Element, type Node } from '@xmldom/xmldom'

/** Why a message is not accepted, for the log of operators; never a part of the message. */
export class SamlError extends Error {
  constructor(message: string, options: { cause?: unknown } = {}) {
    super(message, options)
    this.name = 'SamlError'
  }
}

/** Namespaces by their usual prefixes. */
export const namespaces = {
  saml: 'urn:oasis:names:tc:SAML:2.0:assertion',
  samlp: 'urn:oasis:names:tc:SAML:2.0:protocol',
  md: 'urn:oasis:names:tc:SAML:2.0:metadata',
  ds: 'http://www.w3.org/2000/09/xmldsig#',
  xenc: 'http://www.w3.org/2001/04/xmlenc#',
  soap: 'http://schemas.xmlsoap.org/soap/envelope/',
} as const

/** The prefix of a namespace. */
export type Prefix = keyof typeof namespaces

/** Characters, elements and depth at most. */
const most = { characters: 1_048_576, nodes: 60_000, depth: 60 }

const element = 1
const text = 3
const cdata = 4
const comment = 8

/** Neither a database nor an address can hold them, and references to them pass the parser (XML 1.0 §2.2, §4.1). */
const noCharacter = /[^\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u

/**
 * The root of a document.
 * @throws SamlError
 */
export function parseXml(xml: string): Element {
  if (xml.length > most.characters) throw new SamlError(`the XML is longer than ${most.characters} characters`)
  // Entities can make a small text large and reach for files; instructions cut a text in two. Neither has a use here.
  if (/<!(?!--|\[CDATA\[)/.test(xml)) throw new SamlError('the XML has a DOCTYPE or declarations')
  const marks = xml.split('<').length
  if (marks > most.nodes) throw new SamlError('the XML has too many elements')
  const problems: string[] = []
  let root: Element | null = null
  try {
    const parser = new DOMParser({ onError: (_level, message) => void problems.push(message) })
    root = parser.parseFromString(xml, 'text/xml').documentElement
  } catch (error) {
    throw new SamlError('the XML is not well formed', { cause: error })
  }
  if (!root || problems.length > 0) throw new SamlError('the XML is not well formed')
  checkNodes(root)
  return root
}

/** What may stand in a document, and each id once. */
function checkNodes(root: Element): void {
  const ids = new Set<string>()
  let level: Node[] = [root]
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > most.depth) throw new SamlError('the XML nests too deeply')
    const below: Node[] = []
    for (const node of level) {
      if (![element, text, cdata, comment].includes(node.nodeType)) throw new SamlError('the XML has an instruction')
      requireCharacters(node.nodeValue)
      if (node.nodeType !== element) continue
      for (const { value } of (node as Element).attributes) requireCharacters(value)
      for (const name of ['ID', 'Id', 'id']) checkId(ids, (node as Element).getAttribute(name))
      for (let child = node.firstChild; child; child = child.nextSibling) below.push(child)
    }
    level = below
  }
}

function requireCharacters(value: string | null): void {
  if (value !== null && noCharacter.test(value)) throw new SamlError('the XML has characters that are none')
}

function checkId(ids: Set<string>, id: string | null): void {
  if (id === null || id === '') return
  if (ids.has(id)) throw new SamlError('the XML has an id twice')
  ids.add(id)
}

/** Whether a node is the element of a name. */
export const isNamed = (node: Node, prefix: Prefix, name: string): node is Element =>
  node.nodeType === element &&
  (node as Element).localName === name &&
  (node as Element).namespaceURI === namespaces[prefix]

/**
 * The element itself.
 * @throws SamlError when it has another name
 */
export function requireNamed(node: Element, prefix: Prefix, name: string): Element {
  if (!isNamed(node, prefix, name)) throw new SamlError(`the message is no ${name}`)
  return node
}

/** The children that are elements of a name. */
export function childrenOf(parent: Element, prefix: Prefix, name: string): Element[] {
  const found: Element[] = []
  for (let child = parent.firstChild; child; child = child.nextSibling)
    if (isNamed(child, prefix, name)) found.push(child)
  return found
}

/**
 * The child of a name, or null.
 * @throws SamlError for several
 */
export function childOf(parent: Element, prefix: Prefix, name: string): Element | null {
  const [found, another] = childrenOf(parent, prefix, name)
  if (another) throw new SamlError(`${parent.localName} has several ${name}`)
  return found ?? null
}

/**
 * The child of a name.
 * @throws SamlError without one, or for several
 */
export function requiredChild(parent: Element, prefix: Prefix, name: string): Element {
  const found = childOf(parent, prefix, name)
  if (!found) throw new SamlError(`${parent.localName} has no ${name}`)
  return found
}

/** The children that are elements, whatever their names. */
export const elementsOf = (parent: Element): Element[] =>
  Array.from(parent.childNodes).filter((node): node is Element => node.nodeType === element)

/** How many elements of a name stand anywhere below another, itself included. */
export const countWithin = (root: Element, prefix: Prefix, name: string): number =>
  root.getElementsByTagNameNS(namespaces[prefix], name).length + (isNamed(root, prefix, name) ? 1 : 0)

/** The text of an element itself, all of it: comments between its letters are left out, and end nothing. */
export function textOf(node: Element): string {
  let found = ''
  for (let child = node.firstChild; child; child = child.nextSibling)
    if (child.nodeType === text || child.nodeType === cdata) found += child.nodeValue ?? ''
  return found
}

/** Whether an element holds nothing but elements and text that comments and CDATA do not cut. */
export function isPlain(node: Element): boolean {
  for (let child = node.firstChild; child; child = child.nextSibling) {
    if (child.nodeType === element ? !isPlain(child as Element) : child.nodeType !== text) return false
  }
  return true
}

/** The value of an attribute without a namespace; '' without one. */
export const attribute = (node: Element, name: string): string => node.getAttribute(name) ?? ''

/** Bytes of base64 with blanks between (RFC 4648 §4); null for anything else. */
export function readBase64(value: string): Buffer | null {
  const compact = value.replace(/[ \t\r\n]+/g, '')
  if (compact === '' || compact.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(compact)) return null
  return Buffer.from(compact, 'base64')
}

/**
 * A moment in UTC, in milliseconds since the epoch (SAML Core §1.3.3); null where none is written.
 * @throws SamlError for what is no moment
 */
export function readMoment(value: string): number | null {
  if (value === '') return null
  const form = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?$/
  const ms = form.test(value) ? Date.parse(/(Z|[+-]\d\d:\d\d)$/.test(value) ? value : `${value}Z`) : Number.NaN
  if (Number.isNaN(ms)) throw new SamlError('a time cannot be read')
  return ms
}
