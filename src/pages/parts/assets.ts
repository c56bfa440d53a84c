// The files that pages load: a stylesheet and small scripts, each with a hash of its content in its name.
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
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

const types: Record<string, string> = { css: 'text/css; charset=utf-8', js: 'text/javascript; charset=utf-8' }

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
  for (const [name, content] of [['pages.css', style] as const, ...scripts]) {
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

/** Colour and stylesheet of the operator, which win by coming last. */
function looksOf({ pages_color, pages_stylesheet }: Config): string {
  const color = pages_color === '' ? '' : `\n:root { --brand: ${pages_color}; }\n`
  return color + (pages_stylesheet === '' ? '' : readFileSync(pages_stylesheet, 'utf8'))
}
