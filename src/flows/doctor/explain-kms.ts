// Why AWS KMS did not do what it was asked for, in words that say what to do.
import { explainFailure } from './explain-failure.ts'

const reasons: Record<string, string> = {
  NotFoundException: 'there is no such key in the account and region of its ARN: check the ARN',
  DisabledException: 'it is disabled: enable it, or let another key sign',
  KMSInvalidStateException: 'its state does not allow it, as before it is deleted: check it in AWS',
  CredentialsProviderError:
    'there are no credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give this machine a role',
  UnrecognizedClientException: 'the credentials are not known to AWS: check them',
  InvalidSignatureException: 'the credentials are wrong: check AWS_SECRET_ACCESS_KEY, and the clock of this machine',
  ExpiredTokenException: 'the credentials have expired: get new ones',
  ThrottlingException: 'AWS KMS is asked too often: raise the quota of cryptographic operations',
  KMSInternalException: 'AWS KMS has trouble: try again in a moment',
  KeyUnavailableException: 'AWS KMS has trouble: try again in a moment',
  DependencyTimeoutException: 'AWS KMS has trouble: try again in a moment',
}

/** What an error of KMS or of the AWS SDK means, as the end of a sentence; `right` is what the call needs, as in kms:Sign. */
export function explainKms(error: unknown, right: string): string {
  const name = error instanceof Error ? error.name : ''
  if (name === 'AccessDeniedException') return `the credentials lack the right ${right} on it: grant it to them`
  return reasons[name] ?? explainFailure(error)
}
