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
  if (demoKeys !== undefined) lines.push(...describeDemo(origin, curl, demoKeys))
  return `${lines.join('\n')}\n\nStop with Ctrl-C.\n`
}

/** The whole way once, from an account to an answer, to be pasted into a shell as it stands. */
function describeDemo(origin: string, curl: string, keys: Readonly<Record<string, string>>): readonly string[] {
  const post = (path: string, body: Readonly<Record<string, string>>): string =>
    `  oort ${origin}/api/${path} -d '${JSON.stringify(body)}'`
  return [
    '',
    'Demo: the providers are emulated on this machine. They accept these keys, which are worth nothing elsewhere:',
    ...Object.entries(keys).map(([provider, key]) => `  ${provider.padEnd(12)}${key}`),
    '',
    'From an account to an answer:',
    `  oort() { ${curl} -sN -H content-type:application/json -H origin:${origin} -b data/demo.jar -c data/demo.jar "$@"; echo; }`,
    post('auth/sign-up', { email: 'demo@oort.example', password: 'three calm otters cross the bay' }),
    post('keys', { provider: 'openai', key: keys['openai'] ?? '' }),
    post('runs', { model: 'gpt-6-luna', prompt: 'Say hello' }),
  ]
}
