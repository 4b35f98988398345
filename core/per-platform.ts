import type { Platform } from './platform.ts'

/** What a platform has one of in this process: made when it is first asked for, and gone with the platform. */
export function perPlatform<T extends object>(create: (platform: Platform) => T): (platform: Platform) => T {
  const made = new WeakMap<Platform, T>()
  return (platform) => {
    const known = made.get(platform) ?? create(platform)
    made.set(platform, known)
    return known
  }
}
