// What ID tokens say of a person, by their issuer; issuers without a line here are read claim by claim.
import { isTrue, oneEmail, type Profile, profileByName, standardClaims } from './claims.ts'
import { type Json, text } from './read-answer.ts'

/** What else decides on the reading of a token. */
export interface TokenFacts {
  /** Whether the tenant of Microsoft is the one that the configuration names: it proves the addresses of its people. */
  pinned_tenant?: boolean
}

const microsoft = /^https:\/\/login\.microsoftonline\.com\/[^/?#]+\/v2\.0\/?$/

/** Whether an issuer is a tenant of Microsoft's. */
const isMicrosoft = (iss: string): boolean => microsoft.test(iss)

/** The profile in the claims of a token that was verified. */
export function profileOfIdToken(claims: Json, facts: TokenFacts = {}): Profile {
  const iss = text(claims.iss)
  if (isMicrosoft(iss)) return microsoftProfile(claims, facts)
  return byIssuer.get(iss)?.(claims) ?? profileByName(claims)
}

/** Who somebody is, and at which issuer. */
function idOf({ iss, sub }: Json) {
  return { iss: text(iss), sub: text(sub), provider_id: text(sub) }
}

/** Claims of Microsoft's that tell about the token rather than the person, or have a place of their own. */
const ofTheToken = new Set([
  ...['aud', 'iss', 'iat', 'nbf', 'exp', 'c_hash', 'at_hash', 'aio', 'nonce', 'rh', 'uti', 'jti', 'ver'],
  ...['sub', 'name', 'preferred_username'],
])

/** An address is proved by `xms_edov`, or by the tenant itself where it is ours alone (security IDP-08). */
function microsoftProfile(claims: Json, { pinned_tenant = false }: TokenFacts): Profile {
  const { xms_edov, name } = claims
  const verified = xms_edov === undefined ? pinned_tenant : isTrue(xms_edov) || xms_edov === 1 || xms_edov === '1'
  return {
    emails: oneEmail(claims.email, verified),
    claims: {
      ...idOf(claims),
      preferred_username: text(claims.preferred_username),
      full_name: text(name),
      custom_claims: Object.fromEntries(Object.entries(claims).filter(([key]) => !ofTheToken.has(key))),
    },
  }
}

function googleProfile(claims: Json): Profile {
  const { sub, name, picture, hd } = claims
  return {
    emails: oneEmail(claims.email, isTrue(claims.email_verified) || isTrue(claims.verified_email)),
    claims: {
      ...standardClaims(text(claims.iss), { id: sub, name, picture }),
      ...(typeof hd === 'string' && hd !== '' && { custom_claims: { hd } }),
    },
  }
}

function appleProfile(claims: Json): Profile {
  const { is_private_email, auth_time, transfer_sub } = claims
  return {
    emails: oneEmail(claims.email, isTrue(claims.email_verified)),
    claims: {
      ...idOf(claims),
      custom_claims: {
        ...(is_private_email !== undefined && { is_private_email: isTrue(is_private_email) }),
        ...(typeof auth_time === 'number' && { auth_time }),
        ...(typeof transfer_sub === 'string' && { transfer_sub }),
      },
    },
  }
}

function linkedInProfile(claims: Json): Profile {
  const { given_name, family_name, locale, picture, email_verified } = claims
  return {
    emails: oneEmail(claims.email, isTrue(email_verified)),
    claims: {
      ...idOf(claims),
      name: `${text(given_name)} ${text(family_name)}`.trim(),
      given_name: text(given_name),
      family_name: text(family_name),
      locale: text(locale),
      picture: text(picture),
    },
  }
}

/** The issuer says of no address that it is proved. */
function vercelProfile(claims: Json): Profile {
  const global_id = text(claims.global_user_id)
  const sub = global_id === '' ? text(claims.sub) : `global_user_id:${global_id}`
  const [name, picture] = [text(claims.user_name), text(claims.user_avatar_url)]
  return {
    emails: oneEmail(claims.user_email, false),
    claims: { ...idOf({ ...claims, sub }), name, picture },
  }
}

/** The issuer says of no address that it is proved. */
function facebookProfile(claims: Json): Profile {
  const { sub, name, picture } = claims
  return {
    emails: oneEmail(claims.email, false),
    claims: { iss: text(claims.iss), sub: text(sub), name: text(name), picture: text(picture) },
  }
}

/** People are known by a name that they chose. */
function kakaoProfile(claims: Json): Profile {
  const { nickname, picture } = claims
  return {
    emails: oneEmail(claims.email, isTrue(claims.email_verified)),
    claims: {
      ...idOf(claims),
      name: text(nickname),
      preferred_username: text(nickname),
      picture: text(picture),
    },
  }
}

const byIssuer = new Map<string, (claims: Json) => Profile>([
  ['https://accounts.google.com', googleProfile],
  ['accounts.google.com', googleProfile],
  ['https://appleid.apple.com', appleProfile],
  ['https://account.apple.com', appleProfile],
  ['https://www.linkedin.com/oauth', linkedInProfile],
  ['https://marketplace.vercel.com', vercelProfile],
  ['https://www.facebook.com', facebookProfile],
  ['https://kauth.kakao.com', kakaoProfile],
])
