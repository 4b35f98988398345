export interface Instance {
  readonly origin: string
  /** The root certificate of the local authority, where Caddy serves with one. */
  readonly certificate: string | undefined
  readonly demoKeys: Readonly<Record<string, string>> | undefined
}

/** What a person reads once everything runs: where it is, and what to do first. */
export function describeInstance({ origin, certificate, demoKeys }: Instance): string {
  const curl = certificate === undefined ? 'curl' : `curl --cacert ${certificate}`
  const lines = [
    '',
    `Oort is up: ${origin}`,
    '',
    `  Is it well?     ${curl} ${origin}/healthz`,
    `  Every route     ${curl} ${origin}/api/openapi.json`,
  ]
  if (certificate !== undefined) {
    lines.push(
      '',
      'The certificate comes from an authority made for this directory. Browsers warn once; to spare them the warning,',
      `import ${certificate} as a trusted authority. Nothing was installed for you.`,
    )
  } else {
    lines.push(
      '',
      'There is no Caddy on this machine, so this is plain HTTP on loopback: install Caddy to try it with TLS.',
    )
  }
  if (demoKeys !== undefined) {
    lines.push(
      '',
      'Demo: the providers are emulated on this machine. Sign up, add one of these keys, run a prompt.',
      ...Object.entries(demoKeys).map(([provider, key]) => `  ${provider.padEnd(12)}${key}`),
    )
  }
  return `${lines.join('\n')}\n\nStop with Ctrl-C.\n`
}
