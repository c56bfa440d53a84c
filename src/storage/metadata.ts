// The JSON objects that accounts, identities and providers carry.

/** A JSON object of an account. */
export type Metadata = Record<string, unknown>
