// npm run docs: writes the pages that are generated.
import { writeFile } from 'node:fs/promises'
import { configurationMarkdown } from '../src/config/markdown.ts'
import { documentedUrl, openApiText } from '../src/http/openapi/open-api-text.ts'
import { providersMarkdown } from '../src/providers/markdown.ts'
import { roomsPicture } from './rooms-picture.ts'

await writeFile(new URL('../docs/configuration.md', import.meta.url), configurationMarkdown())
await writeFile(new URL('../docs/providers.md', import.meta.url), providersMarkdown())
await writeFile(new URL('../docs/openapi.json', import.meta.url), openApiText(documentedUrl))
await writeFile(new URL('../docs/rooms.svg', import.meta.url), await roomsPicture())
console.log('docs/configuration.md, docs/providers.md, docs/openapi.json and docs/rooms.svg are up to date.')
