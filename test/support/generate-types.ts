// Types of a client, generated from an OpenAPI document by openapi-typescript. It needs the compiler as a library, which
// TypeScript 7 is not: the one that @ts-morph/common carries stands in for it.
import { registerHooks } from 'node:module'
import { ts } from '@ts-morph/common'

const standIn = 'stand-in:typescript'

/** The types of a document, as a text. */
export async function generateTypes(document: string): Promise<string> {
  Reflect.set(globalThis, standIn, ts)
  const hooks = registerHooks({
    resolve: (specifier, context, next) =>
      specifier === 'typescript' ? { url: standIn, format: 'module', shortCircuit: true } : next(specifier, context),
    load: (url, context, next) =>
      url === standIn
        ? { source: `export default globalThis[${JSON.stringify(url)}]`, format: 'module', shortCircuit: true }
        : next(url, context),
  })
  try {
    const { default: generate, astToString } = await import('openapi-typescript')
    return astToString(await generate(document))
  } finally {
    hooks.deregister()
    Reflect.deleteProperty(globalThis, standIn)
  }
}
