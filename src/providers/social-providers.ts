// Providers for everybody: chat, music, video and social networks.
import { createHmac } from 'node:crypto'
import { fullName, isTrue, oneEmail, standardClaims } from './claims.ts'
import type { Provider } from './provider.ts'
import { list, member, object, text } from './read-answer.ts'

export const discord: Provider = {
  title: 'Discord',
  email_proof: 'verified',
  scopes: ['email', 'identify'],
  authorize: ['discord.com', '/api/oauth2/authorize'],
  token: ['discord.com', '/api/oauth2/token'],
  api: ['discord.com', '/api'],
  async profile({ api, get }) {
    const person = object(await get(`${api}/users/@me`))
    const [id, username, discriminator] = [text(person.id), text(person.username), text(person.discriminator)]
    const picture = discordPicture(id, text(person.avatar), discriminator)
    const { global_name } = person
    return {
      emails: oneEmail(person.email, isTrue(person.verified)),
      claims: {
        ...standardClaims(api, { id, name: `${username}#${discriminator}`, picture }),
        full_name: username,
        custom_claims: { global_name: text(global_name) },
      },
    }
  },
}

function discordPicture(id: string, avatar: string, discriminator: string): string {
  if (avatar !== '')
    return `https://cdn.discordapp.com/avatars/${id}/${avatar}.${avatar.startsWith('a_') ? 'gif' : 'png'}`
  if (!/^\d+$/.test(discriminator)) throw new Error('the discriminator is no number')
  return `https://cdn.discordapp.com/embed/avatars/${Number(discriminator) % 5}.png`
}

export const facebook: Provider = {
  title: 'Facebook',
  email_proof: null,
  email_scope: 'email',
  scopes: ['email'],
  authorize: ['www.facebook.com', '/dialog/oauth'],
  token: ['graph.facebook.com', '/oauth/access_token'],
  api: ['graph.facebook.com', '/me?fields=email,first_name,last_name,name,picture'],
  async profile({ api, settings, tokens, get }) {
    // Proves that we are the client that the access token was given to.
    const proof = createHmac('sha256', settings.secret).update(tokens.access_token).digest('hex')
    const person = object(await get(`${api}&appsecret_proof=${proof}`))
    const name = fullName(person.first_name, person.last_name)
    const alias = text(person.name)
    return {
      emails: oneEmail(person.email, false),
      claims: {
        ...standardClaims(api, { id: person.id, name, picture: member(person, 'picture', 'data', 'url') }),
        nickname: alias,
        slug: alias,
      },
    }
  },
}

export const kakao: Provider = {
  title: 'Kakao',
  email_proof: 'kakao_account.is_email_valid and is_email_verified',
  email_scope: 'account_email',
  scopes: ['account_email', 'profile_image', 'profile_nickname'],
  credentials: 'form',
  authorize: ['kauth.kakao.com', '/oauth/authorize'],
  token: ['kauth.kakao.com', '/oauth/token'],
  api: ['kapi.kakao.com', ''],
  async profile({ api, get }) {
    const person = object(await get(`${api}/v2/user/me`))
    const account = object(person.kakao_account)
    const name = text(member(account, 'profile', 'nickname'))
    const id = text(person.id)
    return {
      emails: oneEmail(account.email, isTrue(account.is_email_valid) && isTrue(account.is_email_verified)),
      claims: {
        iss: api,
        sub: id,
        provider_id: id,
        name,
        full_name: name,
        preferred_username: name,
        user_name: name,
        avatar_url: text(member(account, 'profile', 'profile_image_url')),
      },
    }
  },
}

export const snapchat: Provider = {
  title: 'Snapchat',
  email_proof: null,
  scopes: ['user.external_id', 'user.display_name', 'user.bitmoji.avatar'].map(
    (scope) => `https://auth.snapchat.com/oauth2/api/${scope}`,
  ),
  authorize: ['accounts.snapchat.com', '/accounts/oauth2/auth'],
  token: ['accounts.snapchat.com', '/accounts/oauth2/token'],
  api: ['kit.snapchat.com', '/v1/me'],
  async profile({ api, get }) {
    const query = encodeURIComponent('{me { externalId displayName bitmoji { avatar id } email } }')
    const me = member(await get(`${api}?query=${query}`), 'data', 'me')
    const name = text(member(me, 'displayName'))
    const picture = member(me, 'bitmoji', 'avatar')
    const iss = 'https://accounts.snapchat.com/accounts/oauth2/token'
    return {
      emails: oneEmail(member(me, 'email'), false),
      claims: { ...standardClaims(iss, { id: member(me, 'externalId'), name, picture }), slug: name },
    }
  },
}

export const spotify: Provider = {
  title: 'Spotify',
  email_proof: null,
  scopes: ['user-read-email'],
  authorize: ['accounts.spotify.com', '/authorize'],
  token: ['accounts.spotify.com', '/api/token'],
  api: ['api.spotify.com/v1', ''],
  async profile({ api, get }) {
    const person = object(await get(`${api}/me`))
    const area = (image: unknown) => Number(text(member(image, 'height'))) * Number(text(member(image, 'width')))
    const [largest] = list(person.images).toSorted((a, b) => area(b) - area(a))
    return {
      emails: oneEmail(person.email, false),
      claims: standardClaims(api, { id: person.id, name: person.display_name, picture: member(largest, 'url') }),
    }
  },
}

export const twitch: Provider = {
  title: 'Twitch',
  // Twitch tells of no address but one that it verified (reference of Get Users).
  email_proof: 'email',
  scopes: ['user:read:email'],
  authorize: ['id.twitch.tv', '/oauth2/authorize'],
  token: ['id.twitch.tv', '/oauth2/token'],
  api: ['api.twitch.tv', ''],
  async profile({ api, settings, get }) {
    const person = object(
      member(await get(`${api}/helix/users`, { 'client-id': settings.client_id[0] ?? '' }), 'data', 0),
    )
    const name = text(person.display_name)
    const { broadcaster_type, description, type, offline_image_url, view_count } = person
    return {
      emails: oneEmail(person.email, true),
      claims: {
        ...standardClaims(api, { id: person.id, name: person.login, picture: person.profile_image_url }),
        nickname: name,
        slug: name,
        custom_claims: { broadcaster_type, description, type, offline_image_url, view_count },
      },
    }
  },
}

export const x: Provider = {
  title: 'X',
  email_proof: 'confirmed_email',
  email_scope: 'users.email',
  scopes: ['users.email', 'tweet.read', 'users.read', 'offline.access'],
  pkce: true,
  authorize: ['x.com', '/i/oauth2/authorize'],
  token: ['api.x.com', '/2/oauth2/token'],
  api: ['api.x.com', ''],
  async profile({ api, get }) {
    const fields = 'id,name,username,confirmed_email,profile_image_url,url,created_at'
    const person = object(member(await get(`${api}/2/users/me?user.fields=${fields}`), 'data'))
    const name = text(person.username)
    return {
      emails: oneEmail(person.confirmed_email, true),
      claims: {
        ...standardClaims(api, { id: person.id, name: person.name, picture: person.profile_image_url }),
        preferred_username: name,
        user_name: name,
        profile: name === '' ? '' : `https://x.com/${name}`,
        website: text(person.url),
        ...(person.created_at !== undefined && { custom_claims: { created_at: person.created_at } }),
      },
    }
  },
}
