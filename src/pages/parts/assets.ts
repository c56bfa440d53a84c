// The files that pages load: a stylesheet, an icon and small scripts, each with a hash of its content in its name.
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { accentOf, cssColor } from '../../config/accent-color.ts'
import type { Config } from '../../config/keys.ts'

/** A file as it is sent. */
export interface Asset {
  content: string
  content_type: string
}

/** All files of a server. */
export interface Assets {
  /** The path of a file, such as `/pages/assets/pages.0a1b2c3d.css`. */
  path(name: string): string
  find(path: string): Asset | null
}

const types: Record<string, string> = {
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
}

/** Where they are served. */
export const assetsPath = '/pages/assets/'

/** Reads the files; all stylesheets become one, `pages.css`, which ends with what the operator adds. */
export function loadAssets(config: Config): Assets {
  const folder = new URL('./assets/', import.meta.url)
  const read = (name: string) => readFileSync(new URL(name, folder), 'utf8')
  const names = readdirSync(folder).sort()
  const sheets = names.filter((name) => name.endsWith('.css') && name !== 'pages.css')
  const style = ['pages.css', ...sheets].map(read).join('\n') + looksOf(config)
  const scripts = names.filter((name) => name.endsWith('.js')).map((name): [string, string] => [name, read(name)])
  const paths = new Map<string, string>()
  const files = new Map<string, Asset>()
  for (const [name, content] of [['pages.css', style] as const, ['icon.svg', iconOf(config)] as const, ...scripts]) {
    const [stem = '', kind = ''] = name.split('.')
    const hash = createHash('sha256').update(content).digest('hex').slice(0, 12)
    const path = `${assetsPath}${stem}.${hash}.${kind}`
    paths.set(name, path)
    files.set(path, { content, content_type: types[kind] ?? '' })
  }
  return {
    path(name) {
      const path = paths.get(name)
      if (path === undefined) throw new Error(`there is no asset ${name}`)
      return path
    },
    find: (path) => files.get(path) ?? null,
  }
}

/** A gate in the operator's colour. */
function iconOf(config: Config): string {
  const { ground, on } = accentOf(config)
  const gate = `<path d="M9 25V15a7 7 0 0 1 14 0v10" fill="none" stroke="${cssColor(on)}" stroke-width="3"/>`
  const ring = `<circle cx="19" cy="20" r="1.75" fill="${cssColor(on)}"/>`
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="${cssColor(ground)}"/>${gate}${ring}</svg>`
}

/** Colour and stylesheet of the operator, which win by coming last. */
function looksOf(config: Config): string {
  const { ground, on, hover, link_light, link_dark } = accentOf(config)
  const shades = {
    brand: cssColor(ground),
    'on-brand': cssColor(on),
    'brand-hover': cssColor(hover),
    link: `light-dark(${cssColor(link_light)}, ${cssColor(link_dark)})`,
  }
  const color = Object.entries(shades).map(([name, value]) => `--${name}: ${value};`)
  const { pages_stylesheet } = config
  return `\n:root { ${color.join(' ')} }\n${pages_stylesheet === '' ? '' : readFileSync(pages_stylesheet, 'utf8')}`
}
