import * as z from 'zod'
import { type BackupConfig, readBackupConfig } from './backup/backup-config.ts'
import { refuseWeakSecret } from './crypto/secret-strength.ts'
import { readFaultReports } from './faults/faults-config.ts'
import { type PaymentsConfig, readPaymentsConfig } from './plans/payments-config.ts'
import { readDatabaseConfig } from './store/database-config.ts'

const csv = z.string().transform((list) =>
  list
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== ''),
)

/** A provider's origin. Plain HTTP is for the emulator on this machine alone. */
const origin = z.url({ protocol: /^https?$/ }).transform((url) => new URL(url).origin)

const optional = z
  .string()
  .transform((value) => (value === '' ? undefined : value))
  .optional()

const environment = z.object({
  NODE_ENV: z.enum(['development', 'test', 'production']),
  BYOK_MASTER_KEY: optional,
  BYOK_MASTER_KEY_PREVIOUS: optional,
  SESSION_SECRET: optional,
  SESSION_SECRET_PREVIOUS: optional,
  DATABASE_URL: optional,
  OORT_DATA_DIR: z.string().min(1).default('data'),
  OORT_PUBLIC_URL: z
    .url()
    .default('https://localhost:8443')
    .transform((url) => new URL(url).origin),
  OORT_HOST: z.string().default('127.0.0.1'),
  OORT_PORT: z.coerce.number().int().min(0).max(65_535).default(3000),
  OORT_TRUSTED_PROXIES: csv.default(['127.0.0.1', '::1']),
  OORT_LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  OORT_WORKERS: z.coerce.number().int().min(1).max(64).default(1),
  OORT_METRICS_HOST: z.string().min(1).default('127.0.0.1'),
  OORT_METRICS_PORT: z
    .union([z.literal('').transform(() => undefined), z.coerce.number().int().min(0).max(65_535)])
    .optional(),
  OTEL_EXPORTER_OTLP_ENDPOINT: z
    .union([z.literal('').transform(() => undefined), z.url({ protocol: /^https?$/ })])
    .optional(),
  OORT_RATE_LIMIT: z.coerce.number().int().min(0).default(600),
  OORT_OPENAI_URL: origin.default('https://api.openai.com'),
  OORT_ANTHROPIC_URL: origin.default('https://api.anthropic.com'),
  OORT_CEREBRAS_URL: origin.default('https://api.cerebras.ai'),
  SMTP_URL: optional,
  MAIL_FROM: z.string().default('Oort <no-reply@localhost>'),
  SENTRY_DSN: optional,
  STRIPE_SECRET_KEY: optional,
  STRIPE_WEBHOOK_SECRET: optional,
  STRIPE_WEBHOOK_SECRET_PREVIOUS: optional,
  STRIPE_API_URL: origin.default('https://api.stripe.com'),
  STRIPE_PRICE_PLUS: optional,
  STRIPE_PRICE_PRO: optional,
  OORT_BACKUP_TARGET: optional,
  OORT_BACKUP_KEY: optional,
  OORT_BACKUP_KEEP_DAYS: z.coerce.number().int().min(1).default(30),
  OORT_BACKUP_S3_ENDPOINT: optional,
  OORT_BACKUP_S3_REGION: z.string().min(1).default('us-east-1'),
  OORT_BACKUP_S3_ACCESS_KEY_ID: optional,
  OORT_BACKUP_S3_SECRET_ACCESS_KEY: optional,
})

export interface Config {
  readonly environment: 'development' | 'test' | 'production'
  readonly secrets: {
    readonly byokMasterKey: string
    readonly byokMasterKeyPrevious: string | undefined
    readonly session: string
    readonly sessionPrevious: string | undefined
  }
  /** The PostgreSQL database that is the system of record; undefined for the SQLite file in `dataDir`. */
  readonly databaseUrl: string | undefined
  readonly dataDir: string
  /** The origin under which browsers reach us, such as `https://oort.example`. */
  readonly publicUrl: string
  readonly listen: { readonly host: string; readonly port: number }
  readonly trustedProxies: readonly string[]
  readonly logLevel: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent'
  /** Processes that the router runs in. */
  readonly workers: number
  /** Where figures are told to whoever watches this instance; undefined for nowhere. Never the public port. */
  readonly metrics: { readonly host: string; readonly port: number } | undefined
  /** The collector that traces go to, by the address below which it has `/v1/traces`; undefined for nowhere. */
  readonly traces: { readonly endpoint: string } | undefined
  /** Requests a minute for each user, or each address that is not signed in; 0 for no limit. */
  readonly rateLimit: number
  /** The one origin to which the keys of each provider may go. */
  readonly providerOrigins: { readonly openai: string; readonly anthropic: string; readonly cerebras: string }
  readonly mail: { readonly smtpUrl: string | undefined; readonly from: string }
  /** Where faults of ours are reported; undefined for nowhere. */
  readonly faultReports: { readonly dsn: string } | undefined
  /** Undefined where no payments are taken: then no account has a limit. */
  readonly payments: PaymentsConfig | undefined
  /** Undefined where no backups are made. */
  readonly backups: BackupConfig | undefined
}

