/** What is used of lockfile-lint-api, which brings no types. */
declare module 'lockfile-lint-api' {
  export type Packages = Readonly<Record<string, object>>
  export interface Verdict {
    readonly type: 'success' | 'error'
    readonly errors: readonly { readonly package: string; readonly message: string }[]
  }
  export class ParseLockfile {
    constructor(options: { readonly lockfileText: string; readonly lockfileType: 'npm' })
    parseSync(): { readonly object: Packages }
  }
  export class ValidateHost {
    constructor(options: { readonly packages: Packages })
    validate(hosts: readonly string[]): Verdict
  }
  export class ValidateHttps {
    constructor(options: { readonly packages: Packages })
    validate(): Verdict
  }
  export class ValidateIntegrity {
    constructor(options: { readonly packages: Packages })
    validate(): Verdict
  }
  export class ValidatePackageNames {
    constructor(options: { readonly packages: Packages })
    validate(): Verdict
  }
}
