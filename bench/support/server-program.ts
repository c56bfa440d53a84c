// What is measured: the server as an installed package has it, compiled, or with --sources as a checkout runs it.

/** The command line of `postern` under measurement, without its arguments; `flags` are for node. */
export function serverProgram(flags: readonly string[] = []): string[] {
  return [process.execPath, ...flags, process.argv.includes('--sources') ? 'src/cli/main.ts' : 'dist/cli/main.js']
}
