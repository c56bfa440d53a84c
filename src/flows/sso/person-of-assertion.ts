// The person of an assertion as other providers' people are: an id, an address that counts as proved, and claims.
import { AuthError } from '../../errors.ts'
import { MappingError, profileOfAssertion, userIdOf } from '../../providers/saml/profile-of-assertion.ts'
import type { SamlAssertion } from '../../providers/saml/read-assertion.ts'
import type { SsoProvider } from '../../storage/sso-providers.ts'
import { type ExternalPerson, personOf } from '../steps/external/decide-linking.ts'

/** @throws AuthError 400 saml_assertion_no_user_id or saml_assertion_no_email; 500 for a mapping that does not fit */
export function personOfAssertion(assertion: SamlAssertion, provider: SsoProvider): ExternalPerson {
  if (userIdOf(assertion) === '')
    throw new AuthError(
      400,
      'saml_assertion_no_user_id',
      'SAML Assertion did not contain a persistent Subject Identifier attribute or Subject NameID uniquely identifying this user',
    )
  const person = personOf(`sso:${provider.id}`, profileOf(assertion, provider))
  if (person.emails.length === 0)
    throw new AuthError(400, 'saml_assertion_no_email', 'SAML Assertion does not contain an email address')
  return person
}

function profileOf(assertion: SamlAssertion, provider: SsoProvider) {
  try {
    return profileOfAssertion(assertion, provider.entity_id, provider.attribute_mapping ?? {})
  } catch (error) {
    if (error instanceof MappingError) throw new AuthError(500, 'unexpected_failure', error.message, { cause: error })
    throw error
  }
}
