// The preset of Supabase itself: tables auth.users, auth.identities and auth.mfa_factors, as JSON or as CSV from COPY.
import { bookkeeping, each, known, lost, type Preset, partOf, type Raw, to } from './preset-columns.ts'
import { filled, json, ofService } from './preset-fields.ts'
import { SkippedLine } from './record-form.ts'

const underWay = bookkeeping('what was mailed and not followed ends with the move')

/** Older versions keep the provider's id in `id`. */
function identityOf({ id, user_id: _user, email: _email, provider_id, identity_data, ...rest }: Raw): Raw {
  const of_old = provider_id === undefined || provider_id === null
  return filled({
    ...rest,
    id: of_old ? undefined : id,
    provider_id: of_old ? id : provider_id,
    identity_data: json('identities.identity_data', identity_data),
  })
}

const factorOf = ({ user_id: _user, last_challenged_at: _last, ...rest }: Raw): Raw => filled(rest)

/** Tables of Supabase Auth. */
export const supabase: Preset = {
  title: 'Supabase',
  file: 'auth.users, with auth.identities and auth.mfa_factors as further files (or lists of one JSON), from COPY or as JSON',
  tables: [
    { column: 'identities', by: 'user_id', known_by: ['user_id', 'provider', 'identity_data'] },
    { column: 'mfa_factors', by: 'user_id', known_by: ['user_id', 'factor_type', 'status'] },
  ],
  columns: {
    id: to('id'),
    aud: to('aud'),
    role: to('role'),
    email: to('email'),
    phone: to('phone'),
    encrypted_password: to('password_hash'),
    email_confirmed_at: to('email_confirmed_at'),
    phone_confirmed_at: to('phone_confirmed_at'),
    confirmed_at: partOf('email_confirmed_at'),
    invited_at: to('invited_at'),
    last_sign_in_at: to('last_sign_in_at'),
    created_at: to('created_at'),
    updated_at: to('updated_at'),
    banned_until: to('banned_until'),
    is_anonymous: to('is_anonymous'),
    is_sso_user: to('is_sso_user'),
    is_super_admin: to('is_super_admin'),
    raw_app_meta_data: to('app_metadata'),
    raw_user_meta_data: to('user_metadata'),
    identities: each(
      known(
        'id',
        'user_id',
        'provider',
        'provider_id',
        'identity_data',
        'last_sign_in_at',
        'created_at',
        'updated_at',
        'email',
      ),
      (one) => ({ identities: [identityOf(one)] }),
    ),
    mfa_factors: each(
      {
        ...known(
          'id',
          'user_id',
          'friendly_name',
          'factor_type',
          'status',
          'created_at',
          'updated_at',
          'secret',
          'phone',
        ),
        ...known('web_authn_credential', 'web_authn_aaguid', 'last_webauthn_challenge_data'),
        last_challenged_at: underWay,
      },
      (one) => ({ factors: [factorOf(one)] }),
    ),
    deleted_at: {
      read: () => {
        throw new SkippedLine('the account was deleted')
      },
    },
    instance_id: ofService,
    ...Object.fromEntries(
      ['confirmation', 'recovery', 'reauthentication', 'email_change', 'phone_change']
        .flatMap((name) => [`${name}_token`, `${name}_sent_at`])
        .concat('email_change_token_new', 'email_change_token_current', 'email_change_confirm_status')
        .map((name) => [name, underWay]),
    ),
    email_change: lost('an address that was to be proved; people change it again'),
    phone_change: lost('a number that was to be proved; people change it again'),
  },
  // Nobody vouches for what a sign-up gave that never proved its address.
  finish: (record) => ({ ...record, vouched: false }),
}
