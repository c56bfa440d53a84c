// The subcommands of postern keys.
import { command } from '../command.ts'
import { generateOptions, listOptions, rotateOptions } from './options.ts'

/** Their rows, in the order of help. */
export const keyCommands = [
  command({
    name: 'keys generate',
    about: 'make a set with one key',
    options: generateOptions,
    examples: [['postern keys generate --alg ES256', 'prints a line for a .env file']],
    run: async (line) => (await import('./run-keys.ts')).generateKeys(line),
  }),
  command({
    name: 'keys rotate',
    about: 'take the present set one step further',
    options: rotateOptions,
    notes: `A rotation is three steps; run rotate for each, and restart every server with the new set in between:
  add    a new key is published, and nothing is signed with it yet; wait 10 minutes, so that everybody knows it
  use    the new key signs, the old one only verifies; wait GOTRUE_JWT_EXP seconds, so that its tokens end
  drop   the old key is gone
A step that comes too early is refused with what would break. --step back undoes use, or add: the key of before signs
again. After a leak do not wait: --step drop --force refuses every token of the old key at once.`,
    examples: [
      ['postern keys rotate --config postern.env --write postern.env', 'takes the step that is due'],
      ['postern keys rotate --step back --config postern.env --write postern.env', 'lets the key of before sign again'],
    ],
    run: async (line) => (await import('./run-keys.ts')).rotateKeys(line),
  }),
  command({
    name: 'keys list',
    about: 'show the present set, without what is secret in it',
    options: listOptions,
    examples: [['postern keys list --config postern.env', 'shows which key signs, waits or is retired']],
    run: async (line) => (await import('./run-keys.ts')).listKeys(line),
  }),
]
