// Checks of packages that npm may leave out: those that the configuration needs, and what hashes passwords.

import { missingPackages } from '../../config/needed-packages.ts'
import { loadNativeEngine } from '../../crypto/password-engine.ts'
import type { Check } from './check.ts'

/** A server without the native code serves as well, so that this is nothing to be done. */
const slower = 'so that WebAssembly does it: imported argon2 hashes take two to three times as long to check'

/** What applies to every server, in the order of doctor's report. */
export const packageChecks: readonly Check[] = [
  {
    name: 'optional packages',
    applies: (config) => missingPackages(config).length > 0,
    run: async ({ config }) => missingPackages(config),
  },
  {
    name: 'password hashing',
    applies: () => true,
    run: async () => {
      const { engine, reason } = await loadNativeEngine()
      return engine ? [] : { note: `the native code ${reason}, ${slower}` }
    },
  },
]
