// `postern import` within the process of a test: its options and everything behind them, on the database of a test.
import { type Command, command } from '../../src/cli/command.ts'
import { readCommandLine } from '../../src/cli/command-line.ts'
import { importFiles } from '../../src/cli/import/import-files.ts'
import { importOptions } from '../../src/cli/import/options.ts'
import { type ColumnCipherSettings, createColumnCipher } from '../../src/crypto/column-cipher.ts'
import type { Db } from '../../src/storage/db.ts'
import type { Ran } from './command.ts'

const inClear: ColumnCipherSettings = { encrypt: false, key_id: '', key: '', decryption_keys: {} }

/** Runs an import as the shell does; `settings` are those of encryption at rest, `passphrase` that of a sealed file. */
export async function runImportCommand(args: string[], db: Db, settings = inClear, passphrase = ''): Promise<Ran> {
  let [stdout, stderr] = ['', '']
  const row: Command = command({
    name: 'import',
    about: '',
    words: [{ name: 'FILE', about: '', many: true }],
    options: importOptions,
    examples: [],
    run: (line) =>
      importFiles(line, {
        open: async () => ({
          db,
          column_cipher: createColumnCipher(settings),
          aud: 'authenticated',
          role: 'authenticated',
        }),
        print: async (text) => {
          stdout += text
        },
        askPassphrase: async () => passphrase,
        say: (text) => {
          stderr += `${text}\n`
        },
      }),
  })
  const asked = readCommandLine(['import', ...args], [row])
  if (asked.kind !== 'run') throw new Error(`${args.join(' ')} asks for help`)
  const code = await asked.command.run(asked.words, asked.texts).catch((error: unknown) => {
    stderr += `postern: ${error instanceof Error ? error.message : error}\n`
    return 1
  })
  const results = stdout.split('\n').flatMap((line) => (line.startsWith('{') ? [JSON.parse(line)] : []))
  return { code, stdout, stderr, results }
}
