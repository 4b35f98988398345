/** A body of rules, and how Oort stands to it. */
export interface Framework {
  readonly name: string
  readonly use: string
  readonly attested: string
}

export const designedAround: readonly Framework[] = [
  {
    name: 'OWASP ASVS 5.0',
    use: 'Its requirements are the list that the design and the tests go by. The file tests/ASVS.md has each of them, with the tests that hold it or the reason why none does, also where Oort falls short.',
    attested: 'Nobody has assessed Oort against it, and we claim none of its levels.',
  },
  {
    name: 'NIST SP 800-63B-4',
    use: 'Passwords: 15 characters without a second factor, a list of common ones, no rules of composition, no expiry. Passkeys with verification of the person.',
    attested: 'No authenticator assurance level has been assessed.',
  },
  {
    name: 'NIST SP 800-38D',
    use: 'AES-256-GCM as it describes it: 96-bit random nonces, 128-bit tags, a count of uses for each key.',
    attested:
      'The cryptographic module is Node’s OpenSSL as it comes. It is not operated in a FIPS 140-3 validated mode.',
  },
  {
    name: 'CIS Benchmarks and CIS Controls 8.1',
    use: 'Containers without privileges, on a file system that they cannot write; logs; backups that are rehearsed; an inventory by lockfile.',
    attested: 'No benchmark has been scored, and the host is its operator’s to harden.',
  },
  {
    name: 'RFC 6797, RFC 9116 and RFC 9457',
    use: 'Strict transport, security.txt, and errors as problem documents without stacks, queries or paths.',
    attested: 'There is nothing to be certified for. Our tests hold the answers to their texts.',
  },
]

export const notCertified: readonly Framework[] = [
  {
    name: 'HIPAA',
    use: 'Do not put protected health information into Oort: there is no business associate agreement.',
    attested: 'Not attested.',
  },
  {
    name: 'PCI DSS',
    use: 'Card data is taken by Stripe on its own pages, and Oort never sees it.',
    attested: 'Not attested.',
  },
  { name: 'FedRAMP', use: 'Oort has no authorisation and is in no marketplace.', attested: 'Not attested.' },
  { name: 'SOC 2 and ISO/IEC 27001', use: 'No auditor has looked at Oort.', attested: 'Not attested.' },
]

/** Where vulnerabilities are reported. `security.txt` names the same. */
export const contact = 'security@oort.dev'

export const aReportHolds: readonly string[] = [
  'what you found, and what it lets somebody do who should not be able to',
  'how to repeat it: requests, steps or code, from a fresh installation where that is possible',
  'the version or commit you looked at, and how it was run',
  'whether anybody else knows of it, and by when you would like to publish',
]

/** What we commit to, and by when. */
export interface Commitment {
  readonly what: string
  readonly within: string
}

export const commitments: readonly Commitment[] = [
  { what: 'A person answers, and says that the report has arrived', within: '3 working days' },
  { what: 'Our judgement: whether it is a vulnerability, how bad, and what comes next', within: '10 working days' },
  { what: 'Word of how the work goes on, without being asked', within: 'every 14 days' },
  { what: 'A fix or a way around, where keys, prompts or accounts are at risk', within: '30 days' },
  { what: 'Disclosure at a date agreed with you, with your name if you like', within: '90 days at the latest' },
]

export const policy = {
  safeHarbour:
    'Research in good faith is welcome. Keep to accounts and data of your own, stop at the first proof, leave what belongs to others alone, do not degrade the service, and give us the time named below before you publish. Then we consider your research authorised, take no legal action over it, and say so to anybody else who would.',
  scope:
    'In scope is what the repository holds: Oort itself, its containers and its Caddyfile. Reports about somebody’s own installation go to whoever runs it. Out of scope are the providers’ services, findings of scanners without an effect, and denial of service by volume.',
  bounty: 'There is no price list. A bounty is decided case by case, by what the finding could have done to users.',
  pgp: 'If the details should not travel in the clear, ask for our PGP key in a first message that holds none of them.',
} as const
