// Options of postern import and postern export.

import { presets } from '../../flows/import/presets.ts'
import { choice, flag, path, text, texts } from '../command.ts'
import { databaseOptions } from '../options.ts'

/** Options of `postern import`. */
export const importOptions = {
  preset: choice(Object.keys(presets), 'what the file is, default postern', 'postern'),
  'dry-run': flag('read and check everything, write nothing'),
  upsert: flag('change what lines say of accounts that are there already, instead of skipping them'),
  map: texts('COLUMN=FIELD', 'a column of another name: plan=app_metadata.plan; may be given several times'),
  'ignore-unknown': flag('import although columns are left out; without it they are named and nothing is written'),
  'without-passwords': flag('accounts whose password hash cannot be taken come without it, instead of failing'),
  'without-factors': flag('accounts whose second factor cannot be taken come without it, instead of failing'),
  encoding: text('NAME', 'of a file that is not UTF-8: latin1, windows-1252, utf-16le'),
  restart: flag('do again what an earlier, interrupted run of the same files has done'),
  quiet: flag('print results of lines that failed only'),
  'firebase-signer-key': text('KEY', 'password parameter of a Firebase project', ''),
  'firebase-salt-separator': text('TEXT', 'password parameter of a Firebase project', ''),
  'firebase-rounds': text('N', 'password parameter of a Firebase project, default 8', '8'),
  'firebase-mem-cost': text('N', 'password parameter of a Firebase project, default 14', '14'),
  ...databaseOptions,
}

/** Options of `postern export`. */
export const exportOptions = {
  'with-hashes': flag('with the hashes of passwords; keep the file as safe as the database'),
  'with-secrets': flag('with second factors and secrets of providers too, into a file sealed with a passphrase'),
  output: path('FILE', 'write into a new file of mode 0600; with --with-secrets the default is postern-export.sealed'),
  ...databaseOptions,
}
