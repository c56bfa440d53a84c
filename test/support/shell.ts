// The shell within the test's own process: a line is read and run as main.ts does, and what it prints is collected.

import { readCommandLine } from '../../src/cli/command-line.ts'
import { commands } from '../../src/cli/commands.ts'
import { UsageError } from '../../src/cli/usage-error.ts'

/** What came of a line. */
export interface ShellOutcome {
  code: number
  stdout: string
  stderr: string
}

/** Words of a line as a shell splits them. */
export const splitLine = (line: string): string[] =>
  Array.from(line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g), ([, double, single, bare]) => double ?? single ?? bare ?? '')

/** Runs `postern LINE` with variables in the environment; one at a time, and nothing that reads standard input. */
export async function runShell(line: string, env: Record<string, string>): Promise<ShellOutcome> {
  const [before, log, error] = [{ ...process.env }, console.log, console.error]
  const out = { code: 0, stdout: '', stderr: '' }
  Object.assign(process.env, env)
  console.log = (text) => {
    out.stdout += `${text}\n`
  }
  console.error = (text) => {
    out.stderr += `${text}\n`
  }
  try {
    const asked = readCommandLine(splitLine(line), commands)
    if (asked.kind === 'run') out.code = await asked.command.run(asked.words, asked.texts)
  } catch (problem) {
    out.stderr += `postern: ${problem instanceof Error ? problem.message : problem}\n`
    out.code = problem instanceof UsageError ? 2 : 1
  } finally {
    Object.assign(console, { log, error })
    for (const name of Object.keys(env)) delete process.env[name]
    Object.assign(process.env, before)
  }
  return out
}
