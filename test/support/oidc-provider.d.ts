// What the tests use of oidc-provider, which comes without types.
declare module 'oidc-provider' {
  import type { IncomingMessage, ServerResponse } from 'node:http'

  interface Grant {
    addOIDCScope(scope: string): void
    save(): Promise<string>
  }
  interface GrantContext {
    oidc: {
      provider: { Grant: new (about: { clientId: string; accountId: string }) => Grant }
      client?: { clientId: string }
      session?: { accountId?: string }
    }
  }
  export class Provider {
    proxy: boolean
    constructor(
      issuer: string,
      configuration: {
        clients: object[]
        cookies: { keys: string[] }
        features: object
        claims: Record<string, string[]>
        interactions: { url(context: object, interaction: { uid: string }): string }
        findAccount(context: object, sub: string): { accountId: string; claims(): Record<string, unknown> }
        loadExistingGrant(context: GrantContext): Promise<Grant>
      },
    )
    callback(): (request: IncomingMessage, response: ServerResponse) => void
    interactionFinished(request: IncomingMessage, response: ServerResponse, result: object): Promise<void>
  }
}
