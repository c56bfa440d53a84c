// Signs by keys of AWS KMS for many requests at once: so many at a time, and none waits for long.
import type { KMSClient } from '@aws-sdk/client-kms'
import { unavailable } from '../errors.ts'
import { inTime } from '../in-time.ts'
import { type OnFirstUse, onFirstUse } from '../on-first-use.ts'
import { openKms, signByKms } from './kms-client.ts'
import type { KmsSigner } from './kms-key.ts'
import { createWorkQueue } from './work-queue.ts'

/** Milliseconds for a signature with everything that belongs to it. */
const most_ms = 4000
/** So many signatures are asked for at a time, and a request waits so many milliseconds for its turn. */
const [atOnce, queue_ms] = [100, 1000]

const tooLate = (): never => {
  throw new Error(`AWS KMS timed out: no signature within ${most_ms} ms`)
}

/** Makes the signer of a server, whose calls go by `fetch`; nothing is loaded before a key asks for it. The package is there: config looks for it. */
export function createKmsSigner(fetch: typeof globalThis.fetch): KmsSigner {
  const queue = createWorkQueue(atOnce, queue_ms)
  const clients = new Map<string, OnFirstUse<KMSClient>>()
  return ({ arn, alg, region }) => {
    const client = clients.get(region) ?? onFirstUse(() => openKms(region, fetch))
    clients.set(region, client)
    // Loaded ahead; who signs first hears of it.
    client().catch(() => {})
    return async (text) => {
      try {
        // What no try bounds: credentials may come from elsewhere too.
        return await queue(() => inTime(signByKms(client(), arn, alg, text), most_ms, tooLate))
      } catch (error) {
        throw unavailable(error)
      }
    }
  }
}
