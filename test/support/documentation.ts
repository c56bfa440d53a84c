// The pages of the documentation, and the lines of shell that they tell people to type.
import { glob, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder of the repository. */
export const root = fileURLToPath(new URL('../..', import.meta.url))

/** Every page, by its name from the root. */
export async function readPages(): Promise<{ name: string; text: string }[]> {
  const pages: { name: string; text: string }[] = []
  for (const pattern of ['*.md', 'docs/**/*.md'])
    for await (const name of glob(pattern, { cwd: root }))
      pages.push({ name, text: await readFile(join(root, name), 'utf8') })
  return pages
}

/** Lines of the blocks of shell; a backslash goes on with the next. */
export const shellLinesOf = (text: string): string[] =>
  Array.from(text.matchAll(/^```(?:sh|bash|shell)\n(.*?)^```/gms), ([, block = '']) => block)
    .flatMap((block) => block.replaceAll('\\\n', ' ').split('\n'))
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))

/** The text of a section, without its heading; '' where there is none. */
export const sectionOf = (text: string, heading: string): string =>
  text.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? ''
