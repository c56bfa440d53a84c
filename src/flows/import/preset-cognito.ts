// The preset of Amazon Cognito: `list-users`, or the CSV of its import.
import { type Columns, each, known, type Preset, type Raw, to } from './preset-columns.ts'
import { isFalse, isTrue, json, linked, ofService, withName, withoutSecret, words } from './preset-fields.ts'

/** The attributes of Cognito, which a CSV has as columns and JSON as a list. */
const cognitoAttributes: Columns = {
  sub: to('id'),
  email: to('email'),
  email_verified: to('email_confirm'),
  phone_number: to('phone'),
  phone_number_verified: to('phone_confirm'),
  name: to('profile.name'),
  given_name: to('profile.first_name'),
  family_name: to('profile.last_name'),
  middle_name: to('profile.middle_name'),
  nickname: to('profile.nickname'),
  preferred_username: to('profile.user_name'),
  picture: to('profile.avatar_url'),
  ...Object.fromEntries(
    ['profile', 'website', 'gender', 'birthdate', 'zoneinfo', 'locale', 'address'].map((name) => [
      name,
      to(`profile.${name}`),
    ]),
  ),
  updated_at: ofService,
  identities: {
    read: (value) =>
      [json('identities', value)]
        .flat()
        .map((one) => linked(Object(one).providerName, Object(one).userId))
        .reduce<Raw>((all, one) => ({ linked: [...(Object(all).linked ?? []), ...Object(one).linked] }), {}),
  },
}

const smsFactor = (all: Raw): Raw => ({ factors: [{ factor_type: 'phone', phone: all.phone_number }] })

/** Exports of Amazon Cognito. */
export const cognito: Preset = {
  title: 'Amazon Cognito',
  file: 'the JSON of `list-users`, or a CSV with the columns of its import; it gives no passwords away',
  prepare({ Attributes, UserAttributes, ...rest }) {
    const attributes = [Attributes ?? UserAttributes ?? []].flat().map((one) => [Object(one).Name, Object(one).Value])
    const custom = (name: string) => name.replace(/^(dev:)?custom:/, 'custom:')
    return { ...rest, ...Object.fromEntries(attributes.map(([name, value]) => [custom(String(name)), value])) }
  },
  columns: {
    ...cognitoAttributes,
    'custom:*': { read: (_value, all) => ({ profile: customAttributes(all) }) },
    Username: { read: (value, all) => (all.sub ? {} : { id: value }) },
    'cognito:username': { read: (value, all) => (all.sub ? {} : { id: value }) },
    Enabled: to('banned', isFalse),
    UserCreateDate: to('created_at'),
    UserLastModifiedDate: to('updated_at'),
    Groups: to('app_metadata.groups', words),
    MFAOptions: each(known('DeliveryMedium', 'AttributeName'), (one, all) =>
      one.DeliveryMedium === 'SMS' ? smsFactor(all) : {},
    ),
    'cognito:mfa_enabled': { read: (value, all) => (isTrue(value) && all.phone_number ? smsFactor(all) : {}) },
    UserMFASettingList: withoutSecret,
    PreferredMfaSetting: ofService,
    UserStatus: ofService,
    'cognito:user_status': ofService,
  },
  finish: withName,
}

const customAttributes = (all: Raw): Raw =>
  Object.fromEntries(
    Object.entries(all).flatMap(([name, value]) => (name.startsWith('custom:') ? [[name.slice(7), value]] : [])),
  )
