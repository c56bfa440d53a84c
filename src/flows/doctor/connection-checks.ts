// Checks of everything else that a server speaks with: mail, hooks, providers, senders, Redis, and its own address.
import { hookNames, providerNames } from '../../config/families.ts'
import type { Config } from '../../config/keys.ts'
import { hasPackages } from '../../config/needed-packages.ts'
import { connectionBound, openFileLimit } from '../../config/open-files.ts'
import { verifySmtp } from '../../delivery/smtp.ts'
import { isWithoutTls, withoutTls } from '../../delivery/smtp-failure.ts'
import { checkRedis } from '../../limits/redis-store.ts'
import { systemCode } from '../../system-code.ts'
import type { Check } from './check.ts'
import { explainFailure } from './explain-failure.ts'
import { reachProblem } from './reach.ts'

type Addresses = (config: Config) => [variable: string, address: string][]

const isWeb = (address: string): boolean => /^https?:\/\//i.test(address) && URL.canParse(address)

/** A check that something is there at some addresses. */
function reaching(name: string, addressesOf: Addresses): Check {
  const found: Addresses = (config) => addressesOf(config).filter(([, address]) => isWeb(address))
  return {
    name,
    applies: (config) => found(config).length > 0,
    async run({ config, now }) {
      const problems = found(config).map(async ([variable, address]) => {
        const problem = await reachProblem(address, now)
        return problem === null ? [] : [`${variable}: ${problem}`]
      })
      return (await Promise.all(problems)).flat()
    },
  }
}

/** Files that may be open below which a server is told of: browsers keep several connections each. */
const few_files = 4096

/** What is wrong with a limit of open files. */
export function openFilesProblem(asked: number, files: number): string | null {
  const room = connectionBound(asked, files)
  if (room >= asked && files >= few_files) return null
  const wanted = asked > room ? ` of the ${asked} that POSTERN_MAX_CONNECTIONS asks for` : ''
  return `a process may have ${files} files open here, which leaves room for ${room} connections${wanted}: raise the limit (ulimit -n 65536, LimitNOFILE= of systemd, ulimits of a container)`
}

/** The table. */
export const connectionChecks: readonly Check[] = [
  {
    name: 'open files',
    applies: () => true,
    async run({ config }) {
      const problem = openFilesProblem(config.max_connections, openFileLimit())
      return problem === null ? [] : [problem]
    },
  },
  {
    name: 'mail (SMTP)',
    applies: ({ smtp_host }) => smtp_host !== '',
    async run({ config }) {
      try {
        await verifySmtp(config)
        return []
      } catch (error) {
        if (isWithoutTls(error)) return [`GOTRUE_SMTP_HOST: ${withoutTls}`]
        const isLogin = systemCode(error) === 'EAUTH'
        return [
          isLogin
            ? 'GOTRUE_SMTP_USER, GOTRUE_SMTP_PASS: the mail server refuses them; set those that it gave out'
            : `GOTRUE_SMTP_HOST, GOTRUE_SMTP_PORT: ${explainFailure(error)}`,
        ]
      }
    },
  },
  reaching('hooks', ({ hooks }) =>
    hookNames
      .filter((name) => hooks[name].enabled)
      .map((name) => [`GOTRUE_HOOK_${name.toUpperCase()}_URI`, hooks[name].uri]),
  ),
  reaching('providers', ({ external }) =>
    providerNames
      .filter((name) => external[name].enabled)
      .map((name) => [`GOTRUE_EXTERNAL_${name.toUpperCase()}_URL`, external[name].url]),
  ),
  reaching('services', (config) => {
    const asked: [isOn: boolean, variable: string, address: string][] = [
      [config.security_captcha_enabled, 'POSTERN_CAPTCHA_URL', config.security_captcha_url],
      [true, 'GOTRUE_MAILER_EMAIL_VALIDATION_SERVICE_URL', config.mailer_email_validation_service_url],
      [config.external_phone_enabled, 'POSTERN_SMS_HTTP_URL', config.sms_http_url],
      [config.external_phone_enabled, 'POSTERN_SMS_BASE_URL', config.sms_base_url],
    ]
    return asked.filter(([isOn]) => isOn).map(([, variable, address]) => [variable, address])
  }),
  {
    name: 'Redis',
    // Without its package that is what is missing, and told by a check of its own.
    applies: ({ rate_limit_store }) => rate_limit_store === 'redis' && hasPackages('redis'),
    async run({ config }) {
      try {
        await checkRedis(config.redis_url)
        return []
      } catch (error) {
        const isLogin = /NOAUTH|WRONGPASS|AUTH/.test(String(error))
        return [
          `POSTERN_REDIS_URL: ${isLogin ? 'user or password is wrong: set those of the server' : explainFailure(error)}`,
        ]
      }
    },
  },
  {
    name: 'certificate of this server',
    applies: ({ api_external_url }) => /^https:/i.test(api_external_url) && isWeb(api_external_url),
    async run({ config, now }) {
      const problem = await reachProblem(config.api_external_url, now)
      if (problem === null) return []
      // Before its first start, or seen from within, nothing may be there: only a bad certificate is a problem.
      if (problem.startsWith('its certificate')) return [`API_EXTERNAL_URL: ${problem}`]
      return { since: 'API_EXTERNAL_URL cannot be reached from here' }
    },
  },
]
