// npm run docs: writes the pages that are generated.
import { writeFile } from 'node:fs/promises'
import { configurationMarkdown } from '../src/config/markdown.ts'
import { providersMarkdown } from '../src/providers/markdown.ts'

await writeFile(new URL('../docs/configuration.md', import.meta.url), configurationMarkdown())
await writeFile(new URL('../docs/providers.md', import.meta.url), providersMarkdown())
console.log('docs/configuration.md and docs/providers.md are up to date.')
