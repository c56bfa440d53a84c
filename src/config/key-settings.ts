// The variables that keys are made of, under the names by which those who use keys take them.
import type { Config } from './keys.ts'

/** What `loadKeys` takes: the keys that sign and check access tokens. */
export const keySettings = (config: Config) => ({
  secret: config.jwt_secret,
  key_id: config.jwt_key_id,
  keys_json: config.jwt_keys,
  valid_methods: config.jwt_valid_methods,
  ...(config.oauth_server_enabled && {
    id_token_material: serverKey(config),
    id_token_key: config.oauth_id_token_key.trim(),
  }),
})

/** The secret that keys of the server's own are derived from. */
export const serverKey = (config: Config): string => config.server_key || config.jwt_secret

/** What `createColumnCipher` takes: the keys that encrypt secrets in columns. */
export const columnCipherSettings = (config: Config) => ({
  encrypt: config.security_db_encryption_encrypt,
  key_id: config.security_db_encryption_encryption_key_id,
  key: config.security_db_encryption_encryption_key,
  decryption_keys: config.security_db_encryption_decryption_keys,
})
