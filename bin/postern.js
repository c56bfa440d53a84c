#!/usr/bin/env node
// The command of the package and of a checkout, in words that every Node reads: an old one gets one line instead of a stack.
import { existsSync } from 'node:fs'

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < 22 || (major === 22 && minor < 18)) {
  console.error(`postern needs Node 22.18 or newer; this is ${process.version}`)
  process.exitCode = 1
} else {
  // A checkout runs its sources, the package what is compiled of them.
  const sources = new URL('../src/cli/main.ts', import.meta.url)
  await import((existsSync(sources) ? sources : new URL('../dist/cli/main.js', import.meta.url)).href)
}
