// Options of postern keys.
import { keyAlgorithms, rotationSteps } from '../../crypto/key-set.ts'
import { choice, flag, path, text } from '../command.ts'
import { environmentOptions } from '../options.ts'

const alg = choice(keyAlgorithms, 'algorithm of a new key, default ES256', 'ES256')
const kms = text('ARN', 'take the key that AWS KMS holds under this name instead of making one')
const outputOptions = {
  write: path('FILE', 'put GOTRUE_JWT_KEYS into a .env file instead of printing it; what was there lies in a backup'),
  yes: flag('replace a set of the file without being asked'),
  json: flag('print JSON only'),
}

/** Options of `postern keys generate`. */
export const generateOptions = { alg, kms, ...outputOptions }

/** Options of `postern keys rotate`. */
export const rotateOptions = {
  alg,
  kms,
  step: choice(rotationSteps, 'instead of the step that is due'),
  force: flag('take a step that is due later'),
  ...outputOptions,
  ...environmentOptions,
}

/** Options of `postern keys list`. */
export const listOptions = { json: flag('print JSON only'), ...environmentOptions }
