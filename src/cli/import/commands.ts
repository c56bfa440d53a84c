// The commands that move accounts in and out.

import { presets } from '../../flows/import/presets.ts'
import { command } from '../command.ts'
import { exportOptions, importOptions } from './options.ts'

const forms = Object.entries(presets).map(([name, { title, file }]) => `  ${name.padEnd(12)} ${title}: ${file}`)

/** Commands of their own, in the order of help. */
export const importCommands = [
  command({
    name: 'import',
    about: 'accounts from files, with their ids, metadata, identities, second factors and password hashes',
    words: [{ name: 'FILE', about: 'a file that ends in .ndjson, .json or .csv', files: true, many: true }],
    options: importOptions,
    notes: `Presets
${forms.join('\n')}

A line of JSON on standard output says what became of each line. A line that fails is kept in FILE.failures.ndjson, and
the rest goes on; mend it there and import that file, or run the same command again: what is done is not done twice. The
exit code is 1 when a line failed, or when columns would have been lost.`,
    examples: [
      ['postern import users.ndjson --dry-run', 'reads and checks a file, and writes nothing'],
      [
        'postern import people.csv --map E-Mail=email --encoding latin1',
        'takes a spreadsheet with a column of its own',
      ],
      ['postern import users.csv identities.csv mfa_factors.csv --preset supabase', 'takes tables of Supabase'],
      ['postern import users.json --preset auth0 --upsert', 'takes over accounts of Auth0, also those that are there'],
    ],
    run: async (line) => (await import('./import-users.ts')).importUsers(line),
  }),
  command({
    name: 'export',
    about: 'every account as a line of JSON, to be read by postern import',
    options: exportOptions,
    notes: `Goes to standard output unless --output or --with-secrets is given. The passphrase of a sealed file is asked for, or
read from standard input; taking secrets out is written into the audit log. What is left out is told at the end.`,
    examples: [
      ['postern export --with-hashes > users.ndjson', 'writes accounts that another Postern imports unchanged'],
      ['postern export --with-secrets --output all.sealed', 'takes second factors and secrets of providers along too'],
    ],
    run: async (line) => (await import('./export-users.ts')).exportUsers(line),
  }),
]
