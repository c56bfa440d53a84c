// Options of postern keys.
import { keyAlgorithms } from '../../crypto/key-set.ts'
import { choice, flag, path } from '../command.ts'
import { environmentOptions } from '../options.ts'

const alg = choice(keyAlgorithms, 'algorithm of a new key, default ES256', 'ES256')
const outputOptions = {
  write: path('FILE', 'put GOTRUE_JWT_KEYS into a .env file (mode 0600) instead of printing it'),
  json: flag('print JSON only'),
}

/** Options of `postern keys generate`. */
export const generateOptions = { alg, ...outputOptions }

/** Options of `postern keys rotate`. */
export const rotateOptions = {
  alg,
  step: choice(['add', 'use', 'drop'], 'instead of the step that is due'),
  ...outputOptions,
  ...environmentOptions,
}

/** Options of `postern keys list`. */
export const listOptions = { json: flag('print JSON only'), ...environmentOptions }
