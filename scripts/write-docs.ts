// npm run docs: writes the pages that are generated.
import { writeFile } from 'node:fs/promises'
import { configurationMarkdown } from '../src/config/markdown.ts'

await writeFile(new URL('../docs/configuration.md', import.meta.url), configurationMarkdown())
console.log('docs/configuration.md is up to date.')
