// What each provider answers, in the shape of its own documentation, and the identity that must come of it.
import type { ProviderName } from '../../src/config/keys.ts'
import type { MockAnswer } from './mock-providers.ts'

/** A provider as the other side sees it. */
export interface ProviderRecord {
  /** Where people are sent, and the scopes that are asked for (`''` for none). */
  authorize: string
  scope: string
  token: string
  /** How the client names itself; providers that want a form refuse Basic. */
  credentials: 'basic' | 'form'
  /** The answer of the token endpoint beside the access token; `id_token` holds claims to be signed. */
  answer?: Record<string, unknown>
  id_token?: Record<string, unknown>
  /** Issuer of the ID token, whose keys are published. */
  issuer?: string
  /** Profile calls by address. */
  profile: Record<string, MockAnswer['body']>
  /** Headers that profile calls carry beside the token. */
  headers?: Record<string, string>
  identity: Record<string, unknown>
}

const picture = 'https://images.example/ada.png'
const email = (name: string) => `${name}@example.com`
const shown = (name: string, email_verified: boolean) => ({
  email: email(name),
  email_verified,
  phone_verified: false,
})
const standard = (iss: string, sub: string, name = 'Ada Lovelace') => ({
  iss,
  sub,
  provider_id: sub,
  name,
  full_name: name,
  picture,
  avatar_url: picture,
})

