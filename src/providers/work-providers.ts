// Providers of people at work: code hosts, documents, meetings and company sign-in.
import { fullName, isTrue, oneEmail, type Profile, type ProviderEmail, standardClaims } from './claims.ts'
import type { ProfileCall, Provider } from './provider.ts'
import { list, member, object, text } from './read-answer.ts'

export const bitbucket: Provider = {
  title: 'Bitbucket',
  email_proof: 'is_confirmed',
  scopes: ['account', 'email'],
  fixed_scopes: true,
  authorize: ['bitbucket.org', '/site/oauth2/authorize'],
  token: ['bitbucket.org', '/site/oauth2/access_token'],
  api: ['api.bitbucket.org', '/2.0'],
  async profile({ api, get }) {
    const person = object(await get(`${api}/user`))
    const emails = list(member(await get(`${api}/user/emails`), 'values')).map(object)
    return {
      emails: emails.flatMap(({ email, is_confirmed, is_primary }) =>
        addressOfList(email, isTrue(is_confirmed), isTrue(is_primary)),
      ),
      claims: standardClaims(api, {
        id: person.uuid,
        name: person.display_name,
        picture: member(person, 'avatar', 'href'),
      }),
    }
  },
}

const addressOfList = (email: unknown, verified: boolean, primary: boolean): ProviderEmail[] =>
  typeof email === 'string' && email !== '' ? [{ email, verified, primary }] : []

export const figma: Provider = {
  title: 'Figma',
  email_proof: null,
  scopes: ['current_user:read'],
  authorize: ['www.figma.com', '/oauth'],
  token: ['api.figma.com', '/v1/oauth/token'],
  api: ['api.figma.com', ''],
  async profile({ api, get }) {
    const person = object(await get(`${api}/v1/me`))
    const claims = standardClaims(api, { id: person.id, name: person.handle })
    return { emails: oneEmail(person.email, false), claims: { ...claims, avatar_url: text(person.img_url) } }
  },
}

export const fly: Provider = {
  title: 'Fly',
  email_proof: null,
  scopes: ['read'],
  authorize: ['api.fly.io', '/oauth/authorize'],
  token: ['api.fly.io', '/oauth/token'],
  api: ['api.fly.io', ''],
  async profile({ api, get }) {
    const person = object(await get(`${api}/oauth/token/info`))
    const { resource_owner_id, organizations, application, scope, created_at } = person
    const id = text(person.user_id)
    return {
      emails: oneEmail(person.email, false),
      claims: {
        iss: api,
        sub: id,
        provider_id: id,
        full_name: text(person.user_name),
        custom_claims: { resource_owner_id, organizations, application, scope, created_at },
      },
    }
  },
}

export const github: Provider = {
  title: 'GitHub',
  email_proof: 'verified',
  scopes: ['user:email'],
  authorize: ['github.com', '/login/oauth/authorize'],
  token: ['github.com', '/login/oauth/access_token'],
  api: ['api.github.com', ''],
  own_api_path: '/api/v3',
  async profile({ api, get }) {
    const person = object(await get(`${api}/user`))
    const emails = list(await get(`${api}/user/emails`)).map(object)
    const login = text(person.login)
    return {
      emails: emails.flatMap(({ email, verified, primary }) => addressOfList(email, isTrue(verified), isTrue(primary))),
      claims: {
        ...standardClaims(api, { id: person.id, name: person.name }),
        preferred_username: login,
        user_name: login,
        avatar_url: text(person.avatar_url),
      },
    }
  },
}

export const gitlab: Provider = {
  title: 'GitLab',
  email_proof: 'confirmed_at',
  scopes: ['read_user'],
  authorize: ['gitlab.com', '/oauth/authorize'],
  token: ['gitlab.com', '/oauth/token'],
  api: ['gitlab.com', ''],
  async profile({ api, get }) {
    const person = object(await get(`${api}/api/v4/user`))
    const others = list(await get(`${api}/api/v4/user/emails`)).map(object)
    return {
      emails: [
        ...oneEmail(person.email, text(person.confirmed_at) !== ''),
        ...others.flatMap(({ email }) => addressOfList(email, false, false)),
      ],
      claims: standardClaims(api, { id: person.id, name: person.name, picture: person.avatar_url }),
    }
  },
}

