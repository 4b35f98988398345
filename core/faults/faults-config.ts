/** `https://<key>@<host>[/<path>]/<project>`. Source: https://develop.sentry.dev/sdk/foundations/transport/authentication/ */
const form = /^https?:\/\/[0-9a-f]{32}@[\w.:[\]-]+\/(?:[\w.-]+\/)*\d+$/i

/** Where faults go. Tells `problem` of a DSN that is none, and of one without TLS in production; never its value. */
export function readFaultReports(
  dsn: string | undefined,
  production: boolean,
  problem: (message: string) => void,
): { readonly dsn: string } | undefined {
  if (dsn === undefined) return undefined
  if (!form.test(dsn)) problem('SENTRY_DSN is no DSN: https://<key>@<host>/<project>')
  else if (production && !dsn.startsWith('https://')) problem('SENTRY_DSN must use https in production')
  return { dsn }
}
