// Options that several commands share.
import { flag, path, paths, text } from './command.ts'

/** Where the configuration comes from: options of every command that reads it. */
export const environmentOptions = {
  config: {
    ...paths('FILE', 'read variables that are not set from a .env or .json file; of several the first wins'),
    short: 'c',
  },
}

/** The same for commands that serve, or look whether one could. */
export const servingOptions = {
  ...environmentOptions,
  'config-dir': {
    ...path(
      'DIR',
      'read the *.env and *.json files of a folder, which go before everything else; serve follows their changes',
    ),
    short: 'd',
  },
}

/** The same, for commands that work on the database of `postern dev` too. */
export const databaseOptions = {
  ...environmentOptions,
  state: path('DIR', 'folder of postern dev, whose database is used where no other is configured; default .postern'),
}

/** Options of `postern migrate`. */
export const migrateOptions = {
  'dry-run': flag('say what would be done, and write nothing'),
  ...environmentOptions,
}

/** The port of a server. */
export const portOption = { port: text('N', 'port to listen on') }

/** What commands of a server are told. */
export interface Options {
  config: string[]
  /** A folder of .env files. */
  'config-dir'?: string | undefined
  port?: string | undefined
  state?: string | undefined
}