export const linkedin: Provider = {
  title: 'LinkedIn',
  email_proof: null,
  email_scope: 'r_emailaddress',
  scopes: ['r_emailaddress', 'r_liteprofile'],
  authorize: ['api.linkedin.com', '/oauth/v2/authorization'],
  token: ['api.linkedin.com', '/oauth/v2/accessToken'],
  api: ['api.linkedin.com', ''],
  async profile({ api, get }) {
    const fields = '(id,firstName,lastName,profilePicture(displayImage~:playableStreams))'
    const person = object(await get(`${api}/v2/me?projection=${fields}`))
    const addresses = await get(`${api}/v2/emailAddress?q=members&projection=(elements*(handle~))`)
    const images = ['profilePicture', 'displayImage~', 'elements', 0, 'identifiers', 0, 'identifier']
    return {
      emails: oneEmail(member(addresses, 'elements', 0, 'handle~', 'emailAddress'), false),
      claims: standardClaims(api, {
        id: person.id,
        name: fullName(localized(person.firstName), localized(person.lastName)),
        picture: member(person, ...images),
      }),
    }
  },
}

const localized = (name: unknown): string => {
  const locale = `${text(member(name, 'preferredLocale', 'language'))}_${text(member(name, 'preferredLocale', 'country'))}`
  return text(member(name, 'localized', locale))
}

export const notion: Provider = {
  title: 'Notion',
  email_proof: null,
  scopes: [],
  fixed_scopes: true,
  authorize: ['api.notion.com', '/v1/oauth/authorize'],
  token: ['api.notion.com', '/v1/oauth/token'],
  api: ['api.notion.com', ''],
  async profile({ api, get }) {
    const answer = await get(`${api}/v1/users/me`, { 'notion-version': '2021-08-16' })
    const person = object(member(answer, 'bot', 'owner', 'user'))
    return {
      emails: oneEmail(member(person, 'person', 'email'), false),
      claims: standardClaims(api, { id: person.id, name: person.name, picture: person.avatar_url }),
    }
  },
}

async function slackProfile({ api, get }: ProfileCall): Promise<Profile> {
  const person = object(await get(`${api}/openid.connect.userInfo`))
  const [id, team] = [person['https://slack.com/user_id'], person['https://slack.com/team_id']]
  return {
    emails: oneEmail(person.email, isTrue(person.email_verified)),
    claims: {
      ...standardClaims(api, { id, name: person.name, picture: person.picture }),
      custom_claims: { 'https://slack.com/team_id': text(team) },
    },
  }
}

export const slack: Provider = {
  title: 'Slack',
  email_proof: 'email_verified',
  scopes: ['profile', 'email', 'openid'],
  authorize: ['slack.com', '/oauth/authorize'],
  token: ['slack.com', '/api/oauth.access'],
  api: ['slack.com', '/api'],
  profile: slackProfile,
}

export const slack_oidc: Provider = {
  ...slack,
  title: 'Slack (OIDC)',
  authorize: ['slack.com', '/openid/connect/authorize'],
  token: ['slack.com', '/api/openid.connect.token'],
}

export const workos: Provider = {
  title: 'WorkOS',
  email_proof: null,
  scopes: [],
  fixed_scopes: true,
  authorize: ['api.workos.com', '/sso/authorize'],
  token: ['api.workos.com', '/sso/token'],
  api: ['api.workos.com', ''],
  async profile({ api, tokens }) {
    const person = object(tokens.answer.profile)
    const { connection_id, organization_id } = person
    return {
      emails: oneEmail(person.email, false),
      claims: {
        ...standardClaims(api, { id: person.id, name: fullName(person.first_name, person.last_name) }),
        custom_claims: { connection_id, organization_id },
      },
    }
  },
}

export const zoom: Provider = {
  title: 'Zoom',
  email_proof: 'verified',
  scopes: [],
  fixed_scopes: true,
  authorize: ['zoom.us', '/oauth/authorize'],
  token: ['zoom.us', '/oauth/token'],
  api: ['api.zoom.us', '/v2'],
  async profile({ api, get }) {
    const person = object(await get(`${api}/users/me`))
    return {
      emails: oneEmail(person.email, person.verified === 1),
      claims: standardClaims(api, {
        id: person.id,
        name: fullName(person.first_name, person.last_name),
        picture: person.pic_url,
      }),
    }
  },
}
