// Attributes of users and groups (RFC 7643 §4): what is read, shown, filtered and described is all from these tables.

/** An attribute. */
export interface Attribute {
  name: string
  type: 'string' | 'boolean' | 'dateTime' | 'complex'
  about: string
  multiple?: boolean
  required?: boolean
  /** Whether case counts in comparisons. */
  exact?: boolean
  mutability?: 'readOnly' | 'readWrite' | 'writeOnly'
  unique?: boolean
  sub?: readonly Attribute[]
}

/** A schema. */
export interface Schema {
  id: string
  name: string
  about: string
  attributes: readonly Attribute[]
}

type More = Partial<Omit<Attribute, 'name' | 'about'>>

const string = (name: string, about: string, more: More = {}): Attribute => ({ name, type: 'string', about, ...more })
const complex = (name: string, about: string, sub: readonly Attribute[], more: More = {}): Attribute => ({
  name,
  type: 'complex',
  about,
  sub,
  ...more,
})
const readOnly = { mutability: 'readOnly' } as const

/** The parts that elements of lists have alike (RFC 7643 §2.4). */
const elements = [
  string('value', 'The value itself'),
  string('display', 'The value as people read it'),
  string('type', 'What it is used for, such as work'),
  { name: 'primary', type: 'boolean', about: 'Whether it is the preferred one' },
] as const satisfies readonly Attribute[]

const list = (name: string, about: string): Attribute => complex(name, about, elements, { multiple: true })

/** Attributes that every resource has (RFC 7643 §3.1). */
const commonAttributes: readonly Attribute[] = [
  string('id', 'The id here', { ...readOnly, exact: true }),
  string('externalId', 'The id at the identity provider', { exact: true }),
  complex(
    'meta',
    'What is known of the resource',
    [
      string('resourceType', 'Its kind'),
      { name: 'created', type: 'dateTime', about: 'When it was made' },
      { name: 'lastModified', type: 'dateTime', about: 'When it was changed last' },
      string('location', 'Its address'),
      string('version', 'Its version'),
    ],
    readOnly,
  ),
]

/** The schema of users. */
export const userSchema: Schema = {
  id: 'urn:ietf:params:scim:schemas:core:2.0:User',
  name: 'User',
  about: 'An account',
  attributes: [
    string('userName', 'The name that the person signs in with at the identity provider', {
      required: true,
      unique: true,
    }),
    complex('name', 'The parts of the name', [
      string('formatted', 'The whole name'),
      string('familyName', 'The family name'),
      string('givenName', 'The given name'),
      string('middleName', 'Middle names'),
      string('honorificPrefix', 'Titles before the name'),
      string('honorificSuffix', 'What follows the name'),
    ]),
    string('displayName', 'The name as people read it'),
    string('nickName', 'The casual name'),
    string('profileUrl', 'Address of a profile'),
    string('title', 'The position'),
    string('userType', 'How the person belongs to the company'),
    string('preferredLanguage', 'The language'),
    string('locale', 'The form of dates and numbers'),
    string('timezone', 'The time zone'),
    { name: 'active', type: 'boolean', about: 'Whether the person may sign in' },
    string('password', 'Taken and thrown away: people sign in at the identity provider', { mutability: 'writeOnly' }),
    list('emails', 'E-mail addresses'),
    list('phoneNumbers', 'Phone numbers'),
    list('ims', 'Addresses of messengers'),
    list('photos', 'Addresses of pictures'),
    complex(
      'addresses',
      'Postal addresses',
      [
        string('formatted', 'The whole address'),
        string('streetAddress', 'Street and number'),
        string('locality', 'The place'),
        string('region', 'The region'),
        string('postalCode', 'The postal code'),
        string('country', 'The country'),
        string('type', 'What it is used for'),
        { name: 'primary', type: 'boolean', about: 'Whether it is the preferred one' },
      ],
      { multiple: true },
    ),
    complex(
      'groups',
      'Groups that the person is in',
      [
        string('value', 'The id of the group', { exact: true }),
        string('$ref', 'The address of the group'),
        string('display', 'The name of the group'),
        string('type', 'How the person is in it'),
      ],
      { multiple: true, ...readOnly },
    ),
    list('entitlements', 'What the person is entitled to'),
    list('roles', 'Roles of the person'),
    list('x509Certificates', 'Certificates'),
  ],
}

/** The extension for companies (RFC 7643 §4.3). */
export const enterpriseSchema: Schema = {
  id: 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User',
  name: 'EnterpriseUser',
  about: 'What companies know of their people',
  attributes: [
    string('employeeNumber', 'The number of the person'),
    string('costCenter', 'The cost centre'),
    string('organization', 'The organisation'),
    string('division', 'The division'),
    string('department', 'The department'),
    complex('manager', 'Who the person reports to', [
      string('value', 'The id of that person', { exact: true }),
      string('$ref', 'The address of that person'),
      string('displayName', 'The name of that person'),
    ]),
  ],
}

/** The schema of groups. */
export const groupSchema: Schema = {
  id: 'urn:ietf:params:scim:schemas:core:2.0:Group',
  name: 'Group',
  about: 'A group of accounts, whose name is in app_metadata.groups of each',
  attributes: [
    string('displayName', 'The name', { required: true, unique: true }),
    complex(
      'members',
      'Who is in it',
      [
        string('value', 'The id of a user', { exact: true }),
        string('$ref', 'The address of that user'),
        string('display', 'The name of that user'),
        string('type', 'Always User'),
      ],
      { multiple: true },
    ),
  ],
}

/** What a kind of resource is made of: its own attributes, and those of extensions below their names. */
export interface ResourceSchema {
  core: Schema
  extensions: readonly Schema[]
}

/** Users. */
export const users: ResourceSchema = { core: userSchema, extensions: [enterpriseSchema] }

/** Groups. */
export const groups: ResourceSchema = { core: groupSchema, extensions: [] }

/** The top level of a resource: extensions are objects below their names. */
export const attributesOf = ({ core, extensions }: ResourceSchema): readonly Attribute[] => [
  ...commonAttributes,
  ...core.attributes,
  ...extensions.map(({ id, about, attributes }) => complex(id, about, attributes)),
]