/** A start that must not happen: the message names each variable and what is wrong, never a value. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

/**
 * Reads the configuration from environment variables (see `.env.example`) once, at start.
 * Throws ConfigError for an absent or weak secret and for any malformed value. Secrets have no default.
 */
export function parseConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const parsed = environment.safeParse({ ...env, NODE_ENV: env['NODE_ENV'] ?? 'production' })
  if (!parsed.success) {
    throw new ConfigError(parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('\n'))
  }
  const values = parsed.data
  const production = values.NODE_ENV === 'production'
  const problems: string[] = []

  const secret = (name: 'BYOK_MASTER_KEY' | 'SESSION_SECRET'): string => {
    const value = values[name]
    const problem = value === undefined ? 'is not set' : refuseWeakSecret(value)
    if (problem !== undefined) problems.push(`${name} ${problem}`)
    return value ?? ''
  }
  const previous = (name: 'BYOK_MASTER_KEY_PREVIOUS' | 'SESSION_SECRET_PREVIOUS'): string | undefined => {
    const value = values[name]
    const problem = value === undefined ? undefined : refuseWeakSecret(value)
    if (problem !== undefined) problems.push(`${name} ${problem}`)
    return value
  }
  const provider = (name: 'OORT_OPENAI_URL' | 'OORT_ANTHROPIC_URL' | 'OORT_CEREBRAS_URL'): string => {
    if (production && !values[name].startsWith('https://')) problems.push(`${name} must use https in production`)
    return values[name]
  }

  const otherSecrets = [
    values.BYOK_MASTER_KEY,
    values.BYOK_MASTER_KEY_PREVIOUS,
    values.SESSION_SECRET,
    values.SESSION_SECRET_PREVIOUS,
  ]
  const config: Config = {
    environment: values.NODE_ENV,
    secrets: {
      byokMasterKey: secret('BYOK_MASTER_KEY'),
      byokMasterKeyPrevious: previous('BYOK_MASTER_KEY_PREVIOUS'),
      session: secret('SESSION_SECRET'),
      sessionPrevious: previous('SESSION_SECRET_PREVIOUS'),
    },
    databaseUrl: readDatabaseConfig(values.DATABASE_URL, production, (problem) => problems.push(problem)),
    dataDir: values.OORT_DATA_DIR,
    publicUrl: values.OORT_PUBLIC_URL,
    listen: { host: values.OORT_HOST, port: values.OORT_PORT },
    trustedProxies: values.OORT_TRUSTED_PROXIES,
    logLevel: values.OORT_LOG_LEVEL,
    workers: values.OORT_WORKERS,
    metrics:
      values.OORT_METRICS_PORT === undefined
        ? undefined
        : { host: values.OORT_METRICS_HOST, port: values.OORT_METRICS_PORT },
    traces:
      values.OTEL_EXPORTER_OTLP_ENDPOINT === undefined ? undefined : { endpoint: values.OTEL_EXPORTER_OTLP_ENDPOINT },
    rateLimit: values.OORT_RATE_LIMIT,
    providerOrigins: {
      openai: provider('OORT_OPENAI_URL'),
      anthropic: provider('OORT_ANTHROPIC_URL'),
      cerebras: provider('OORT_CEREBRAS_URL'),
    },
    mail: { smtpUrl: values.SMTP_URL, from: values.MAIL_FROM },
    faultReports: readFaultReports(values.SENTRY_DSN, production, (problem) => problems.push(problem)),
    payments: readPaymentsConfig(values, production, (problem) => problems.push(problem)),
    backups: readBackupConfig(values, otherSecrets, (problem) => problems.push(problem)),
  }
  if (production && !config.publicUrl.startsWith('https://'))
    problems.push('OORT_PUBLIC_URL must use https in production')
  if (problems.length > 0) throw new ConfigError(problems.join('\n'))
  return Object.freeze(config)
}
