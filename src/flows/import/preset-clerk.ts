// The preset of Clerk: the CSV of its dashboard.
import { lost, type Preset, partOf, type Raw, to } from './preset-columns.ts'
import { json, ofService, standardBase64, text, unlessZero, withName, words } from './preset-fields.ts'

/** Addresses of a list; the main one says whether it is confirmed, others are kept. */
const clerkAddresses = (main: string, field: string, kept: string) => ({
  read: (value: unknown, all: Raw): Raw => {
    const others = words(value).filter((one) => one !== all[main])
    return {
      ...(others.length < words(value).length && kept.startsWith('verified') && { [field]: true }),
      ...(others.length > 0 && { app_metadata: { [kept]: others } }),
    }
  },
})

/** Exports of Clerk. */
export const clerk: Preset = {
  title: 'Clerk',
  file: 'the CSV of its dashboard',
  columns: {
    id: to('id'),
    external_id: to('app_metadata.external_id'),
    first_name: to('profile.first_name'),
    last_name: to('profile.last_name'),
    username: to('profile.user_name'),
    image_url: to('profile.avatar_url'),
    primary_email_address: to('email'),
    primary_phone_number: to('phone'),
    verified_email_addresses: clerkAddresses('primary_email_address', 'email_confirm', 'verified_email_addresses'),
    unverified_email_addresses: clerkAddresses('primary_email_address', '', 'unverified_email_addresses'),
    verified_phone_numbers: clerkAddresses('primary_phone_number', 'phone_confirm', 'verified_phone_numbers'),
    unverified_phone_numbers: clerkAddresses('primary_phone_number', '', 'unverified_phone_numbers'),
    totp_secret: { read: (value) => ({ factors: [{ secret: value }] }) },
    password_digest: {
      read: (value, { password_hasher }) => ({
        password_hash: password_hasher === 'scrypt_firebase' ? clerkFirebase(text(value)) : value,
      }),
    },
    password_hasher: partOf('password_digest'),
    public_metadata: to('app_metadata', (value) => json('public_metadata', value)),
    unsafe_metadata: to('user_metadata', (value) => json('unsafe_metadata', value)),
    private_metadata: lost(
      'app_metadata is in tokens, where people see it; --map private_metadata=app_metadata takes it all the same',
    ),
    banned: to('banned'),
    created_at: to('created_at'),
    updated_at: to('updated_at'),
    last_sign_in_at: to('last_sign_in_at', unlessZero),
    backup_codes: lost('people make new ones'),
    locked: ofService,
  },
  finish: withName,
}

/** Hash, salt, signer key, salt separator, rounds and memory cost, with dollars in between. */
function clerkFirebase(digest: string): string {
  const [hash = '', salt = '', key = '', separator = '', rounds = '', mem_cost = ''] = digest.split('$')
  const [h, s, k, ss] = [hash, salt, key, separator].map(standardBase64)
  return `$fbscrypt$v=1,n=${mem_cost},r=${rounds},p=1,ss=${ss},sk=${k}$${s}$${h}`
}
