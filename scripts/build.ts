// npm run build: JavaScript, declarations, SQL and the files of pages of the published package, in dist/.
import { execFileSync } from 'node:child_process'
import { cp, glob, mkdir, readFile, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
await rm(join(root, 'dist'), { recursive: true, force: true })
execFileSync(join(root, 'node_modules/.bin/tsc'), ['-p', 'tsconfig.build.json'], { cwd: root, stdio: 'inherit' })
for await (const file of glob(['**/*.sql', 'pages/parts/assets/*'], { cwd: join(root, 'src') })) {
  await mkdir(dirname(join(root, 'dist', file)), { recursive: true })
  await cp(join(root, 'src', file), join(root, 'dist', file))
}

/** Declarations that the public ones refer to; nobody can import others. */
async function reached(file: string, found = new Set<string>()): Promise<Set<string>> {
  if (found.has(file)) return found
  found.add(file)
  for (const [, path = ''] of (await readFile(file, 'utf8')).matchAll(/(?:from|import\()\s*['"](\.[^'"]+)['"]/g))
    await reached(join(dirname(file), path.replace(/\.[jt]s$/, '.d.ts')), found)
  return found
}
const declared = await reached(join(root, 'dist/index.d.ts'))
for await (const file of glob('**/*.d.ts', { cwd: join(root, 'dist') }))
  if (!declared.has(join(root, 'dist', file))) await rm(join(root, 'dist', file))
console.log('dist/ is built.')
