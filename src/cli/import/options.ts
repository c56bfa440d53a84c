// Options of postern import and postern export.
import { choice, flag, text } from '../command.ts'
import { databaseOptions } from '../options.ts'
import { presets } from './presets.ts'

/** Options of `postern import`. */
export const importOptions = {
  preset: choice(Object.keys(presets), 'what the file is, default postern', 'postern'),
  'dry-run': flag('read and check everything, write nothing'),
  upsert: flag('change accounts that are there already, instead of skipping them'),
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
  ...databaseOptions,
}
