// The log: one JSON line an event, by pino.
import pino from 'pino'
import type { Config } from './config/keys.ts'

/** The part of pino that the rooms use. */
export interface Logger {
  debug(fields: object, message?: string): void
  info(fields: object, message?: string): void
  warn(fields: object, message?: string): void
  error(fields: object, message?: string): void
}

/** Names of GOTRUE_LOG_LEVEL that pino spells otherwise. */
const levels: Record<string, string> = { warning: 'warn', panic: 'fatal' }

/** Logs to standard output, or to GOTRUE_LOG_FILE; causes of errors are written without their parameters. */
export function createLog(config: Pick<Config, 'log_level' | 'log_file' | 'log_fields'>): Logger {
  const level = levels[config.log_level] ?? config.log_level
  const options: pino.LoggerOptions = {
    level,
    base: config.log_fields,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    messageKey: 'msg',
    serializers: { err: (error: unknown) => describeError(error) },
  }
  return config.log_file === '' ? pino(options) : pino(options, pino.destination(config.log_file))
}

/** Name, message, code and stack, of the causes too; never parameters, which hold people's data. */
function describeError(error: unknown, depth = 0): object {
  if (!(error instanceof Error)) return { message: String(error).slice(0, 500) }
  const { name, message, stack, cause } = error
  const code = Reflect.get(error, 'sqlstate') ?? Reflect.get(error, 'code')
  return {
    name,
    message: message.slice(0, 500),
    ...(typeof code === 'string' && { code }),
    ...(stack && { stack: stack.slice(0, depth === 0 ? 1200 : 500) }),
    ...(cause !== undefined && depth < 2 && { cause: describeError(cause, depth + 1) }),
  }
}