/** All providers but Twitter, which speaks another protocol. */
export const records: Record<Exclude<ProviderName, 'twitter'>, ProviderRecord> = {
  apple: {
    authorize: 'https://appleid.apple.com/authorize',
    scope: 'email name',
    token: 'https://appleid.apple.com/token',
    credentials: 'form',
    issuer: 'https://appleid.apple.com',
    id_token: {
      iss: 'https://appleid.apple.com',
      sub: '001.apple',
      email: email('apple'),
      email_verified: 'true',
      is_private_email: 'false',
      auth_time: 1700000000,
    },
    profile: {},
    identity: {
      iss: 'https://appleid.apple.com',
      sub: '001.apple',
      provider_id: '001.apple',
      custom_claims: { is_private_email: false, auth_time: 1700000000 },
      ...shown('apple', true),
    },
  },
  azure: {
    authorize: 'https://login.microsoftonline.com/common/oauth2/v2.0/authorize',
    scope: 'openid',
    token: 'https://login.microsoftonline.com/common/oauth2/v2.0/token',
    credentials: 'form',
    issuer: 'https://login.microsoftonline.com/9188040d/v2.0',
    id_token: {
      iss: 'https://login.microsoftonline.com/9188040d/v2.0',
      sub: 'azure-1',
      name: 'Ada Lovelace',
      preferred_username: 'ada@corp.example',
      email: email('azure'),
      xms_edov: '1',
      tid: '9188040d',
      ver: '2.0',
    },
    profile: {},
    identity: {
      iss: 'https://login.microsoftonline.com/9188040d/v2.0',
      sub: 'azure-1',
      provider_id: 'azure-1',
      preferred_username: 'ada@corp.example',
      full_name: 'Ada Lovelace',
      custom_claims: { email: email('azure'), xms_edov: '1', tid: '9188040d' },
      ...shown('azure', true),
    },
  },
  bitbucket: {
    authorize: 'https://bitbucket.org/site/oauth2/authorize',
    scope: 'account email',
    token: 'https://bitbucket.org/site/oauth2/access_token',
    credentials: 'basic',
    profile: {
      'https://api.bitbucket.org/2.0/user': {
        uuid: '{b1}',
        display_name: 'Ada Lovelace',
        avatar: { href: picture },
      },
      'https://api.bitbucket.org/2.0/user/emails': {
        values: [
          { email: 'other@example.com', is_primary: false, is_confirmed: true },
          { email: email('bitbucket'), is_primary: true, is_confirmed: true },
        ],
      },
    },
    identity: { ...standard('https://api.bitbucket.org/2.0', '{b1}'), ...shown('bitbucket', true) },
  },
  discord: {
    authorize: 'https://discord.com/api/oauth2/authorize',
    scope: 'email identify',
    token: 'https://discord.com/api/oauth2/token',
    credentials: 'basic',
    profile: {
      'https://discord.com/api/users/@me': {
        id: '80351110224678912',
        username: 'ada',
        global_name: 'Ada Lovelace',
        discriminator: '1337',
        avatar: null,
        verified: true,
        email: email('discord'),
      },
    },
    identity: {
      ...standard('https://discord.com/api', '80351110224678912', 'ada#1337'),
      full_name: 'ada',
      picture: 'https://cdn.discordapp.com/embed/avatars/2.png',
      avatar_url: 'https://cdn.discordapp.com/embed/avatars/2.png',
      custom_claims: { global_name: 'Ada Lovelace' },
      ...shown('discord', true),
    },
  },
  facebook: {
    authorize: 'https://www.facebook.com/dialog/oauth',
    scope: 'email',
    token: 'https://graph.facebook.com/oauth/access_token',
    credentials: 'form',
    profile: {
      'https://graph.facebook.com/me': {
        id: '102',
        email: email('facebook'),
        first_name: 'Ada',
        last_name: 'Lovelace',
        name: 'Ada L.',
        picture: { data: { url: picture } },
      },
    },
    identity: {
      ...standard('https://graph.facebook.com/me?fields=email,first_name,last_name,name,picture', '102'),
      nickname: 'Ada L.',
      slug: 'Ada L.',
      ...shown('facebook', false),
    },
  },
  figma: {
    authorize: 'https://www.figma.com/oauth',
    scope: 'current_user:read',
    token: 'https://api.figma.com/v1/oauth/token',
    credentials: 'basic',
    profile: {
      'https://api.figma.com/v1/me': { id: '11', email: email('figma'), handle: 'Ada Lovelace', img_url: picture },
    },
    identity: {
      iss: 'https://api.figma.com',
      sub: '11',
      provider_id: '11',
      name: 'Ada Lovelace',
      full_name: 'Ada Lovelace',
      avatar_url: picture,
      ...shown('figma', false),
    },
  },
  fly: {
    authorize: 'https://api.fly.io/oauth/authorize',
    scope: 'read',
    token: 'https://api.fly.io/oauth/token',
    credentials: 'basic',
    profile: {
      'https://api.fly.io/oauth/token/info': {
        resource_owner_id: 'owner',
        user_id: 'fly-1',
        user_name: 'Ada Lovelace',
        email: email('fly'),
        organizations: [{ id: 'org', role: 'member' }],
        scope: ['read'],
        application: { uid: 'app' },
        expires_in: 7200,
        created_at: 1700000000,
      },
    },
    identity: {
      iss: 'https://api.fly.io',
      sub: 'fly-1',
      provider_id: 'fly-1',
      full_name: 'Ada Lovelace',
      custom_claims: {
        resource_owner_id: 'owner',
        organizations: [{ id: 'org', role: 'member' }],
        application: { uid: 'app' },
        scope: ['read'],
        created_at: 1700000000,
      },
      ...shown('fly', false),
    },
  },
  github: {
    authorize: 'https://github.com/login/oauth/authorize',
    scope: 'user:email',
    token: 'https://github.com/login/oauth/access_token',
    credentials: 'form',
    profile: {
      'https://api.github.com/user': { id: 583231, login: 'ada', name: 'Ada Lovelace', avatar_url: picture },
      'https://api.github.com/user/emails': [
        { email: email('github'), primary: true, verified: true, visibility: 'public' },
        { email: 'other@example.org', primary: false, verified: false, visibility: null },
      ],
    },
    identity: {
      iss: 'https://api.github.com',
      sub: '583231',
      provider_id: '583231',
      name: 'Ada Lovelace',
      full_name: 'Ada Lovelace',
      preferred_username: 'ada',
      user_name: 'ada',
      avatar_url: picture,
      ...shown('github', true),
    },
  },
  gitlab: {
    authorize: 'https://gitlab.com/oauth/authorize',
    scope: 'read_user',
    token: 'https://gitlab.com/oauth/token',
    credentials: 'basic',
    profile: {
      'https://gitlab.com/api/v4/user': {
        id: 7,
        email: email('gitlab'),
        name: 'Ada Lovelace',
        avatar_url: picture,
        confirmed_at: '2020-01-01T00:00:00Z',
      },
      'https://gitlab.com/api/v4/user/emails': [{ id: 1, email: 'other@example.org' }],
    },
    identity: { ...standard('https://gitlab.com', '7'), ...shown('gitlab', true) },
  },
  google: {
    authorize: 'https://accounts.google.com/authorize',
    scope: 'email profile',
    token: 'https://accounts.google.com/token',
    credentials: 'basic',
    issuer: 'https://accounts.google.com',
    id_token: {
      iss: 'https://accounts.google.com',
      sub: '1089',
      email: email('google'),
      email_verified: true,
      name: 'Ada Lovelace',
      picture,
      hd: 'corp.example',
    },
    profile: {},
    identity: {
      ...standard('https://accounts.google.com', '1089'),
      custom_claims: { hd: 'corp.example' },
      ...shown('google', true),
    },
  },
  kakao: {
    authorize: 'https://kauth.kakao.com/oauth/authorize',
    scope: 'account_email profile_image profile_nickname',
    token: 'https://kauth.kakao.com/oauth/token',
    credentials: 'form',
    profile: {
      'https://kapi.kakao.com/v2/user/me': {
        id: 4242,
        kakao_account: {
          profile: { nickname: 'Ada Lovelace', profile_image_url: picture },
          email: email('kakao'),
          is_email_valid: true,
          is_email_verified: true,
        },
      },
    },
    identity: {
      iss: 'https://kapi.kakao.com',
      sub: '4242',
      provider_id: '4242',
      name: 'Ada Lovelace',
      full_name: 'Ada Lovelace',
      preferred_username: 'Ada Lovelace',
      user_name: 'Ada Lovelace',
      avatar_url: picture,
      ...shown('kakao', true),
    },
  },
  keycloak: {
    authorize: 'https://keycloak.example/realms/main/protocol/openid-connect/auth',
    scope: 'profile email',
    token: 'https://keycloak.example/realms/main/protocol/openid-connect/token',
    credentials: 'basic',
    profile: {
      'https://keycloak.example/realms/main/protocol/openid-connect/userinfo': {
        sub: 'kc-1',
        name: 'Ada Lovelace',
        email: email('keycloak'),
        email_verified: true,
        groups: ['engines'],
      },
    },
    identity: {
      iss: 'https://keycloak.example/realms/main',
      sub: 'kc-1',
      provider_id: 'kc-1',
      name: 'Ada Lovelace',
      full_name: 'Ada Lovelace',
      custom_claims: { groups: ['engines'] },
      ...shown('keycloak', true),
    },
  },
  linkedin: {
    authorize: 'https://api.linkedin.com/oauth/v2/authorization',
    scope: 'r_emailaddress r_liteprofile',
    token: 'https://api.linkedin.com/oauth/v2/accessToken',
    credentials: 'form',
    profile: {
      'https://api.linkedin.com/v2/me': {
        id: 'li-1',
        firstName: { localized: { de_DE: 'Ada' }, preferredLocale: { country: 'DE', language: 'de' } },
        lastName: { localized: { de_DE: 'Lovelace' }, preferredLocale: { country: 'DE', language: 'de' } },
        profilePicture: { 'displayImage~': { elements: [{ identifiers: [{ identifier: picture }] }] } },
      },
      'https://api.linkedin.com/v2/emailAddress': {
        elements: [{ handle: 'urn:li:1', 'handle~': { emailAddress: email('linkedin') } }],
      },
    },
    identity: { ...standard('https://api.linkedin.com', 'li-1'), ...shown('linkedin', false) },
  },
  linkedin_oidc: {
    authorize: 'https://api.linkedin.com/oauth/v2/authorization',
    scope: 'openid email profile',
    token: 'https://api.linkedin.com/oauth/v2/accessToken',
    credentials: 'form',
    issuer: 'https://www.linkedin.com/oauth',
    id_token: {
      iss: 'https://www.linkedin.com/oauth',
      sub: 'li-2',
      given_name: 'Ada',
      family_name: 'Lovelace',
      locale: 'de_DE',
      picture,
      email: email('linkedin_oidc'),
      email_verified: 'true',
    },
    profile: {},
    identity: {
      iss: 'https://www.linkedin.com/oauth',
      sub: 'li-2',
      provider_id: 'li-2',
      name: 'Ada Lovelace',
      given_name: 'Ada',
      family_name: 'Lovelace',
      locale: 'de_DE',
      picture,
      ...shown('linkedin_oidc', true),
    },
  },
  notion: {
    authorize: 'https://api.notion.com/v1/oauth/authorize',
    scope: '',
    token: 'https://api.notion.com/v1/oauth/token',
    credentials: 'basic',
    headers: { 'notion-version': '2021-08-16' },
    profile: {
      'https://api.notion.com/v1/users/me': {
        bot: {
          owner: {
            user: { id: 'no-1', name: 'Ada Lovelace', avatar_url: picture, person: { email: email('notion') } },
          },
        },
      },
    },
    identity: { ...standard('https://api.notion.com', 'no-1'), ...shown('notion', false) },
  },
  slack: {
    authorize: 'https://slack.com/oauth/authorize',
    scope: 'profile email openid',
    token: 'https://slack.com/api/oauth.access',
    credentials: 'basic',
    profile: {
      'https://slack.com/api/openid.connect.userInfo': {
        ok: true,
        'https://slack.com/user_id': 'U1',
        'https://slack.com/team_id': 'T1',
        email: email('slack'),
        email_verified: true,
        name: 'Ada Lovelace',
        picture,
      },
    },
    identity: {
      ...standard('https://slack.com/api', 'U1'),
      custom_claims: { 'https://slack.com/team_id': 'T1' },
      ...shown('slack', true),
    },
  },
  slack_oidc: {
    authorize: 'https://slack.com/openid/connect/authorize',
    scope: 'profile email openid',
    token: 'https://slack.com/api/openid.connect.token',
    credentials: 'basic',
    profile: {
      'https://slack.com/api/openid.connect.userInfo': {
        ok: true,
        'https://slack.com/user_id': 'U2',
        'https://slack.com/team_id': 'T1',
        email: email('slack_oidc'),
        email_verified: true,
        name: 'Ada Lovelace',
        picture,
      },
    },
    identity: {
      ...standard('https://slack.com/api', 'U2'),
      custom_claims: { 'https://slack.com/team_id': 'T1' },
      ...shown('slack_oidc', true),
    },
  },
  snapchat: {
    authorize: 'https://accounts.snapchat.com/accounts/oauth2/auth',
    scope:
      'https://auth.snapchat.com/oauth2/api/user.external_id https://auth.snapchat.com/oauth2/api/user.display_name https://auth.snapchat.com/oauth2/api/user.bitmoji.avatar',
    token: 'https://accounts.snapchat.com/accounts/oauth2/token',
    credentials: 'basic',
    profile: {
      'https://kit.snapchat.com/v1/me': {
        data: {
          me: {
            externalId: 'sn-1',
            displayName: 'Ada Lovelace',
            bitmoji: { avatar: picture, id: 'b' },
            email: email('snapchat'),
          },
        },
      },
    },
    identity: {
      ...standard('https://accounts.snapchat.com/accounts/oauth2/token', 'sn-1'),
      slug: 'Ada Lovelace',
      ...shown('snapchat', false),
    },
  },
  spotify: {
    authorize: 'https://accounts.spotify.com/authorize',
    scope: 'user-read-email',
    token: 'https://accounts.spotify.com/api/token',
    credentials: 'basic',
    profile: {
      'https://api.spotify.com/v1/me': {
        id: 'sp-1',
        display_name: 'Ada Lovelace',
        email: email('spotify'),
        images: [
          { url: 'https://images.example/small.png', height: 64, width: 64 },
          { url: picture, height: 300, width: 300 },
        ],
      },
    },
    identity: { ...standard('https://api.spotify.com/v1', 'sp-1'), ...shown('spotify', false) },
  },
  twitch: {
    authorize: 'https://id.twitch.tv/oauth2/authorize',
    scope: 'user:read:email',
    token: 'https://id.twitch.tv/oauth2/token',
    credentials: 'form',
    headers: { 'client-id': 'twitch-client' },
    profile: {
      'https://api.twitch.tv/helix/users': {
        data: [
          {
            id: '141981764',
            login: 'ada',
            display_name: 'Ada Lovelace',
            type: '',
            broadcaster_type: 'partner',
            description: 'streams',
            profile_image_url: picture,
            offline_image_url: '',
            view_count: 5,
            email: email('twitch'),
          },
        ],
      },
    },
    identity: {
      ...standard('https://api.twitch.tv', '141981764', 'ada'),
      nickname: 'Ada Lovelace',
      slug: 'Ada Lovelace',
      custom_claims: {
        broadcaster_type: 'partner',
        description: 'streams',
        type: '',
        offline_image_url: '',
        view_count: 5,
      },
      ...shown('twitch', true),
    },
  },
  vercel_marketplace: {
    authorize: 'https://api.vercel.com/oauth/v2/authorization',
    scope: '',
    token: 'https://api.vercel.com/oauth/v2/accessToken',
    credentials: 'basic',
    issuer: 'https://marketplace.vercel.com',
    id_token: {
      iss: 'https://marketplace.vercel.com',
      sub: 'account:1:user:2',
      global_user_id: 'g2',
      user_email: email('vercel_marketplace'),
      user_name: 'Ada Lovelace',
      user_avatar_url: picture,
    },
    profile: {},
    identity: {
      iss: 'https://marketplace.vercel.com',
      sub: 'global_user_id:g2',
      provider_id: 'global_user_id:g2',
      name: 'Ada Lovelace',
      picture,
      ...shown('vercel_marketplace', false),
    },
  },
  workos: {
    authorize: 'https://api.workos.com/sso/authorize',
    scope: '',
    token: 'https://api.workos.com/sso/token',
    credentials: 'form',
    answer: {
      profile: {
        id: 'prof_1',
        connection_id: 'conn_1',
        organization_id: 'org_1',
        email: email('workos'),
        first_name: 'Ada',
        last_name: 'Lovelace',
      },
    },
    profile: {},
    identity: {
      iss: 'https://api.workos.com',
      sub: 'prof_1',
      provider_id: 'prof_1',
      name: 'Ada Lovelace',
      full_name: 'Ada Lovelace',
      custom_claims: { connection_id: 'conn_1', organization_id: 'org_1' },
      ...shown('workos', false),
    },
  },
  x: {
    authorize: 'https://x.com/i/oauth2/authorize',
    scope: 'users.email tweet.read users.read offline.access',
    token: 'https://api.x.com/2/oauth2/token',
    credentials: 'basic',
    profile: {
      'https://api.x.com/2/users/me': {
        data: {
          id: '2244994945',
          name: 'Ada Lovelace',
          username: 'ada',
          confirmed_email: email('x'),
          profile_image_url: picture,
          url: 'https://ada.example',
          created_at: '2013-12-14T04:35:55.000Z',
        },
      },
    },
    identity: {
      ...standard('https://api.x.com', '2244994945'),
      preferred_username: 'ada',
      user_name: 'ada',
      profile: 'https://x.com/ada',
      website: 'https://ada.example',
      custom_claims: { created_at: '2013-12-14T04:35:55.000Z' },
      ...shown('x', true),
    },
  },
  zoom: {
    authorize: 'https://zoom.us/oauth/authorize',
    scope: '',
    token: 'https://zoom.us/oauth/token',
    credentials: 'basic',
    profile: {
      'https://api.zoom.us/v2/users/me': {
        id: 'zo-1',
        first_name: 'Ada',
        last_name: 'Lovelace',
        email: email('zoom'),
        verified: 1,
        login_type: 100,
        pic_url: picture,
      },
    },
    identity: { ...standard('https://api.zoom.us/v2', 'zo-1'), ...shown('zoom', true) },
  },
}
