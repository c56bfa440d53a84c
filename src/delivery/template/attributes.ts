// Which language the values of an attribute are in.
import type { Tracker } from './place.ts'
import { trackScript } from './track-script.ts'
import { trackStyle } from './track-style.ts'
import { trackPlain, trackRefresh, trackUrl } from './url-tracker.ts'

/** Languages of attributes; `unsafe` ones are plain, but their names cannot come from data. */
export type AttributeKind = 'plain' | 'url' | 'srcset' | 'script' | 'style' | 'unsafe'

const listed: [AttributeKind, string][] = [
  ['url', 'action archive background cite classid codebase data formaction href icon longdesc manifest poster'],
  ['url', 'profile src usemap xmlns'],
  ['srcset', 'srcset'],
  ['style', 'style'],
  ['unsafe', 'accept-charset async challenge charset content crossorigin defer enctype form formenctype formmethod'],
  ['unsafe', 'formnovalidate http-equiv keytype language method novalidate pattern rel sandbox srcdoc type value'],
]
const kinds = new Map(listed.flatMap(([kind, names]) => names.split(' ').map((name) => [name, kind] as const)))

/** The kind of an attribute; what looks like a handler or URL counts as one. */
export function attributeKind(written: string): AttributeKind {
  const [, space = '', bare = ''] = /^(?:data-|([^:]*):)?(.*)$/s.exec(written.toLowerCase()) ?? []
  if (space === 'xmlns') return 'url'
  const known = kinds.get(bare)
  if (known) return known
  if (bare.startsWith('on')) return 'script'
  return /src|uri|url/.test(bare) ? 'url' : 'plain'
}

/** Follows the value of an attribute from its start. */
export function trackAttribute(element: string, attribute: string): Tracker {
  if (element === 'meta' && attribute.toLowerCase() === 'content') return trackRefresh()
  const kind = attributeKind(attribute)
  if (kind === 'url') return trackUrl()
  if (kind === 'script') return trackScript()
  if (kind === 'style') return trackStyle()
  return trackPlain(kind === 'srcset' ? 'srcset' : 'plain')
}
