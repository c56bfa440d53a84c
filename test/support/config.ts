// Configurations of a few variables, and what is wrong with them.
import assert from 'node:assert/strict'
import type { Config } from '../../src/config/keys.ts'
import { ConfigError, type Environment, loadConfig } from '../../src/config/load.ts'

/** The variables without which nothing starts, and those without which it would warn. */
export const least: Environment = {
  DATABASE_URL: 'postgres://postern:secret@127.0.0.1:5432/postern',
  API_EXTERNAL_URL: 'https://auth.example.com',
  GOTRUE_SITE_URL: 'https://app.example.com',
  GOTRUE_JWT_SECRET: 'a secret of more than thirty-two characters',
  GOTRUE_JWT_AUD: 'authenticated',
  GOTRUE_JWT_DEFAULT_GROUP_NAME: 'authenticated',
  GOTRUE_SMTP_HOST: 'mail.example.com',
  GOTRUE_SMTP_ADMIN_EMAIL: 'no-reply@example.com',
}

/** The configuration of the least and further variables. */
export const load = (env: Environment = {}): Config => loadConfig({ ...least, ...env }).config

/** What such a configuration warns of. */
export const warningsOf = (env: Environment): string[] => loadConfig({ ...least, ...env }).warnings

/** The problems of variables; none for a good configuration. */
export function problemsOf(env: Environment, base = least): string[] {
  try {
    loadConfig({ ...base, ...env })
    return []
  } catch (error) {
    assert(error instanceof ConfigError)
    return error.problems
  }
}

/** Each case has exactly one problem, which begins with the name of the variable. */
export function eachIsRefused(cases: readonly [env: Environment, name: string, says: RegExp][]): void {
  for (const [env, name, says] of cases) {
    const problems = problemsOf(env)
    assert.equal(problems.length, 1, `${JSON.stringify(env)} has the problems ${JSON.stringify(problems)}`)
    assert(problems[0]?.startsWith(name), `${problems[0]} names ${name}`)
    assert.match(problems[0] ?? '', says)
  }
}
