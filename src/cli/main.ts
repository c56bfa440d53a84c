#!/usr/bin/env node
// The command `postern`: runs what its line asks for, and prints one clear line for what goes wrong.
import { availableParallelism } from 'node:os'
import { LineError, readCommandLine } from './command-line.ts'
import { commands, groups } from './commands.ts'
import { holdHeap } from './heap-growth.ts'
import { helpText } from './help-text.ts'
import { trustSystemCertificates } from './trust-system-certificates.ts'
import { UsageError } from './usage-error.ts'

// libuv reads this once, before its first use: hashing must not starve files and name look-ups of threads.
process.env.UV_THREADPOOL_SIZE ??= String(availableParallelism() + 4)

holdHeap()

async function main(): Promise<number> {
  const asked = readCommandLine(process.argv.slice(2), commands)
  if (asked.kind === 'help') {
    const text = helpText(asked.name, commands, groups)
    if (asked.wanted) console.log(text)
    else console.error(text)
    return asked.wanted ? 0 : 2
  }
  const { command, words, texts } = asked
  trustSystemCertificates()
  try {
    return await command.run(words, texts)
  } catch (error) {
    throw error instanceof UsageError ? new LineError(command.name, error.message) : error
  }
}

/** The message of an error and of what caused it. */
function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause === undefined ? error.message : `${error.message} (${explain(error.cause)})`
}

const helpFor = (error: unknown): string =>
  error instanceof LineError
    ? `; see ${['postern', error.command, '--help'].filter((word) => word !== '').join(' ')}`
    : ''

main().then(
  (code) => {
    process.exitCode = code
  },
  (error: unknown) => {
    console.error(`postern: ${explain(error)}${helpFor(error)}`)
    process.exitCode = error instanceof UsageError ? 2 : 1
  },
)
