// Completes package-lock.json: packages for other platforms that the registry at hand did not serve are entered by
// version, so that `npm ci` finds the lock in step with package.json on every platform. Run it after `npm install`.
import { readFile, writeFile } from 'node:fs/promises'

interface Entry {
  version?: string
  dev?: boolean
  optional?: boolean
  os?: string[]
  cpu?: string[]
  libc?: string[]
  optionalDependencies?: Record<string, string>
}

const file = new URL('../package-lock.json', import.meta.url)
const lock: { packages: Record<string, Entry> } = JSON.parse(await readFile(file, 'utf8'))

const systems: Record<string, string> = { windows: 'win32', wasi: 'wasi' }
const words = [
  'android',
  'darwin',
  'freebsd',
  'linux',
  'netbsd',
  'openbsd',
  'openharmony',
  'sunos',
  'aix',
  'win32',
  'windows',
  'wasi',
]
const processors = ['x64', 'arm64', 'arm', 'ia32', 'ppc64', 's390x', 'riscv64', 'loong64', 'mips64el', 'wasm32']

/** What a name such as `…-linux-arm64-musl` says of the platform. */
function platformOf(name: string): Pick<Entry, 'os' | 'cpu' | 'libc'> {
  const parts = name.split(/[-/]/)
  const os = parts.find((part) => words.includes(part))
  const cpu = parts.find((part) => processors.includes(part))
  const libc = parts.includes('musl') ? 'musl' : parts.includes('gnu') ? 'glibc' : undefined
  return {
    ...(cpu && { cpu: [cpu] }),
    ...(libc && { libc: [libc] }),
    ...(os && os !== 'wasi' && { os: [systems[os] ?? os] }),
  }
}

let added = 0
for (const entry of Object.values(lock.packages))
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    if (lock.packages[`node_modules/${name}`] || !/^\d+\.\d+\.\d+/.test(version)) continue
    lock.packages[`node_modules/${name}`] = {
      version,
      ...platformOf(name),
      ...(entry.dev && { dev: true }),
      optional: true,
    }
    added++
  }
const [root, ...rest] = Object.entries(lock.packages)
const sorted = rest.sort(([a], [b]) => (a < b ? -1 : 1))
lock.packages = Object.fromEntries([...(root ? [root] : []), ...sorted])
await writeFile(file, `${JSON.stringify(lock, null, 2)}\n`)
console.log(`${added} packages for other platforms were added.`)
